"""Who sees which events, and when they take place: each said once, for every page, the API and files."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from heapq import merge
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import CharField, F, Func, Prefetch, Q, Value
from django.db.models.lookups import GreaterThanOrEqual
from django.utils import timezone
from django.utils.translation import gettext_lazy

from tenants.calendar.models.occurrences import (
    DAY,
    Occurrence,
    OccurrenceChange,
    Occurrences,
    begins,
    between,
    first_of,
    midnight,
)
from tenants.communities.models import Community
from tenants.members.models import Member

if TYPE_CHECKING:
    from tenants.calendar.models.events import Event

MOST = 1000  # occurrences in one answer, unless whoever asks says otherwise
LONGEST = timedelta(days=32)  # a time of a series lasts 31 days at most (checks.MONTH); and one for time zones
KEPT = timedelta(days=400)  # how long a phone keeps what is over
RAINY = timedelta(days=2)  # how long before its beginning a cancelled event stands on top of the pages


class Audience(models.TextChoices):
    EVERYONE = "everyone", gettext_lazy("全世帯")
    COMMUNITY = "community", gettext_lazy("コミュニティ")
    OFFICERS = "officers", gettext_lazy("役員だけ")


def goes_on(since: datetime) -> Q:
    """Series that name no end, or one not long before this moment; told by the database, however many have ended."""
    last = Func(F("rrule"), Value("UNTIL=([0-9]{8})"), function="substring", output_field=CharField())
    day = timezone.localdate(since) - LONGEST
    return ~Q(rrule__contains="UNTIL=") | Q(GreaterThanOrEqual(last, f"{day:%Y%m%d}"))


@dataclass(frozen=True)
class Timetable:
    """The events of a stretch of time. Each answer is capped, and costs what it gives and not what is planned."""

    events: "list[Event]"

    def between(self, start: datetime, end: datetime, most: int = MOST, a_day: int | None = None) -> Occurrences:
        """The first occurrences that touch [start, end), in order."""
        every = merge(*(self._of(event, start, end) for event in self.events), key=begins)
        return first_of(every, most, a_day)

    def next_of_each(self, start: datetime, end: datetime, most: int = MOST) -> Occurrences:
        """Of each event its first occurrence that touches [start, end)."""
        firsts = (next(self._of(event, start, end), None) for event in self.events)
        return first_of(iter(sorted(filter(None, firsts), key=begins)), most)

    def days(self, first: date, after: date) -> set[date]:
        """The days on which anything takes place, from the first and before the other, until all are found."""
        start, end = midnight(first), midnight(after)
        found: set[date] = set()
        for event in self.events:
            for occurrence in self._of(event, start, end):
                since, last = max(occurrence.day, first), min(occurrence.last_day, after - DAY)
                found.update(since + DAY * n for n in range((last - since).days + 1))
            if len(found) == (after - first).days:
                break
        return found

    @staticmethod
    def _of(event: "Event", start: datetime, end: datetime) -> Iterator[Occurrence]:
        changes: list[OccurrenceChange] = event.changes_near  # type: ignore[attr-defined]
        return between(event, changes, start, end)


class EventQuerySet(models.QuerySet["Event"]):
    def visible_to(self, member: Member) -> "EventQuerySet":
        """The one definition of who sees an event: pages, API, print and iCalendar alike."""
        if not member.is_admitted:
            return self.none()
        communities = Community.objects.readable_by(member).values("pk")
        seen = Q(audience=Audience.EVERYONE) | Q(audience=Audience.COMMUNITY, community__in=communities)
        if member.is_officer:
            seen |= Q(audience=Audience.OFFICERS)
        return self.filter(seen)

    def between(self, start: datetime, end: datetime, most: int = MOST) -> Occurrences:
        """The occurrences that touch [start, end), recurring ones expanded and moved ones moved: the first of them."""
        return self.timetable(start, end).between(start, end, most)

    def timetable(self, start: datetime, end: datetime) -> "Timetable":
        """What may take place in [start, end), fetched once for all that is asked about it."""
        near = Q(starts_at__lt=end, ends_at__gt=start)
        by_rule = Q(occurs_on__gte=timezone.localdate(start) - LONGEST, occurs_on__lte=timezone.localdate(end))
        moved = OccurrenceChange.objects.filter(near).values("event")
        single = Q(rrule="") & near
        recurring = ~Q(rrule="") & (Q(starts_at__lt=end) | Q(pk__in=moved)) & (goes_on(start) | Q(pk__in=moved))
        changes = Prefetch("changes", OccurrenceChange.objects.filter(near | by_rule), to_attr="changes_near")
        return Timetable(list(self.filter(single | recurring).select_related("community").prefetch_related(changes)))

    def for_phones(self) -> "EventQuerySet":
        """What a phone's calendar holds: series that go on, then what takes place once, from the latest back a year."""
        since = timezone.now() - KEPT
        changes = OccurrenceChange.objects.filter(Q(ends_at__gte=since) | Q(occurs_on__gte=timezone.localdate(since)))
        found = self.filter(Q(rrule="", ends_at__gte=since) | ~Q(rrule="") & goes_on(since))
        ordered = found.order_by("-rrule", "-starts_at", "-pk")
        return ordered.prefetch_related(Prefetch("changes", changes))[: MOST + 1]

    def going_on(self) -> "EventQuerySet":
        """Series that may take place from today on; whether a COUNT has run out, their rules say."""
        return self.exclude(rrule="").filter(goes_on(timezone.now()))

    def called_off(self) -> list[Occurrence]:
        """What would take place now or within two days, and does not: for the top of the pages."""
        now = timezone.now()
        changed = OccurrenceChange.objects.filter(
            cancelled_at__isnull=False, starts_at__lt=now + RAINY, ends_at__gt=now
        ).values("event")
        recently = Q(cancelled_at__gt=now - timedelta(days=30))
        soon = self.filter(recently | Q(pk__in=changed)).between(now, now + RAINY)
        return [occurrence for occurrence in soon if occurrence.cancelled_at]
