"""How Kairan spreads in a city, for that city's staff: counts only, with anything under five people hidden."""

from typing import Any

from django.http import Http404
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from rest_framework import serializers
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from api.permissions import IsCityStaff, city_staff_of
from api.views import KairanView, endpoint
from controlplane.cities.dashboard import AdoptionReport, AssociationRow, Total
from controlplane.cities.trend import TrendPoint

HIDDEN = "Null below five."


class People(serializers.IntegerField):
    """A count of people as it may be shown: null when hidden."""

    def __init__(self, **options: Any) -> None:
        super().__init__(allow_null=True, help_text=HIDDEN, **options)


class TotalShape(Serializer[Total]):
    ward = serializers.CharField(allow_blank=True)
    associations = serializers.IntegerField()
    active = serializers.IntegerField()
    dormant = serializers.IntegerField()
    households = serializers.IntegerField()
    registered = People(source="registered.value")
    members = People(source="members.value")
    rounded = serializers.BooleanField(source="members.about", help_text="To tens, so that no hidden part shows.")
    share = serializers.FloatField(allow_null=True, help_text="Members ÷ households.")


class RowShape(Serializer[AssociationRow]):
    slug = serializers.CharField()
    name = serializers.CharField()
    ward = serializers.CharField(allow_blank=True)
    live_on = serializers.DateField()
    households = serializers.IntegerField()
    on = serializers.DateField(allow_null=True, help_text="The day of these numbers.")
    registered = People(source="registered.value")
    members = People(source="members.value")
    active_members = People(source="active_members.value")
    reads = People(source="reads.value")
    posts = serializers.IntegerField()
    is_active = serializers.BooleanField()
    share = serializers.FloatField(allow_null=True)


class PointShape(Serializer[TrendPoint]):
    on = serializers.DateField()
    households = serializers.IntegerField()
    members = People(source="members.value")
    rounded = serializers.BooleanField(source="members.about")
    share = serializers.FloatField(allow_null=True)


class AdoptionShape(Serializer[AdoptionReport]):
    city = serializers.CharField(source="city.slug")
    as_of = serializers.DateField(allow_null=True)
    total = TotalShape(source="tiles.total")
    days_to_first_post = serializers.IntegerField(source="tiles.days_to_first_post", allow_null=True)
    wards = TotalShape(many=True)
    associations = RowShape(many=True)
    trend = PointShape(many=True)


class PeriodQuery(Serializer[Any]):
    ward = serializers.CharField(max_length=20, required=False)
    to = serializers.DateField(required=False)

    def get_fields(self) -> dict[str, Any]:
        return {**super().get_fields(), "from": serializers.DateField(required=False)}

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        return {"ward": attrs.get("ward", ""), "since": attrs.get("from"), "until": attrs.get("to")}


class CsvRenderer(BaseRenderer):
    media_type = "text/csv"
    format = "csv"
    charset = "utf-8"

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> bytes:
        return data.encode() if isinstance(data, str) else JSONRenderer().render(data)


class CityView(KairanView):
    permission_classes = (IsCityStaff,)

    def report(self, slug: str) -> AdoptionReport:
        staff = city_staff_of(self.request)
        if staff is None or staff.city.slug != slug:
            raise Http404
        return AdoptionReport(staff.city, **self.query(PeriodQuery))


class CityAdoption(CityView):
    @endpoint("Adoption in the city", gives=AdoptionShape, query=[PeriodQuery])
    def get(self, request: Request, slug: str) -> Response:
        """The newest numbers of the period, by ward and association, and their course."""
        return self.answer(AdoptionShape, self.report(slug))


class CityAdoptionCsv(CityView):
    renderer_classes = (CsvRenderer,)

    @endpoint("Adoption as a table", gives=OpenApiTypes.STR, media_type="text/csv", query=[PeriodQuery])
    def get(self, request: Request, slug: str) -> Response:
        """One line an association, and their total; with a byte order mark for spreadsheets."""
        name = f'attachment; filename="kairan-{slug}-{timezone.localdate():%Y%m%d}.csv"'
        return Response(self.report(slug).csv(), headers={"Content-Disposition": name})
