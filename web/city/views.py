"""The city's desk: how Kairan spreads, in counts. Staff see their own city only."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from controlplane.cities.dashboard import AdoptionReport, Total
from controlplane.cities.trend import TrendPoint
from controlplane.rates import Cost, costs
from provisioning.models import Application
from web.access import city_staff_required
from web.apex import ApexRequest
from web.city.forms import PeriodForm
from web.listing import Header, Sorting, asked, beside, csv_download

WARD_COLUMNS: dict[str, Callable[[Total], Any]] = {
    "associations": lambda row: row.associations,
    "active": lambda row: row.active,
    "members": lambda row: row.members.value or 0,
    "households": lambda row: row.households,
    "share": lambda row: row.share or 0,
}


ASSOCIATION_COLUMNS = {
    name: name for name in ("name", "ward", "members", "households", "share", "active", "posts", "on")
}


@city_staff_required
@require_safe
def dashboard(request: ApexRequest) -> HttpResponse:
    city = request.city_staff.city
    form = PeriodForm(city, request.GET)
    report = AdoptionReport(city, **form.chosen)
    total = report.tiles.total
    wards, headers = sorted_wards(request, report.wards)
    words, (column, down) = asked(request, "q"), report.order
    sorting = Sorting(request, ASSOCIATION_COLUMNS, f"-{column}" if down else column, "order")
    page = report.page(words, request.GET.get("page"), sort=sorting.column, down=sorting.down)
    context = {
        "form": form,
        "report": report,
        "total": total,
        "wards": wards,
        "headers": headers,
        "associations": report.standings.read(page),
        "association_headers": sorting.headers,
        "turning": beside(request, page),
        "words": words,
        "kept": [
            (name, request.GET[name]) for name in ("ward", "since", "until", "sort", "order") if name in request.GET
        ],
        "top": max((share for ward in report.wards for share in ward.year), default=0),
        "chart": chart(report.trend),
        "attention": attention(report),
        "applied": Application.objects.of_city(city, report.ward).undecided().count(),
    }
    return show(request, "dashboard.html", "dashboard", context)


@costs(Cost.TABLE)
@city_staff_required
@require_safe
def adoption_csv(request: ApexRequest) -> HttpResponse:
    city = request.city_staff.city
    report = AdoptionReport(city, **PeriodForm(city, request.GET).chosen)
    return csv_download(report.csv(), f"kairan-{city.slug}.csv")


@city_staff_required
@require_safe
def offices(request: ApexRequest) -> HttpResponse:
    return show(request, "offices.html", "offices", {"offices": request.city_staff.city.offices.all()})


def show(request: ApexRequest, template: str, place: str, context: dict[str, Any]) -> HttpResponse:
    frame = {"city": request.city_staff.city, "active_nav": place}
    return render(request, f"city/{template}", frame | context)


def sorted_wards(request: ApexRequest, wards: Sequence[Total]) -> tuple[list[Total], dict[str, Header]]:
    """The wards by one column; as the offices are listed when none is chosen."""
    sort = request.GET.get("sort", "")
    column, down = sort.removeprefix("-"), sort.startswith("-")
    ordered = sorted(wards, key=WARD_COLUMNS[column], reverse=down) if column in WARD_COLUMNS else list(wards)
    return ordered, {name: header(request, name, column, down) for name in WARD_COLUMNS}


def header(request: ApexRequest, name: str, column: str, down: bool) -> Header:
    """Numbers are sorted from the greatest first."""
    query = request.GET.copy()
    query.pop("page", None)
    query["sort"] = name if name == column and down else f"-{name}"
    return Header(f"?{query.urlencode()}", ("down" if down else "up") if name == column else "")


def chart(points: Sequence[TrendPoint]) -> dict[str, Any]:
    """The share over time and the sentence that says it; days whose share is hidden are left out."""
    shown = [(point.on, round(100 * point.share, 1)) for point in points if point.share is not None]
    months = len(shown) > 1 and (shown[-1][0] - shown[0][0]).days > 62
    label = month_of if months else day_of
    sentence = _("登録率は、%(since)sの%(first)s%%から、%(until)sの%(last)s%%になりました。")
    return {
        "series": [(label(day), share) for day, share in shown],
        "label": sentence
        % {
            "since": label(shown[0][0]),
            "first": f"{shown[0][1]:.0f}",
            "until": label(shown[-1][0]),
            "last": f"{shown[-1][1]:.0f}",
        }
        if shown
        else "",
    }


def month_of(day: date) -> str:
    return _("%(month)s月") % {"month": day.month}


def day_of(day: date) -> str:
    return f"{day.month}/{day.day}"


def attention(report: AdoptionReport) -> list[tuple[str, int, str]]:
    """Which associations may need a hand: a sentence, how many, in which wards."""
    total, wards = report.tiles.total, report.wards
    return [
        (_("60日、新しいお知らせがない"), total.quiet, by_ward((ward.ward, ward.quiet) for ward in wards)),
        (
            _("公開したが、まだお知らせがない"),
            total.without_posts,
            by_ward((ward.ward, ward.without_posts) for ward in wards),
        ),
    ]


def by_ward(counts: Iterable[tuple[str, int]]) -> str:
    """The three wards with the most."""
    most = sorted(((ward, count) for ward, count in counts if ward and count), key=lambda pair: -pair[1])[:3]
    return _("、").join(f"{ward} {count}" for ward, count in most)
