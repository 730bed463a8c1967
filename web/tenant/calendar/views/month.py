"""A month as a table, and what is coming as a list with its answers; the city's and federations' dates beside them."""

import calendar as weeks_of
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import holidays
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from controlplane.associations.models import FederationDate, federation_dates_for
from controlplane.associations.models.federation_dates import touching
from controlplane.cities.models import CityDate, dates_for
from tenants.calendar.models import Event, Occurrence, Rsvp, Turnout
from tenants.members.models import Member
from web.access import member_required
from web.once import each_time
from web.templatetags.kairan import day_kind
from web.tenant.page import SiteRequest, show

COMING = timedelta(days=60)
A_YEAR = 365 * 86400
LAYERS = ("holidays", "city", "federation")
EARLIEST, LATEST = date(2000, 1, 1), date(2100, 12, 1)


@dataclass(frozen=True)
class Entry:
    """An occurrence with the reader's answer and who comes."""

    occurrence: Occurrence
    answer: Rsvp | None
    turnout: Turnout
    first_of_day: bool = False

    @property
    def event(self) -> Event:
        return self.occurrence.event

    @property
    def is_over(self) -> bool:
        return self.occurrence.is_over

    @property
    def day(self) -> date:
        return self.occurrence.day


@dataclass(frozen=True)
class CityEntry:
    """A date of the city's among the association's own."""

    city_date: CityDate

    @property
    def is_over(self) -> bool:
        return self.city_date.ends_on < timezone.localdate()

    @property
    def day(self) -> date:
        return self.city_date.starts_on


@dataclass(frozen=True)
class FederationEntry:
    """A time of a federation's event among the association's own."""

    told: FederationDate

    @property
    def is_over(self) -> bool:
        return self.told.ends_at < timezone.now()

    @property
    def day(self) -> date:
        return self.told.day


@member_required
@require_safe
def calendar(request: SiteRequest) -> HttpResponse:
    first, now = _month(request.GET.get("month", "")), timezone.now()
    after, hidden = _next(first), hidden_layers(request)
    is_now = first <= timezone.localdate(now) < after
    until = max(_start(after), now + COMING) if is_now else _start(after)
    events = Event.objects.visible_to(request.member)
    found = events.between(_start(first), until)
    last_day = timezone.localdate(until)
    told = [] if "city" in hidden else dates_for(request.site.uuid, first, last_day)
    shown = federation_dates_for(request.site.uuid)
    joint = [] if "federation" in hidden else touching(shown or (), first, last_day)
    entries: list[Entry | CityEntry | FederationEntry] = [*entries_for(request.member, found), *map(CityEntry, told)]
    entries = sorted([*entries, *map(FederationEntry, joint)], key=lambda entry: entry.day)
    context: dict[str, Any] = {
        "month": first,
        "previous": _previous(first) if first > EARLIEST else None,
        "next": after if after <= LATEST else None,
        "weeks": _weeks(first, found, told, joint),
        "holidays": [] if "holidays" in hidden else _holidays(first),
        "is_now": is_now,
        "past": [entry for entry in entries if is_now and entry.is_over],
        "coming": [entry for entry in entries if not is_now or not entry.is_over],
        "may_plan": Event.may_plan(request.member),
        "called_off": events.called_off() if is_now else (),
        "layers": [(name, name not in hidden) for name in LAYERS if name != "federation" or shown is not None],
    }
    return show(request, "tenant/calendar/calendar.html", tab="calendar", **context)


def hidden_layers(request: SiteRequest) -> frozenset[str]:
    return frozenset(request.COOKIES.get("layers", "").split(".")) & frozenset(LAYERS)


@member_required
@require_POST
@each_time
def layer(request: SiteRequest) -> HttpResponse:
    """Show or hide a layer. A cookie, as for the size of letters: it belongs to this screen."""
    hidden = hidden_layers(request) ^ {request.POST.get("layer", "")}
    response = redirect("calendar")
    kept = ".".join(sorted(hidden & frozenset(LAYERS)))
    response.set_cookie("layers", kept, max_age=A_YEAR, secure=request.is_secure(), httponly=True, samesite="Lax")
    return response


def entries_for(member: Member, occurrences: list[Occurrence]) -> list[Entry]:
    """The reader's answers and the turnout of all of them, in two statements."""
    answers = Rsvp.objects.for_occurrences(occurrences)
    own = {(rsvp.event_id, rsvp.occurs_on): rsvp for rsvp in answers.own(member)}
    turnout = answers.turnout()
    entries, days = [], set()
    for occurrence in occurrences:
        key = (occurrence.event.pk, occurrence.on)
        first = occurrence.day not in days
        days.add(occurrence.day)
        entries.append(Entry(occurrence, own.get(key), turnout.get(key, Turnout()), first))
    return entries


def _month(text: str) -> date:
    """`2026-07`; nonsense means this month."""
    try:
        first = datetime.strptime(text, "%Y-%m").date()
    except ValueError:
        return timezone.localdate().replace(day=1)
    return min(max(first, EARLIEST), LATEST)


def _next(first: date) -> date:
    return (first + timedelta(days=31)).replace(day=1)


def _previous(first: date) -> date:
    return (first - timedelta(days=1)).replace(day=1)


def _start(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def _weeks(
    first: date, occurrences: list[Occurrence], told: list[CityDate], joint: list[FederationDate]
) -> list[list[dict[str, Any] | None]]:
    """What <c-month> draws: weeks from Sunday, days of other months left empty."""
    busy = {
        day: f"#d{each.day.isoformat()}" for each in reversed(occurrences) for day in _days(each.day, each.last_day)
    }
    due = {each.starts_on for each in told if each.is_deadline}
    for each in told:
        for day in _days(each.starts_on, each.ends_on):
            busy.setdefault(day, f"#c{each.pk}")
    for shown in joint:
        for day in _days(shown.day, shown.last_day):
            busy.setdefault(day, f"#f{shown.uid}")
    weeks = weeks_of.Calendar(firstweekday=weeks_of.SUNDAY).monthdatescalendar(first.year, first.month)
    return [
        [_day(day, busy.get(day, ""), day in due) if day.month == first.month else None for day in week]
        for week in weeks
    ]


def _days(first: date, last: date) -> list[date]:
    """At most two months of them, which is more than a page shows."""
    return [first + timedelta(days=n) for n in range(min((last - first).days, 62) + 1)]


def _day(day: date, href: str, due: bool) -> dict[str, Any]:
    today = day == timezone.localdate()
    said = _("きょう %(day)s日 予定あり") if today else _("%(day)s日 予定あり")
    return {
        "number": day.day,
        "href": href,
        "kind": day_kind(day),
        "today": today,
        "due": due,
        "label": said % {"day": day.day} if href else "",
    }


def _holidays(first: date) -> list[tuple[date, str]]:
    named = holidays.country_holidays("JP", years=first.year, language=_holidays_language())
    return sorted((day, name) for day, name in named.items() if day.month == first.month)


def _holidays_language() -> str:
    """As the library names it; Japanese for both kinds of Japanese."""
    return "en_US" if get_language() == "en" else "ja"
