"""Events: planning, changing one time of a series or all of it, calling off, answering."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, ClassVar, TypeAlias

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from controlplane.audit.models import record
from tenants.calendar.indexing import index
from tenants.calendar.models import checks, occurrences, series
from tenants.calendar.models.answers import Guests, Reply, Rsvp
from tenants.calendar.models.finding import Audience, EventQuerySet
from tenants.calendar.models.occurrences import Occurrence, OccurrenceChange
from tenants.calendar.models.telling import Tell, forget_nothing_off, tell
from tenants.communities.models import Community
from tenants.members.models import Household, Member

HORIZON = timedelta(days=400)


class Event(models.Model):
    """Something that happens at a time and a place."""

    Audience: TypeAlias = Audience

    class AnswersBy(models.TextChoices):
        HOUSEHOLD = "household", gettext_lazy("世帯ごと")
        PERSON = "person", gettext_lazy("1人ずつ")

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
    capacity = models.PositiveIntegerField(null=True, blank=True)  # people
    waiting_list = models.BooleanField(default=False, db_default=False)  # else who comes too late is refused
    answers_by = models.CharField(max_length=10, choices=AnswersBy, default="household", db_default="household")
    questions = models.JSONField(default=list, db_default=[], blank=True)  # at most two: {text, choices}
    remind = models.PositiveSmallIntegerField(choices=Remind, default=0, db_default=0)
    audience = models.CharField(max_length=10, choices=Audience, default=Audience.EVERYONE)
    community = models.ForeignKey(Community, on_delete=models.CASCADE, null=True, blank=True, related_name="events")
    author = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="events")
    created_at = models.DateTimeField(auto_now_add=True)
    edited_at = models.DateTimeField(auto_now=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    cancel_reason = models.CharField(max_length=200, blank=True)
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
    def may_plan(cls, member: Member, community: Community | None = None) -> bool:
        """Officers and leaders plan for everyone; members inside a community plan there."""
        if community is None:
            return member.is_leader
        return Community.objects.writable_by(member).filter(pk=community.pk).exists()

    @classmethod
    @transaction.atomic
    def plan(cls, *, by: Member, **fields: Any) -> "Event":
        """Put an event on the calendar. Raises PermissionError, ValidationError by field."""
        event = cls(author=by, **fields)
        checks.check(event, by)
        event.save()
        index(event)
        series.note_reminder(event)
        record("event.plan", event, by=by)
        return event

    @transaction.atomic
    def change(self, *, by: Member, **fields: Any) -> None:
        """Change all of it. Answers and moved times follow a series that is moved to other days."""
        if not self.may_change(by):
            raise PermissionError("Only its author or an officer changes an event.")
        before = Event.objects.select_for_update().get(pk=self.pk)
        for name, value in fields.items():
            setattr(self, name, value)
        checks.check(self, by, before)
        self.save()
        index(self)
        series.carry_over(before, self)
        for on in self.rsvps.in_line().order_by().values_list("occurs_on", flat=True).distinct():
            Guests(self, on).move_up()
        series.note_reminder(self)
        record("event.change", self, by=by, fields=sorted(fields))

    @transaction.atomic
    def change_from(self, on: date, *, by: Member, **fields: Any) -> "Event":
        """Change this time of a series and those after it: they are an event of their own from now on."""
        later = self.part(on, by=by)
        later.change(by=by, **fields)
        return later

    @transaction.atomic
    def part(self, on: date, *, by: Member) -> "Event":
        """End the series before this time, and have the rest go on by itself, with its answers. All of it: itself."""
        if not self.may_change(by):
            raise PermissionError("Only its author or an officer changes an event.")
        Event.objects.select_for_update().get(pk=self.pk)
        later = series.part(self, on)
        if later is not self:
            record("event.part", self, by=by, on=on.isoformat(), later=later.pk)
        return later

    @transaction.atomic
    def move(
        self,
        on: date,
        *,
        by: Member,
        starts_at: datetime,
        ends_at: datetime,
        place: str = "",
        note: str = "",
        tell_answered: bool = False,
    ) -> Occurrence:
        """Have one time of a series take place at another hour or place; its answers stay with it."""
        self._changed_at(on, by)
        checks.check_times(starts_at, ends_at)
        told = {"starts_at": starts_at, "ends_at": ends_at, "place": place.strip()[:120], "note": note.strip()[:200]}
        OccurrenceChange.objects.update_or_create(event=self, occurs_on=on, defaults=told | {"by": by})
        self.rsvps.filter(occurs_on=on).update(reminded=0)
        record("event.move", self, by=by, on=on.isoformat())
        series.note_reminder(self)
        moved = self._fresh(on)
        if tell_answered:
            tell("moved", moved, self.rsvps.filter(occurs_on=on))
        return moved

    @transaction.atomic
    def put_back(self, on: date, *, by: Member) -> None:
        """Have one time of a series take place as its rule says again."""
        if not self.may_change(by):
            raise PermissionError("Only its author or an officer changes an event.")
        if self.changes.filter(occurs_on=on, cancelled_at=None).delete()[0]:
            self.rsvps.filter(occurs_on=on).update(reminded=0)
            record("event.put_back", self, by=by, on=on.isoformat())

    @transaction.atomic
    def cancel(
        self, *, by: Member, reason: str = "", on: date | None = None, to: str = Tell.ANSWERED, urgent: bool = False
    ) -> None:
        """Call all of it off, or one time of a series, and write to those who meant to come, or to everybody.

        It stays on the calendar, marked, so that nobody comes in vain. Twice is once, and told once.
        """
        if not self.may_change(by):
            raise PermissionError("Only its author or an officer cancels an event.")
        locked = Event.objects.select_for_update().get(pk=self.pk)
        one = on if self.rrule else None
        occurrence = self._changed_at(one, by) if one else self.next_occurrence()
        if locked.cancelled_at or (one and occurrence.cancelled_at):
            return
        reason = reason.strip()[:200]
        if one:
            series.call_off(occurrence, by, reason)
        else:
            self.cancelled_at, self.cancel_reason = timezone.now(), reason
            self.save(update_fields=["cancelled_at", "cancel_reason", "edited_at"])
        forget_nothing_off()
        about = {"on": one.isoformat()} if one else {}
        record("event.cancel", self, by=by, reason=reason, **about)
        coming = self.rsvps.filter(occurs_on=one) if one else self.rsvps.filter(occurs_on__gte=timezone.localdate())
        tell("cancelled", self._fresh(one) if one else occurrence, coming, to=to, urgent=urgent)

    def may_change(self, member: Member) -> bool:
        return member.is_officer or self.author_id == member.pk

    def occurrences(self, start: datetime, end: datetime) -> Sequence[Occurrence]:
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
        coming = self.occurrences(now, now + HORIZON)
        held = [each for each in coming if not each.cancelled_at]
        first = Occurrence(self, self.starts_at, self.ends_at, timezone.localdate(self.starts_at))
        return (held or list(coming) or [first])[0]

    @transaction.atomic
    def answer(
        self,
        member: Member,
        answer: str,
        *,
        companions: int = 0,
        on: date | None = None,
        replies: dict[str, str] | None = None,
    ) -> Rsvp:
        """Set the home's answer for one occurrence, or the person's where each answers.

        When it is full the answer waits in line, if the event has one. Raises ValidationError when it has not, or when
        the event is over or called off.
        """
        reply = Reply(answer, companions, replies or {})
        event = Event.objects.select_for_update().get(pk=self.pk)
        person = member if event.answers_by == self.AnswersBy.PERSON else None
        guests = Guests(event, on or event.next_occurrence().on)
        return guests.answer(member.household_id, person, reply, by=member, proxy=False)

    @transaction.atomic
    def answer_for(
        self, home: Household, answer: str, *, by: Member, on: date, person: Member | None = None, companions: int = 0
    ) -> Rsvp:
        """Enter what a home, or somebody of it, said at the door (代理): its group's leader, or an officer."""
        if not Household.objects.known_to(by).filter(pk=home.pk).exists():
            raise PermissionError("Only officers and the group's own leader answer for a home.")
        event = Event.objects.select_for_update().get(pk=self.pk)
        each = event.answers_by == self.AnswersBy.PERSON
        if each and (person is None or person.household_id != home.pk or person.left_at):
            raise ValidationError({"person": _("だれの出欠かを選んでください。")})
        before = event.rsvps.filter(household=home, person=person if each else None, occurs_on=on).first()
        reply = Reply(answer, companions, before.replies if before else {})
        rsvp = Guests(event, on).answer(home, person if each else None, reply, by=by, proxy=True)
        record("event.answer_for", self, by=by, household=home.pk, on=on.isoformat())
        return rsvp

    def people_coming(self, on: date) -> int:
        return Guests(self, on).coming

    def replies_to_keep(self, replies: dict[str, str]) -> dict[str, str]:
        return checks.replies(self.questions, replies)

    def _changed_at(self, on: date, by: Member) -> Occurrence:
        """The time that is changed; only a series has times that differ."""
        if not self.may_change(by):
            raise PermissionError("Only its author or an officer changes an event.")
        occurrence = self.occurrence_on(on) if self.rrule else None
        if occurrence is None:
            raise ValidationError({"on": _("この日には、行事がありません。")})
        return occurrence

    def _fresh(self, on: date) -> Occurrence:
        """The occurrence as it stands now, whatever was fetched before."""
        occurrence = Event.objects.get(pk=self.pk).occurrence_on(on)
        if occurrence is None:
            raise ValidationError({"on": _("この日には、行事がありません。")})
        return occurrence
