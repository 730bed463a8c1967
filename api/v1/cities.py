"""How Kairan spreads in a city, for that city's staff: counts only, with anything under five people hidden."""

from typing import Any

from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from api.pagination import page_link
from api.views import CityView, endpoint
from controlplane.cities.dashboard import AdoptionReport, Total
from controlplane.cities.standings import AssociationRow
from controlplane.cities.trend import TrendPoint
from controlplane.rates import Cost, costs

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
    """`associations` is one page of them; `next` and `previous` lead to the others."""

    city = serializers.CharField(source="city.slug")
    as_of = serializers.DateField(allow_null=True)
    total = TotalShape(source="tiles.total")
    days_to_first_post = serializers.IntegerField(source="tiles.days_to_first_post", allow_null=True)
    wards = TotalShape(many=True)
    associations = serializers.SerializerMethodField()
    trend = PointShape(many=True)
    next = serializers.SerializerMethodField()
    previous = serializers.SerializerMethodField()

    @extend_schema_field(RowShape(many=True))
    def get_associations(self, report: AdoptionReport) -> Any:
        rows: Any = report.standings.read(self.context["page"])
        return RowShape(rows, many=True).data

    @extend_schema_field(serializers.URLField(allow_null=True))
    def get_next(self, report: AdoptionReport) -> str | None:
        page = self.context["page"]
        return page_link(self.context["request"], page.next_page_number()) if page.has_next() else None

    @extend_schema_field(serializers.URLField(allow_null=True))
    def get_previous(self, report: AdoptionReport) -> str | None:
        page = self.context["page"]
        return page_link(self.context["request"], page.previous_page_number()) if page.has_previous() else None


class PeriodQuery(Serializer[Any]):
    ward = serializers.CharField(max_length=20, required=False)
    to = serializers.DateField(required=False)

    def get_fields(self) -> dict[str, Any]:
        return {**super().get_fields(), "from": serializers.DateField(required=False)}

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        return {"ward": attrs.get("ward", ""), "since": attrs.get("from"), "until": attrs.get("to")}


class PageQuery(PeriodQuery):
    q = serializers.CharField(max_length=100, required=False, help_text="Words of a name.")
    page = serializers.IntegerField(min_value=1, max_value=100_000, required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        return super().validate(attrs) | {"words": attrs.get("q", ""), "page": attrs.get("page", 1)}


class CsvRenderer(BaseRenderer):
    media_type = "text/csv"
    format = "csv"
    charset = "utf-8"

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> bytes:
        return data.encode() if isinstance(data, str) else JSONRenderer().render(data)


class ReportView(CityView):
    def report(self, slug: str, period: dict[str, Any]) -> AdoptionReport:
        return AdoptionReport(self.city(slug), **period)


class CityAdoption(ReportView):
    @endpoint("Adoption in the city", gives=AdoptionShape, query=[PageQuery])
    def get(self, request: Request, slug: str) -> Response:
        """The newest numbers of the period, by ward and association, and their course. Greatest share first."""
        period = self.query(PageQuery)
        words, number = period.pop("words"), period.pop("page")
        report = self.report(slug, period)
        page = report.page(words, number)
        return Response(AdoptionShape(report, context=self.shape_context() | {"page": page}).data)


@costs(Cost.TABLE)
class CityAdoptionCsv(ReportView):
    renderer_classes = (CsvRenderer,)

    @endpoint("Adoption as a table", gives=OpenApiTypes.STR, media_type="text/csv", query=[PeriodQuery])
    def get(self, request: Request, slug: str) -> Response:
        """One line an association, and their total; with a byte order mark for spreadsheets."""
        name = f'attachment; filename="kairan-{slug}-{timezone.localdate():%Y%m%d}.csv"'
        return Response(self.report(slug, self.query(PeriodQuery)).csv(), headers={"Content-Disposition": name})
