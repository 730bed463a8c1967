"""A month as a table, and what is coming as a list with its answers."""

import calendar as weeks_of
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import holidays
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tenants.calendar.models import Event, Occurrence, Rsvp, Turnout
from tenants.members.models import Member
from web.access import member_required
from web.templatetags.kairan import day_kind
from web.tenant.page import SiteRequest, show

COMING = timedelta(days=60)
EARLIEST, LATEST = date(2000, 1, 1), date(2100, 12, 1)


@dataclass(frozen=True)
class Entry:
    """An occurrence with this household's answer and who comes."""

    occurrence: Occurrence
    answer: Rsvp | None
    turnout: Turnout
    first_of_day: bool = False

    @property
    def event(self) -> Event:
        return self.occurrence.event

    @property
    def is_over(self) -> bool:
        return self.occurrence.ends_at <= timezone.now()


@member_required
@require_safe
def calendar(request: SiteRequest) -> HttpResponse:
    first = _month(request.GET.get("month", ""))
    after = _next(first)
    now = timezone.now()
    is_now = first <= timezone.localdate(now) < after
    until = max(_start(after), now + COMING) if is_now else _start(after)
    found = Event.objects.visible_to(request.member).between(_start(first), until)
    entries = entries_for(request.member, found)
    context: dict[str, Any] = {
        "month": first,
        "previous": _previous(first) if first > EARLIEST else None,
        "next": after if after <= LATEST else None,
        "weeks": _weeks(first, found),
        "holidays": _holidays(first),
        "is_now": is_now,
        "past": [entry for entry in entries if is_now and entry.occurrence.ends_at <= now],
        "coming": [entry for entry in entries if not is_now or entry.occurrence.ends_at > now],
        "may_plan": Event.may_plan(request.member),
    }
    return show(request, "tenant/calendar/calendar.html", tab="calendar", **context)


def entries_for(member: Member, occurrences: list[Occurrence]) -> list[Entry]:
    """The household's answers and the turnout of all of them, in two statements."""
    answers = Rsvp.objects.for_occurrences(occurrences)
    own = {(rsvp.event_id, rsvp.occurs_on): rsvp for rsvp in answers.filter(household=member.household_id)}
    turnout = answers.turnout()
    entries, days = [], set()
    for occurrence in occurrences:
        key = (occurrence.event.pk, occurrence.on)
        first = occurrence.on not in days
        days.add(occurrence.on)
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


def _weeks(first: date, occurrences: list[Occurrence]) -> list[list[dict[str, Any] | None]]:
    """What <c-month> draws: weeks from Sunday, days of other months left empty."""
    busy = {occurrence.on for occurrence in occurrences}
    weeks = weeks_of.Calendar(firstweekday=weeks_of.SUNDAY).monthdatescalendar(first.year, first.month)
    return [[_day(day, day in busy) if day.month == first.month else None for day in week] for week in weeks]


def _day(day: date, busy: bool) -> dict[str, Any]:
    today = day == timezone.localdate()
    said = _("きょう %(day)s日 予定あり") if today else _("%(day)s日 予定あり")
    return {
        "number": day.day,
        "href": f"#d{day.isoformat()}" if busy else "",
        "kind": day_kind(day),
        "today": today,
        "label": said % {"day": day.day} if busy else "",
    }


def _holidays(first: date) -> list[tuple[date, str]]:
    named = holidays.country_holidays("JP", years=first.year, language="ja")
    return sorted((day, name) for day, name in named.items() if day.month == first.month)


def event_url(occurrence: Occurrence) -> str:
    return f"{reverse('event', args=[occurrence.event.pk])}?on={occurrence.on.isoformat()}"
