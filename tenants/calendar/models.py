"""The calendar: events, their occurrences, answers (出欠). Schema: every association's own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Count, Q, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from controlplane.audit.models import record
from tenants.calendar import ical
from tenants.communities.models import Community
from tenants.members.models import Household, Member, part_of_erasing

HORIZON = timedelta(days=400)
MONTH = timedelta(days=31)


@dataclass(frozen=True)
class Occurrence:
    """One time an event takes place. Times are aware; `ends_at` is exclusive."""

    event: "Event"
    starts_at: datetime
    ends_at: datetime

    @property
    def on(self) -> date:
        return timezone.localdate(self.starts_at)


class EventQuerySet(models.QuerySet["Event"]):
    def visible_to(self, member: Member) -> "EventQuerySet":
        """The one definition of who sees an event: pages, API and iCalendar alike."""
        if not member.is_admitted:
            return self.none()
        communities = Community.objects.readable_by(member).values("pk")
        seen = Q(audience=Event.Audience.EVERYONE) | Q(audience=Event.Audience.COMMUNITY, community__in=communities)
        if member.is_officer:
            seen |= Q(audience=Event.Audience.OFFICERS)
        return self.filter(seen)

    def search(self, words: str) -> "EventQuerySet":
        """Events holding every one of the words, in title, place or description; the latest first."""
        found = self
        for word in words.split()[:8]:
            found = found.filter(Q(title__icontains=word) | Q(place__icontains=word) | Q(description__icontains=word))
        return found.order_by("-starts_at")

    def between(self, start: datetime, end: datetime) -> list[Occurrence]:
        """Every occurrence that touches [start, end), recurring ones expanded, in order."""
        single = Q(rrule="", starts_at__lt=end, ends_at__gt=start)
        recurring = ~Q(rrule="") & Q(starts_at__lt=end)
        found = self.filter(single | recurring).select_related("community")
        occurrences = [
            Occurrence(event, starts, ends) for event in found for starts, ends in ical.expand(event, start, end)
        ]
        return sorted(occurrences, key=lambda occurrence: (occurrence.starts_at, occurrence.event.pk))


class Event(models.Model):
    """Something that happens at a time and a place."""

    class Audience(models.TextChoices):
        EVERYONE = "everyone", "全世帯"
        COMMUNITY = "community", "コミュニティ"
        OFFICERS = "officers", "役員だけ"

    title = models.CharField(max_length=120)
    description = models.TextField(max_length=5000, blank=True)
    place = models.CharField(max_length=120, blank=True)
    starts_at = models.DateTimeField(db_index=True)
    ends_at = models.DateTimeField()
    all_day = models.BooleanField(default=False)
    rrule = models.CharField(max_length=200, blank=True)  # RFC 5545, e.g. FREQ=MONTHLY;BYDAY=2SA
    exdates = models.JSONField(default=list, blank=True)  # ISO dates on which it does not take place
    capacity = models.PositiveIntegerField(null=True, blank=True)  # people
    audience = models.CharField(max_length=10, choices=Audience, default=Audience.EVERYONE)
    community = models.ForeignKey(Community, on_delete=models.CASCADE, null=True, blank=True, related_name="events")
    author = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="events")
    created_at = models.DateTimeField(auto_now_add=True)
    edited_at = models.DateTimeField(auto_now=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    cancel_reason = models.CharField(max_length=200, blank=True)

    objects = EventQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["starts_at"]

    def __str__(self) -> str:
        return self.title

    @classmethod
    def may_plan(cls, member: Member, community: Community | None = None) -> bool:
        """Officers and leaders plan for everyone; members inside a community plan there."""
        if community is None:
            return member.is_leader
        return Community.objects.readable_by(member).filter(pk=community.pk).exists()

    @classmethod
    @transaction.atomic
    def plan(cls, *, by: Member, **fields: Any) -> "Event":
        """Put an event on the calendar. Raises PermissionError, ValidationError by field."""
        event = cls(author=by, **fields)
        event._check(by)
        event.save()
        record("event.plan", event, by=by)
        return event

    @transaction.atomic
    def change(self, *, by: Member, **fields: Any) -> None:
        if not self.may_change(by):
            raise PermissionError("Only its author or an officer changes an event.")
        for name, value in fields.items():
            setattr(self, name, value)
        self._check(by)
        self.save()
        record("event.change", self, by=by, fields=sorted(fields))

    @transaction.atomic
    def cancel(self, *, by: Member, reason: str = "") -> None:
        """Call the event off. It stays on the calendar, marked, so that nobody comes in vain."""
        if not self.may_change(by):
            raise PermissionError("Only its author or an officer cancels an event.")
        if self.cancelled_at is None:
            self.cancelled_at, self.cancel_reason = timezone.now(), reason.strip()[:200]
            self.save(update_fields=["cancelled_at", "cancel_reason", "edited_at"])
            record("event.cancel", self, by=by, reason=self.cancel_reason)

    def may_change(self, member: Member) -> bool:
        return member.is_officer or self.author_id == member.pk

    def occurrences(self, start: datetime, end: datetime) -> Sequence[Occurrence]:
        return [Occurrence(self, starts, ends) for starts, ends in ical.expand(self, start, end)]

    def occurrence_on(self, day: date) -> Occurrence | None:
        """The occurrence that begins on this day, if one does."""
        start = timezone.make_aware(datetime.combine(day, datetime.min.time()))
        found = self.occurrences(start, start + timedelta(days=1))
        return next((occurrence for occurrence in found if occurrence.on == day), None)

    def next_occurrence(self, after: datetime | None = None) -> Occurrence:
        """The next time it takes place, or its first when it is over."""
        now = after or timezone.now()
        coming = self.occurrences(now, now + HORIZON)
        return coming[0] if coming else Occurrence(self, self.starts_at, self.ends_at)

    @transaction.atomic
    def answer(self, member: Member, answer: str, *, companions: int = 0, on: date | None = None) -> "Rsvp":
        """Set the household's answer for one occurrence. Raises ValidationError when it is full, over or called off."""
        event = Event.objects.select_for_update().get(pk=self.pk)
        day = on or event.next_occurrence().on
        event._check_answer(member, answer, companions, day)
        rsvp, _created = event.rsvps.update_or_create(
            household_id=member.household_id,
            occurs_on=day,
            defaults={"answer": answer, "companions": companions, "member": member},
        )
        return rsvp

    def people_coming(self, on: date) -> int:
        coming = self.rsvps.filter(occurs_on=on, answer=Rsvp.Answer.YES)
        return coming.count() + (coming.aggregate(n=Sum("companions"))["n"] or 0)

    def _check(self, by: Member) -> None:
        inside = self.community if self.audience == self.Audience.COMMUNITY else None
        for_officers = self.audience == self.Audience.OFFICERS and not by.is_officer
        if for_officers or not self.may_plan(by, inside):
            raise PermissionError("This member may not plan this event.")
        errors: dict[str, str] = {}
        if not self.title.strip():
            errors["title"] = _("行事の名前が、まだ入っていません。")
        if not 2000 <= self.starts_at.year <= 2100 or not 2000 <= self.ends_at.year <= 2100:
            errors["starts_at"] = _("年が読み取れません。")
        if self.ends_at <= self.starts_at:
            errors["ends_at"] = _("終わりが、始まりより前になっています。")
        if self.audience == self.Audience.COMMUNITY and self.community is None:
            errors["community"] = _("コミュニティを選んでください。")
        if self.rrule and self.ends_at - self.starts_at > MONTH:  # each day of a page would hold all that go on
            errors["ends_at"] = _("くり返す行事は、1回を31日までにしてください。")
        if self.rrule and "starts_at" not in errors:
            try:
                ical.check_rrule(self.rrule, self.starts_at)
            except ValueError:
                errors["rrule"] = _("くり返しの決まりが読み取れません。")
        if errors:
            raise ValidationError(errors)

    def _check_answer(self, member: Member, answer: str, companions: int, day: date) -> None:
        if answer not in Rsvp.Answer.values:
            raise ValidationError({"answer": _("参加する・参加しない・未定から選んでください。")})
        if not 0 <= companions <= 20:
            raise ValidationError({"companions": _("いっしょに来る人は20人までです。")})
        if self.cancelled_at:
            raise ValidationError(_("この行事は中止になりました。"))
        if self.occurrence_on(day) is None:
            raise ValidationError({"on": _("この日には、行事がありません。")})
        if answer == Rsvp.Answer.YES and self.capacity is not None:
            others = self.rsvps.filter(occurs_on=day, answer=Rsvp.Answer.YES).exclude(household=member.household_id)
            taken = others.count() + (others.aggregate(n=Sum("companions"))["n"] or 0)
            if taken + 1 + companions > self.capacity:
                raise ValidationError({"answer": _("定員に達しました。「未定」で待つことができます。")})


