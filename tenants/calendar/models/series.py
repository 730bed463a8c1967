"""A series that is changed: cutting it in two, and keeping answers and moved times with their occurrences."""

import copy
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from controlplane.dispatch.models import Wakeup
from controlplane.tenancy import current_uuid
from tenants.calendar import rules
from tenants.calendar.indexing import index
from tenants.calendar.models.occurrences import Occurrence, OccurrenceChange
from tenants.members.models import Member

if TYPE_CHECKING:
    from tenants.calendar.models.events import Event

NEAR = 6  # days: an answer follows an occurrence no further than into its own week
HOUR_OF_REMINDERS = 18  # on the day before
HOURS_BEFORE = timedelta(hours=2)
EVENTS = "calendar"  # what the calendar calls itself among those who are woken


def part(event: "Event", on: date) -> "Event":
    """Cut the series before this occurrence; the later half is returned, the whole when nothing would be left."""
    from tenants.calendar.models.events import Event

    first = timezone.localdate(event.starts_at)
    if not event.rrule or on <= first or event.occurrence_on(on) is None:
        return event
    later = copy.copy(event)
    later.pk, later._state, later.source, later.version = None, type(event._state)(), "", 1
    later.starts_at = event.by_rule(on)
    later.ends_at = later.starts_at + (event.ends_at - event.starts_at)
    later.rrule = rules.from_later(event.rrule, event.starts_at, later.starts_at)
    later.exdates = [day for day in event.exdates if day >= on.isoformat()]
    later.__dict__.pop("_prefetched_objects_cache", None)
    later.save(force_insert=True)
    event.rrule = rules.ended_before(event.rrule, on, all_day=event.all_day)
    event.exdates = [day for day in event.exdates if day < on.isoformat()]
    event.put("rrule", "exdates")
    index(event, later)
    for rows in (event.rsvps, event.changes):
        rows.filter(occurs_on__gte=on).update(event=later)
    event.tellings.filter(occurs_on__gte=on, whole=False).update(event=later)
    return Event.objects.get(pk=later.pk)


def carry_over(before: "Event", after: "Event") -> None:
    """Let answers and moved times follow to the days the occurrences have now; what has no day any more stays behind.

    A moved time whose occurrence is gone is forgotten; an answer stays, as what was once said.
    """
    if (before.rrule, before.starts_at, before.exdates) == (after.rrule, after.starts_at, after.exdates):
        return
    answered = set(after.rsvps.values_list("occurs_on", flat=True))
    changed = set(after.changes.values_list("occurs_on", flat=True))
    shift = timezone.localdate(after.starts_at) - timezone.localdate(before.starts_at)
    after.__dict__.pop("_prefetched_objects_cache", None)
    taken = {day for day in answered | changed if _takes_place(after, day)}
    for day in sorted((answered | changed) - taken):
        target = next((near for near in _near(day, shift) if near not in taken and _takes_place(after, near)), None)
        if target:
            taken.add(target)
            after.rsvps.filter(occurs_on=day).update(occurs_on=target, reminded=0)
            after.changes.filter(occurs_on=day).update(occurs_on=target)
            after.tellings.filter(occurs_on=day).update(occurs_on=target)
        else:
            after.changes.filter(occurs_on=day).delete()
    if before.starts_at != after.starts_at:
        after.rsvps.update(reminded=0)


def call_off(occurrence: Occurrence, by: Member, reason: str) -> None:
    """This one time does not take place; where and when it would have been is kept."""
    when: dict[str, Any] = {"starts_at": occurrence.starts_at, "ends_at": occurrence.ends_at, "place": occurrence.place}
    OccurrenceChange.write(occurrence, by=by, **when, note=reason, cancelled_at=timezone.now())


def note_reminder(event: "Event") -> None:
    """Have this association woken when the event's next reminder is due."""
    due = next_reminder(event, timezone.now())
    if due:
        Wakeup.objects.note(current_uuid(), EVENTS, due)


def next_reminder(event: "Event", after: datetime) -> datetime | None:
    """The first moment after this one at which somebody is to be reminded of the event."""
    if not event.remind or event.cancelled_at:
        return None
    coming = event.occurrences(after, after + timedelta(days=62))
    moments = [at for each in coming if not each.cancelled_at for at in reminders_of(each) if at > after]
    return min(moments, default=None)


def reminders_of(occurrence: Occurrence) -> list[datetime]:
    """When the occurrence is reminded of: the evening before and, if wished, two hours before."""
    eve = datetime.combine(occurrence.day - timedelta(days=1), datetime.min.time()).replace(hour=HOUR_OF_REMINDERS)
    moments = [timezone.make_aware(eve)]
    if occurrence.event.remind == occurrence.event.Remind.AND_HOURS_BEFORE and not occurrence.event.all_day:
        moments.append(occurrence.starts_at - HOURS_BEFORE)
    return moments


def this_evening() -> datetime:
    """When reminders of tomorrow go out today."""
    return timezone.localtime().replace(hour=HOUR_OF_REMINDERS, minute=0, second=0, microsecond=0)


def _takes_place(event: "Event", day: date) -> bool:
    """By rule alone: no moved time counts as its own reason."""
    if day.isoformat() in event.exdates:
        return False
    start = timezone.make_aware(datetime.combine(day, datetime.min.time()))
    return any(True for _ in rules.times(event.rrule, event.starts_at, start, start + timedelta(days=1)))


def _near(day: date, shift: timedelta) -> list[date]:
    """Where an occurrence of this day may be now: moved like the first one, else the nearest days."""
    steps = sorted(range(-NEAR, NEAR + 1), key=abs)
    return [day + shift, *(day + timedelta(days=step) for step in steps)]
