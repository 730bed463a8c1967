"""iCalendar (RFC 5545): writing feeds, with the field's own library. A moved occurrence has a component of its own."""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING

import icalendar
from django.utils import timezone
from django.utils.translation import gettext as _

from controlplane.associations.models import FederationDate
from controlplane.cities.models import CityDate
from tenants.calendar import rules

if TYPE_CHECKING:
    from tenants.calendar.models import Event, OccurrenceChange


MOST = 1000  # events and changed times in one file


def feed(events: Iterable["Event"], *, name: str, host: str, told: Sequence[CityDate | FederationDate] = ()) -> bytes:
    """Return an iCalendar file of the first of these events, and of what city and federations have told."""
    calendar = icalendar.Calendar()
    calendar.add("prodid", "-//Kairan//JA")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", name)
    calendar.add("x-wr-timezone", str(timezone.get_default_timezone()))
    components = (component for event in events for component in _components(event, host))
    for component in islice(components, MOST):
        calendar.add_component(component)
    if next(components, None):
        calendar.add("x-wr-caldesc", _("予定が多いので、%(most)s件までを入れています。") % {"most": MOST})
    for each in told:
        calendar.add_component(_told_by_city(each, host) if isinstance(each, CityDate) else _told(each, host))
    calendar.add_missing_timezones()
    content: bytes = calendar.to_ical()
    return content


def uid_of(event: "Event", host: str) -> str:
    return f"event-{event.pk}@{host}"


def pk_of(uid: str, host: str) -> int | None:
    """The event of this site that a UID names, when it is one of ours."""
    found = re.fullmatch(rf"event-(\d{{1,18}})@{re.escape(host)}", uid)
    return int(found[1]) if found else None


def _components(event: "Event", host: str) -> Iterator[icalendar.Event]:
    for component in _parts(event):
        component.add("uid", uid_of(event, host))
        yield component


def _parts(event: "Event") -> Iterator[icalendar.Event]:
    starts, ends = _local(event.starts_at), _local(event.ends_at)
    component = _component(event, starts, ends, event.place)
    if event.cancelled_at:
        component.add("status", "CANCELLED")
    if event.rrule:
        component.add("rrule", icalendar.vRecur.from_ical(rules.for_others(event.rrule, all_day=event.all_day)))
        for day in event.exdates:
            component.add("exdate", _by_rule(event, date.fromisoformat(day)))
    yield component
    if event.rrule:
        yield from (_changed(event, change) for change in event.changes.all() if _holds(event, change))


def _told_by_city(told: CityDate, host: str) -> icalendar.Event:
    component = _beginning(f"city-{told.pk}@{host}", told.title, told.changed_at)
    component.add("dtstart", told.starts_on)
    component.add("dtend", told.ends_on + timedelta(days=1))
    component.add("description", _("市への締め切り") if told.is_deadline else _("市の行事"))
    component.add("transp", "TRANSPARENT")  # it takes nobody's day
    if told.url:
        component.add("url", told.url)
    return component


def _told(told: FederationDate, host: str) -> icalendar.Event:
    component = _beginning(f"federation-{told.uid}@{host}", told.title, timezone.now())
    starts, ends = _local(told.starts_at), _local(told.ends_at)
    component.add("dtstart", starts.date() if told.all_day else starts)
    component.add("dtend", _last_day(ends) if told.all_day else ends)
    component.add("description", told.federation)
    if told.place:
        component.add("location", told.place)
    if told.called_off:
        component.add("status", "CANCELLED")
    return component


def _beginning(uid: str, title: str, stamp: datetime) -> icalendar.Event:
    component = icalendar.Event()
    component.add("uid", uid)
    component.add("summary", title)
    component.add("dtstamp", stamp)
    return component


def _changed(event: "Event", change: "OccurrenceChange") -> icalendar.Event:
    component = _component(event, _local(change.starts_at), _local(change.ends_at), change.place, change.note)
    component.add("recurrence-id", _by_rule(event, change.occurs_on))
    if event.cancelled_at or change.cancelled_at:
        component.add("status", "CANCELLED")
    return component


def _holds(event: "Event", change: "OccurrenceChange") -> bool:
    return change.occurs_on.isoformat() not in event.exdates


def _component(event: "Event", starts: datetime, ends: datetime, place: str, note: str = "") -> icalendar.Event:
    component = icalendar.Event()
    component.add("summary", event.title)
    component.add("dtstamp", event.edited_at or timezone.now())
    component.add("dtstart", starts.date() if event.all_day else starts)
    component.add("dtend", _last_day(ends) if event.all_day else ends)
    description = "\n\n".join(text for text in (note, event.description) if text)
    if description:
        component.add("description", description)
    if place:
        component.add("location", place)
    return component


def _by_rule(event: "Event", day: date) -> date | datetime:
    """When the occurrence of this day begins by rule: how programs name it."""
    return day if event.all_day else datetime.combine(day, _local(event.starts_at).timetz())


def _last_day(ends: datetime) -> date:
    """An all-day event's DTEND is the day after its last."""
    return ends.date() if ends.time() == datetime.min.time() else ends.date() + timedelta(days=1)


def _local(moment: datetime) -> datetime:
    return moment.astimezone(timezone.get_default_timezone())
