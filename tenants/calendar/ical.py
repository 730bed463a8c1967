"""iCalendar (RFC 5545): expanding recurrences and writing feeds, with the field's own libraries."""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import icalendar
import recurring_ical_events
from dateutil.rrule import rrulestr
from django.utils import timezone

if TYPE_CHECKING:
    from tenants.calendar.models import Event

TEN_YEARS = timedelta(days=3653)
_RULE = re.compile(
    r"FREQ=(DAILY|WEEKLY|MONTHLY|YEARLY)"
    r"(;(INTERVAL=[1-9]\d{0,2}|COUNT=[1-9]\d{0,3}|UNTIL=\d{8}(T\d{6}Z?)?|WKST=[A-Z]{2}"
    r"|(BYDAY|BYMONTHDAY|BYMONTH|BYSETPOS|BYWEEKNO|BYYEARDAY)=[A-Z0-9,+-]+))*"
)


def expand(event: "Event", start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Yield (starts_at, ends_at) of each occurrence that touches [start, end)."""
    if not event.rrule:
        if event.starts_at < end and event.ends_at > start:
            yield event.starts_at, event.ends_at
        return
    zone = timezone.get_default_timezone()
    calendar = icalendar.Calendar()
    calendar.add_component(_component(event))
    for found in recurring_ical_events.of(calendar).between(start.astimezone(zone), end.astimezone(zone)):
        yield _moment(found.start), _moment(found.end)


def check_rrule(text: str, starts_at: datetime) -> None:
    """Raise ValueError unless the rule is one a neighbourhood would use: daily or rarer, and it does come round.

    A rule that never takes place (30 February, or every seventh day from a Friday on if it is a Thursday) would be
    looked for until the year 9999 on every page.
    """
    if not _RULE.fullmatch(text.upper()):
        raise ValueError("rule")
    endless = re.sub(r";(UNTIL|COUNT)=[^;]*", "", text.upper())
    begins = starts_at.astimezone(timezone.get_default_timezone()).replace(tzinfo=None)
    if not next(iter(rrulestr(f"RRULE:{endless};UNTIL={begins + TEN_YEARS:%Y%m%d}", dtstart=begins)), None):
        raise ValueError("never")
    zone = UTC if re.search(r"UNTIL=\w+Z", text.upper()) else None  # dateutil wants both aware or neither
    rrulestr(f"RRULE:{text}", dtstart=datetime(2026, 1, 1, tzinfo=zone))


def feed(events: Iterable["Event"], *, name: str, host: str) -> bytes:
    """Return an iCalendar file of these events."""
    calendar = icalendar.Calendar()
    calendar.add("prodid", "-//Kairan//JA")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", name)
    calendar.add("x-wr-timezone", str(timezone.get_default_timezone()))
    for event in events:
        component = _component(event)
        component.add("uid", f"event-{event.pk}@{host}")
        calendar.add_component(component)
    calendar.add_missing_timezones()
    content: bytes = calendar.to_ical()
    return content


def _component(event: "Event") -> icalendar.Event:
    zone = timezone.get_default_timezone()
    component = icalendar.Event()
    component.add("summary", event.title)
    component.add("dtstamp", event.edited_at or timezone.now())
    starts, ends = event.starts_at.astimezone(zone), event.ends_at.astimezone(zone)
    component.add("dtstart", starts.date() if event.all_day else starts)
    component.add("dtend", _last_day(ends) if event.all_day else ends)
    for name in ("description", "place"):
        if getattr(event, name):
            component.add("location" if name == "place" else name, getattr(event, name))
    if event.cancelled_at:
        component.add("status", "CANCELLED")
    if event.rrule:
        component.add("rrule", icalendar.vRecur.from_ical(event.rrule))
        for day in event.exdates:
            component.add("exdate", _exdate(event, date.fromisoformat(day)))
    return component


def _exdate(event: "Event", day: date) -> date | datetime:
    zone = timezone.get_default_timezone()
    return day if event.all_day else datetime.combine(day, event.starts_at.astimezone(zone).timetz())


def _last_day(ends: datetime) -> date:
    """An all-day event's DTEND is the day after its last."""
    return ends.date() if ends.time() == datetime.min.time() else ends.date() + timedelta(days=1)


def _moment(value: date | datetime) -> datetime:
    if isinstance(value, datetime):
        return value
    return timezone.make_aware(datetime.combine(value, datetime.min.time()), timezone.get_default_timezone())
