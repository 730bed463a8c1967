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
from tenants.calendar.models import Event, Occurrence, Occurrences, Rsvp, Timetable, Turnout
from tenants.members.models import Act, Member
from web.access import member_required
from web.once import each_time
from web.templatetags.kairan import day_kind
from web.tenant.page import SiteRequest, number, show

DAY, COMING = timedelta(days=1), timedelta(days=60)
LISTED, PAST, A_DAY, PAGES = 80, 30, 20, 25  # entries: of a list, of what is over, of one day; lists of one day
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

    @property
    def days(self) -> list[date]:
        return _days(self.day, self.occurrence.last_day)

    @property
    def anchor(self) -> str:
        return f"#d{self.day.isoformat()}"


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

    @property
    def days(self) -> list[date]:
        return _days(self.day, self.city_date.ends_on)

    @property
    def anchor(self) -> str:
        return f"#c{self.city_date.pk}"


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

    @property
    def days(self) -> list[date]:
        return _days(self.day, self.told.last_day)

    @property
    def anchor(self) -> str:
        return f"#f{self.told.uid}"


@dataclass(frozen=True)
class Asked:
    """The month that is shown, and one of its days when the list is to hold that alone."""

    month: date
    day: date | None
    page: int

    @property
    def start(self) -> datetime:
        return _start(self.day or self.month)

    @property
    def end(self) -> datetime:
        """A day's, a month's; of this month sixty days from now, so that what is coming is not cut off by its end."""
        if self.day:
            return _start(self.day + DAY)
        after = _start(_next(self.month))
        return max(after, timezone.now() + COMING) if self.is_now else after

    @property
    def is_now(self) -> bool:
        return self.day is None and self.month <= timezone.localdate() < _next(self.month)


@dataclass(frozen=True)
class Listed:
    """What the list beside the month shows; `cut` when there is more, and `fuller` on which days it is not all."""

    entries: list[Any]
    cut: bool
    fuller: set[date]

    @property
    def last(self) -> date:
        return self.entries[-1].day if self.entries else date.min

    @property
    def fuller_days(self) -> list[date]:
        return sorted(day for day in self.fuller if day <= self.last)


@member_required
@require_safe
def calendar(request: SiteRequest) -> HttpResponse:
    asked, hidden = _asked(request), hidden_layers(request)
    first, after = asked.month, _next(asked.month)
    events = Event.objects.visible_to(request.member)
    table = events.timetable(_start(first), max(asked.end, _start(after)))
    last_day = timezone.localdate(asked.end)
    told = [] if "city" in hidden else dates_for(request.site.uuid, first, last_day)
    shown = federation_dates_for(request.site.uuid)
    joint = [] if "federation" in hidden else touching(shown or (), first, last_day)
    past, coming = _lists(request.member, asked, table, [*map(CityEntry, told), *map(FederationEntry, joint)])
    context: dict[str, Any] = {
        "month": first,
        "day": asked.day,
        "previous": _previous(first) if first > EARLIEST else None,
        "next": after if after <= LATEST else None,
        "weeks": _weeks(first, table.days(first, after), told, joint, [past, coming]),
        "holidays": [] if "holidays" in hidden else _holidays(first),
        "is_now": asked.is_now,
        "past": past,
        "coming": coming,
        "before": f"?day={asked.day}&page={asked.page - 1}" if asked.page > 1 else "",
        "more": f"?day={asked.day}&page={asked.page + 1}" if coming.cut and asked.page < PAGES else "",
        "may_plan": request.member.may_look_at(Act.PLAN_EVENT, Event()),
        "called_off": events.called_off() if asked.is_now else (),
        "layers": [(name, name not in hidden) for name in LAYERS if name != "federation" or shown is not None],
    }
    return show(request, "tenant/calendar/calendar.html", tab="calendar", **context)


def _asked(request: SiteRequest) -> Asked:
    day = _day_named(request.GET.get("day", ""))
    page = number(request.GET.get("page", "")) if day else 1
    month = day.replace(day=1) if day else _month(request.GET.get("month", ""))
    return Asked(month, day, min(max(page, 1), PAGES))


def _lists(
    member: Member, asked: Asked, table: Timetable, layers: list[CityEntry | FederationEntry]
) -> tuple[Listed, Listed]:
    """What is over, and what is coming; of a day or another month all is in the second. Long ones are cut."""
    now = timezone.now()
    over, since = Occurrences(), now if asked.is_now else asked.start
    if asked.is_now:
        over = table.between(asked.start, now, PAST, A_DAY)
    if asked.day:
        found, skipped = table.between(since, asked.end, LISTED * asked.page), LISTED * (asked.page - 1)
        layers = [each for each in layers if _touches(each, asked.day) and asked.page == 1]
    else:
        found, skipped = table.between(since, asked.end, LISTED, A_DAY), 0
    ended = [each for each in over if each.is_over]
    entries = entries_for(member, [*ended, *found[skipped:]])
    done = [each for each in layers if asked.is_now and each.is_over]
    ahead = [each for each in layers if not asked.is_now or not each.is_over]
    return (
        _listed([*entries[: len(ended)], *done], over, PAST),
        _listed([*entries[len(ended) :], *ahead], found, LISTED),
    )


def _touches(entry: CityEntry | FederationEntry, day: date) -> bool:
    last = entry.city_date.ends_on if isinstance(entry, CityEntry) else entry.told.last_day
    return entry.day <= day <= last


def _listed(entries: list[Any], found: Occurrences, most: int) -> Listed:
    """In order; what other layers put behind where the events were cut stays out, so that no day looks empty."""
    end = found[-1].day if found.cut else date.max
    ordered = sorted((entry for entry in entries if entry.day <= end), key=lambda entry: entry.day)
    return Listed(ordered[:most], found.cut or len(ordered) > most, found.fuller)


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


def _day_named(text: str) -> date | None:
    """`2026-07-04`, for its list alone; nonsense means none."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if EARLIEST <= day < _next(LATEST) else None


def _next(first: date) -> date:
    return (first + timedelta(days=31)).replace(day=1)


def _previous(first: date) -> date:
    return (first - timedelta(days=1)).replace(day=1)


def _start(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def _weeks(
    first: date, taken: set[date], told: list[CityDate], joint: list[FederationDate], lists: list[Listed]
) -> list[list[dict[str, Any] | None]]:
    """What <c-month> draws: weeks from Sunday, days of other months left empty.

    A day leads to where it begins in the list; to a list of its own when it does not stand there, or not as a whole.
    """
    busy = {day: f"?day={day.isoformat()}" for day in taken}
    due = {each.starts_on for each in told if each.is_deadline}
    for each in told:
        for day in _days(each.starts_on, each.ends_on):
            busy.setdefault(day, f"?day={day.isoformat()}")
    for shown in joint:
        for day in _days(shown.day, shown.last_day):
            busy.setdefault(day, f"?day={day.isoformat()}")
    for entry in (entry for each in reversed(lists) for entry in reversed(each.entries)):
        busy |= {day: entry.anchor for day in entry.days if day in busy}
    cut = {day for each in lists for day in busy if day in each.fuller or (each.cut and day == each.last)}
    busy |= {day: f"?day={day.isoformat()}" for day in cut}
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
