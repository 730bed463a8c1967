"""The times an event takes place, and what is different about one of them."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from heapq import merge
from typing import TYPE_CHECKING, Any, ClassVar

from django.db import models
from django.utils import timezone

from controlplane.dates import day_before
from controlplane.versioned import EditedMeanwhile, Versioned
from tenants.calendar import rules
from tenants.members.models import Member

if TYPE_CHECKING:
    from tenants.calendar.models.events import Event

DAY = timedelta(days=1)


class OccurrenceChange(Versioned):
    """One time of a series takes place at another hour or place, or not at all. `occurs_on` is the day it had by rule.

    Answers name that day too, so that they stay with it wherever it is moved.
    """

    # Not indexed by itself: change_once_per_occurrence begins with it.
    event = models.ForeignKey("calendar.Event", on_delete=models.CASCADE, related_name="changes", db_index=False)
    occurs_on = models.DateField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    place = models.CharField(max_length=120, blank=True)
    note = models.CharField(max_length=200, blank=True)  # why: everybody who comes reads it
    cancelled_at = models.DateTimeField(null=True, blank=True)
    by = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering: ClassVar = ["occurs_on"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["event", "occurs_on"], name="change_once_per_occurrence")
        ]

    def __str__(self) -> str:
        return f"{self.event_id} {self.occurs_on}"

    @classmethod
    def write(cls, occurrence: "Occurrence", *, by: Member, version: int | None = None, **told: Any) -> None:
        """What this time is to be like, over what it was changed to before. Call with the event held.

        `version` is that of the occurrence the writer had before them.
        """
        if version is not None and version != occurrence.version:
            raise EditedMeanwhile(occurrence, occurrence.event)
        told |= {"by": by, "version": occurrence.version + 1}
        cls.objects.update_or_create(event=occurrence.event, occurs_on=occurrence.on, defaults=told)


@dataclass(frozen=True)
class Occurrence:
    """One time an event takes place. Times are aware; `ends_at` is exclusive; `on` is its day by rule, its name."""

    event: "Event"
    starts_at: datetime
    ends_at: datetime
    on: date
    change: OccurrenceChange | None = None

    @property
    def version(self) -> int:
        """How often this one time was changed; 0 while it is as its rule says."""
        return self.change.version if self.change else 0

    @property
    def day(self) -> date:
        """The day it really takes place."""
        return timezone.localdate(self.starts_at)

    @property
    def last_day(self) -> date:
        return day_before(self.ends_at)

    @property
    def place(self) -> str:
        return self.change.place if self.change else self.event.place

    @property
    def is_moved(self) -> bool:
        return self.change is not None and self.change.cancelled_at is None

    @property
    def cancelled_at(self) -> datetime | None:
        return self.event.cancelled_at or (self.change.cancelled_at if self.change else None)

    @property
    def cancel_reason(self) -> str:
        if self.event.cancelled_at or self.change is None:
            return self.event.cancel_reason
        return self.change.note if self.change.cancelled_at else ""

    @property
    def is_over(self) -> bool:
        return self.ends_at <= timezone.now()

    @property
    def path(self) -> str:
        """Where its page is, below the site's address."""
        return f"/calendar/{self.event.pk}/?on={self.on.isoformat()}"


class Occurrences(list[Occurrence]):
    """Some of the times something takes place, in order. `cut`: there are more after these; `fuller`: on these days."""

    def __init__(self) -> None:
        super().__init__()
        self.cut = False
        self.fuller: set[date] = set()


def between(
    event: "Event", changes: Iterable[OccurrenceChange], start: datetime, end: datetime
) -> Iterator[Occurrence]:
    """Yield every time the event touches [start, end), in order, moved ones where they were moved to.

    One after the other: whoever has enough looks no further.
    """
    changed = {change.occurs_on: change for change in changes} if event.rrule else {}
    moved = sorted(_moved(event, changed, start, end), key=begins)
    return merge(_by_rule(event, changed, start, end), moved, key=begins)


def first_of(found: Iterable[Occurrence], most: int, a_day: int | None = None) -> Occurrences:
    """No more than so many of them, and of those that begin on one day."""
    kept = Occurrences()
    days: Counter[date] = Counter()
    for each in found:
        if a_day is not None and days[each.day] == a_day:
            kept.fuller.add(each.day)
        elif len(kept) == most:
            kept.cut = True
            break
        else:
            days[each.day] += 1
            kept.append(each)
    return kept


def begins(occurrence: Occurrence) -> tuple[datetime, int]:
    return occurrence.starts_at, occurrence.event.pk or 0


def _by_rule(
    event: "Event", changed: Mapping[date, OccurrenceChange], start: datetime, end: datetime
) -> Iterator[Occurrence]:
    length, left_out = event.ends_at - event.starts_at, frozenset(event.exdates)
    for starts in rules.times(event.rrule, event.starts_at, start - length, end):
        on = timezone.localdate(starts)
        if on not in changed and on.isoformat() not in left_out and starts + length > start:
            yield Occurrence(event, starts, starts + length, on)


def _moved(
    event: "Event", changed: Mapping[date, OccurrenceChange], start: datetime, end: datetime
) -> Iterator[Occurrence]:
    for on, change in changed.items():
        if change.starts_at < end and change.ends_at > start and on.isoformat() not in event.exdates:
            yield Occurrence(event, change.starts_at, change.ends_at, on, change)


def on_day(event: "Event", changes: Iterable[OccurrenceChange], day: date) -> Occurrence | None:
    """The occurrence whose day by rule this is, wherever it was moved to."""
    if not 2000 <= day.year <= 2100:
        return None
    change = next((each for each in changes if each.occurs_on == day), None) if event.rrule else None
    if change and day.isoformat() not in event.exdates:
        return Occurrence(event, change.starts_at, change.ends_at, day, change)
    start = midnight(day)
    return next((each for each in _by_rule(event, {}, start, start + DAY) if each.on == day), None)


def midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
