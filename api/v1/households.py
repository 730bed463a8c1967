"""Households, as officers and their own group's leaders know them."""

from typing import Any, ClassVar

from django.shortcuts import get_object_or_404
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from api.pagination import InOrder
from api.shapes import VERSION, GroupRef, LineField, Versioned, reachable
from api.views import SiteView, endpoint
from tenants.members.models import Act, Group, Household


class HouseholdShape(Serializer[Household]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    group = GroupRef(allow_null=True)
    channel = serializers.ChoiceField(choices=Household.Channel.choices)
    address = serializers.SerializerMethodField(help_text="Officers only; empty for leaders.")
    postal_code = serializers.SerializerMethodField(help_text="Officers only; empty for leaders.")
    version = serializers.IntegerField(help_text=VERSION)

    def get_address(self, home: Household) -> str:
        return home.address if self._is_open(home) else ""

    def get_postal_code(self, home: Household) -> str:
        return home.postal_code if self._is_open(home) else ""

    def _is_open(self, home: Household) -> bool:
        return home.shows_address_to(self.context["member"])


class HouseholdDraft(Serializer[Any]):
    name = LineField(max_length=60)
    group = reachable(Group, lambda member: Group.objects.all(), required=False, allow_null=True)
    channel = serializers.ChoiceField(choices=Household.Channel.choices, required=False)
    address = LineField(max_length=200, required=False, allow_blank=True)
    postal_code = LineField(max_length=8, required=False, allow_blank=True)


class HouseholdChange(Versioned, HouseholdDraft):
    pass


class HouseholdView(SiteView):
    pagination_class = InOrder

    acts: ClassVar = {"GET": Act.SEE_ROSTER, "POST": Act.KEEP_HOME, "PATCH": Act.KEEP_HOME}


class Households(HouseholdView):
    @endpoint("Households", gives=HouseholdShape(many=True))
    def get(self, request: Request) -> Response:
        """Officers see all, leaders their own groups'."""
        return self.page(HouseholdShape, Household.objects.known_to(self.member).select_related("group"))

    @endpoint("Write down a household", takes=HouseholdDraft, gives=HouseholdShape, status=201)
    def post(self, request: Request) -> Response:
        """One that nobody has registered: reached on paper unless it says otherwise. Officers."""
        home = Household.objects.add(by=self.member, **self.body(HouseholdDraft))
        return self.answer(HouseholdShape, home, status=201)


class HouseholdDetail(HouseholdView):
    @endpoint("One household", gives=HouseholdShape)
    def get(self, request: Request, pk: int) -> Response:
        return self.answer(HouseholdShape, self._home(pk))

    @endpoint("Correct a household", takes=HouseholdChange, gives=HouseholdShape)
    def patch(self, request: Request, pk: int) -> Response:
        home = self._home(pk)
        home.correct(by=self.member, **self.change(HouseholdChange))
        return self.answer(HouseholdShape, home)

    def _home(self, pk: int) -> Household:
        return get_object_or_404(Household.objects.known_to(self.member).select_related("group"), pk=pk)