@dataclass(frozen=True)
class Turnout:
    """Who comes to one occurrence, in households, and how many people that makes."""

    yes: int = 0
    no: int = 0
    maybe: int = 0
    people: int = 0


class RsvpQuerySet(models.QuerySet["Rsvp"]):
    def for_occurrences(self, occurrences: Sequence[Occurrence]) -> "RsvpQuerySet":
        """Answers to any of these occurrences."""
        events = {occurrence.event.pk for occurrence in occurrences}
        return self.filter(event__in=events, occurs_on__in={occurrence.on for occurrence in occurrences})

    def turnout(self) -> dict[tuple[int, date], Turnout]:
        """(event, day) -> Turnout, in one statement."""
        yes = Q(answer=Rsvp.Answer.YES)
        rows = self.values_list("event", "occurs_on").annotate(
            yes=Count("pk", filter=yes),
            no=Count("pk", filter=Q(answer=Rsvp.Answer.NO)),
            maybe=Count("pk", filter=Q(answer=Rsvp.Answer.MAYBE)),
            companions=Sum("companions", filter=yes, default=0),
        )
        return {(event, on): Turnout(y, n, m, y + companions) for event, on, y, n, m, companions in rows}


class Rsvp(models.Model):
    """A household's answer for one occurrence; the last answer holds."""

    class Answer(models.TextChoices):
        YES = "yes", "参加する"
        NO = "no", "参加しない"
        MAYBE = "maybe", "未定"

    # Not indexed by itself: rsvp_once_per_household begins with it.
    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="rsvps", db_index=False)
    household = models.ForeignKey(Household, on_delete=models.CASCADE, related_name="rsvps")
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="rsvps")
    occurs_on = models.DateField()
    answer = models.CharField(max_length=5, choices=Answer)
    companions = models.PositiveSmallIntegerField(default=0)
    at = models.DateTimeField(auto_now=True)

    objects = RsvpQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["event", "household", "occurs_on"], name="rsvp_once_per_household")
        ]

    def __str__(self) -> str:
        return f"{self.household}: {self.get_answer_display()}"


@part_of_erasing
def forget_answers(member: Member, by: object) -> None:
    """Answers go. An event stays the association's; one planned inside a community was the person's own word."""
    Rsvp.objects.filter(member=member).delete()
    own = Event.objects.filter(author=member, audience=Event.Audience.COMMUNITY)
    own.filter(ends_at__gt=timezone.now(), cancelled_at=None).update(cancelled_at=timezone.now())
    own.update(description="", place="", cancel_reason="")
