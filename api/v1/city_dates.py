"""The city's own dates: managed by its staff, shown on its associations' calendars."""

from typing import Any

from django.shortcuts import get_object_or_404
from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from api.pagination import Whole
from api.shapes import VERSION, DayField, LineField, Versioned
from api.views import CityView, endpoint
from controlplane.cities.models import CityDate


class CityDateShape(Serializer[CityDate]):
    id = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=CityDate.Kind.choices)
    title = serializers.CharField()
    starts_on = serializers.DateField()
    ends_on = serializers.DateField()
    ward = serializers.CharField(allow_blank=True, help_text="Empty: the whole city.")
    url = serializers.CharField(allow_blank=True)


class OwnDateShape(CityDateShape):
    version = serializers.IntegerField(help_text=VERSION)


class CityDateDraft(Serializer[Any]):
    kind = serializers.ChoiceField(choices=CityDate.Kind.choices)
    title = LineField(max_length=120)
    starts_on = DayField()
    ends_on = DayField(required=False, allow_null=True)
    ward = serializers.CharField(max_length=20, required=False, allow_blank=True)
    url = serializers.URLField(max_length=300, required=False, allow_blank=True)


class CityDateChange(Versioned, CityDateDraft):
    pass


class CityDatesView(CityView):
    pagination_class = Whole


class CityDateList(CityDatesView):
    @endpoint("The city's dates from today on", gives=OwnDateShape(many=True))
    def get(self, request: Request, slug: str) -> Response:
        return self.page(OwnDateShape, self.city(slug).dates.filter(ends_on__gte=timezone.localdate()))

    @endpoint("Tell the associations of a date", takes=CityDateDraft, gives=OwnDateShape, status=201)
    def post(self, request: Request, slug: str) -> Response:
        """It stands on the calendars of the city's sites within a minute."""
        city = self.city(slug)
        told = {"ends_on": None} | self.body(CityDateDraft)
        return self.answer(OwnDateShape, CityDate.announce(city, by=self.by, **told), status=201)


class CityDateDetail(CityDatesView):
    @endpoint("One date", gives=OwnDateShape)
    def get(self, request: Request, slug: str, pk: int) -> Response:
        return self.answer(OwnDateShape, get_object_or_404(self.city(slug).dates, pk=pk))

    @endpoint("Correct a date", takes=CityDateChange, gives=OwnDateShape)
    def patch(self, request: Request, slug: str, pk: int) -> Response:
        told = get_object_or_404(self.city(slug).dates, pk=pk)
        told.correct(by=self.by, **self.change(CityDateChange))
        return self.answer(OwnDateShape, told)

    @endpoint("Take a date off the calendars", status=204)
    def delete(self, request: Request, slug: str, pk: int) -> Response:
        get_object_or_404(self.city(slug).dates, pk=pk).withdraw(by=self.by)
        return Response(status=204)
