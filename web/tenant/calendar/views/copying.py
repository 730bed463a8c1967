"""A year's events for the next year: looked through with ticks and days, then planned."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from tenants.calendar import copies as yearly
from tenants.members.models import Act
from web.access import allowed_to
from web.tenant.page import SiteRequest, show

JANUARY_TO_MARCH = range(1, 4)


@allowed_to(Act.FILL_CALENDAR)
@require_http_methods(["GET", "HEAD", "POST"])
def copies(request: SiteRequest) -> HttpResponse:
    year = _year(request)
    found = yearly.proposals(request.member, year)
    problem = ""
    if request.method == "POST":
        try:
            taken = yearly.take(found, _chosen(request, found), by=request.member)
            messages.success(request, _("%(n)s件の行事を、カレンダーに入れました。") % {"n": len(taken)})
            return redirect("calendar")
        except ValidationError as error:
            problem = " ".join(error.messages)
    context: dict[str, Any] = {
        "year": year,
        "next_year": year + 1,
        "rows": [_row(request, copy) for copy in found if not copy.exists],
        "cut": found.cut,
        "done": sum(copy.exists for copy in found),
        "problem": problem,
    }
    return show(request, "tenant/calendar/copy.html", tab="calendar", status=422 if problem else 200, **context)


def _row(request: SiteRequest, copy: yearly.Copy) -> dict[str, Any]:
    """With what was ticked and typed, when the form comes back."""
    pk = str(copy.event.pk)
    checked = request.method != "POST" or pk in request.POST.getlist("event")
    return {"copy": copy, "checked": checked, "typed": request.POST.get(f"day-{pk}", copy.day.isoformat())}


def _year(request: SiteRequest) -> int:
    """The fiscal year to copy: the one that ends soon, or the last; `?year=` names another."""
    text, today = request.GET.get("year", ""), timezone.localdate()
    if text.isdecimal() and 2000 <= int(text[:5]) <= 2098:
        return int(text)
    return yearly.fiscal_year(today) - (0 if today.month in JANUARY_TO_MARCH else 1)


def _chosen(request: SiteRequest, found: yearly.Proposals) -> dict[int, date]:
    """Event -> day, as ticked and typed."""
    chosen = {}
    for copy in found:
        if str(copy.event.pk) in request.POST.getlist("event"):
            typed = request.POST.get(f"day-{copy.event.pk}") or copy.day.isoformat()
            chosen[copy.event.pk] = _day(typed, copy)
    if not chosen:
        raise ValidationError(_("写す行事が、まだ選ばれていません。"))
    return chosen


def _day(typed: str, copy: yearly.Copy) -> date:
    """Anywhere near the day that was proposed."""
    try:
        day = date.fromisoformat(typed)
    except ValueError:
        day = date.min
    if abs((day - copy.day).days) > 366:
        raise ValidationError(_("日にちが読み取れません：%(title)s") % {"title": copy.event.title})
    return day
