"""Events: planning, changing all of one or the rest of a series, and when it takes place."""

import copy
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any, ClassVar, TypeAlias

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from controlplane.audit.models import record
from controlplane.versioned import Versioned
from tenants.calendar import sharing
from tenants.calendar.indexing import index
from tenants.calendar.models import checks, occurrences, series
from tenants.calendar.models.answers import Guests
from tenants.calendar.models.attending import Attended
from tenants.calendar.models.calling_off import CalledOff
from tenants.calendar.models.finding import MOST, Audience, EventQuerySet
from tenants.calendar.models.fullness import check_another, check_room
from tenants.calendar.models.occurrences import Occurrence, Occurrences
from tenants.communities.models import Community
from tenants.members.models import Act, Member, only

HORIZON = timedelta(days=400)


class Event(Attended, CalledOff, Versioned):
    """Something that happens at a time and a place."""

    Audience: TypeAlias = Audience

    class Remind(models.IntegerChoices):
        NEVER = 0, gettext_lazy("送らない")
        DAY_BEFORE = 1, gettext_lazy("前の日の夕方6時")
        AND_HOURS_BEFORE = 2, gettext_lazy("前の日と、2時間前")

    title = models.CharField(max_length=120)
    description = models.TextField(max_length=5000, blank=True)
    place = models.CharField(max_length=120, blank=True)
    starts_at = models.DateTimeField(db_index=True)
    ends_at = models.DateTimeField()
    all_day = models.BooleanField(default=False)
    rrule = models.CharField(max_length=200, blank=True)  # RFC 5545, e.g. FREQ=MONTHLY;BYDAY=2SA
    exdates = models.JSONField(default=list, blank=True)  # ISO dates on which it does not take place
    remind = models.PositiveSmallIntegerField(choices=Remind, default=0, db_default=0)
    audience = models.CharField(max_length=10, choices=Audience, default=Audience.EVERYONE)
    community = models.ForeignKey(Community, on_delete=models.CASCADE, null=True, blank=True, related_name="events")
    shared = models.BooleanField(default=False, db_default=False)  # a federation's: on its members' calendars, too
    author = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="events")
    created_at = models.DateTimeField(auto_now_add=True)
    edited_at = models.DateTimeField(auto_now=True)
    source = models.CharField(max_length=255, blank=True, db_default="")  # the UID of a file, or the event copied

    objects = EventQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["starts_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["source"], condition=~Q(source=""), name="event_once_per_source")
        ]

    def __str__(self) -> str:
        return self.title

    @classmethod
    @transaction.atomic
    def plan(cls, *, by: Member, **fields: Any) -> "Event":
        """Put an event on the calendar. Raises PermissionError, ValidationError by field."""
        event = cls(author=by, **fields)
        checks.check(event, by)
        check_room(event)
        event.save(force_insert=True)
        index(event)
        series.note_reminder(event)
        sharing.reflect(event)
        record("event.plan", event, by=by)
        return event

    @transaction.atomic
    def change(self, *, by: Member, version: int | None = None, **fields: Any) -> None:
        """Change all of it. Answers and moved times follow a series that is moved to other days.

        What was called off stays so. Raises EditedMeanwhile when `version` is not the newest.
        """
        only(by, Act.CHANGE_EVENT, self)
        row = self.locked(version)
        before = copy.copy(row)
        for name, value in fields.items():
            setattr(row, name, value)
        checks.check(row, by, before)
        check_room(row, before)
        row.put(*fields)
        index(row)
        series.carry_over(before, row)
        for on in row.rsvps.in_line().order_by().values_list("occurs_on", flat=True).distinct():
            Guests(row, on).move_up()
        series.note_reminder(row)
        sharing.reflect(before, row)
        record("event.change", row, by=by, fields=sorted(fields))
        self.follow(row)

    @transaction.atomic
    def change_from(self, on: date, *, by: Member, version: int | None = None, **fields: Any) -> "Event":
        """Change this time of a series and those after it: they are an event of their own from now on."""
        if self.locked(version).occurrence_on(on) is None:
            raise ValidationError({"on": _("この日には、行事がありません。")})
        later = self.part(on, by=by, version=version)
        later.change(by=by, **fields)
        return later

    @transaction.atomic
    def part(self, on: date, *, by: Member, version: int | None = None) -> "Event":
        """End the series before this time, and have the rest go on by itself, with its answers. All of it: itself."""
        only(by, Act.CHANGE_EVENT, self)
        row = self.locked(version)
        later = series.part(row, on)
        self.follow(row)
        if later is row:
            return self
        check_another(later)
        sharing.reflect(later)
        record("event.part", self, by=by, on=on.isoformat(), later=later.pk)
        return later

    def occurrences(self, start: datetime, end: datetime, most: int = MOST) -> Occurrences:
        return occurrences.first_of(self._each(start, end), most)

    def _each(self, start: datetime, end: datetime) -> Iterator[Occurrence]:
        return occurrences.between(self, self.changes.all() if self.rrule else (), start, end)

    def occurrence_on(self, day: date) -> Occurrence | None:
        """The occurrence that begins on this day by rule, if one does, wherever it was moved to."""
        return occurrences.on_day(self, self.changes.all() if self.rrule else (), day)

    def by_rule(self, day: date) -> datetime:
        """When the occurrence of this day begins, were it not moved."""
        return timezone.make_aware(datetime.combine(day, timezone.localtime(self.starts_at).time()))

    def next_occurrence(self, after: datetime | None = None) -> Occurrence:
        """The next time it takes place, or its first when it is over."""
        now = after or timezone.now()
        coming: Occurrence | None = None
        for each in self._each(now, now + HORIZON):
            if not each.cancelled_at:
                return each
            coming = coming or each
        first = Occurrence(self, self.starts_at, self.ends_at, timezone.localdate(self.starts_at))
        return coming or first
