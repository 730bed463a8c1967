"""Answers (出欠): of a home or of a person, entered by themselves or for them; places, and who waits for one."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Count, Exists, OuterRef, Q, Sum
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tenants.calendar import letters
from tenants.members.models import Household, Member, MemberQuerySet

if TYPE_CHECKING:
    from tenants.calendar.models.events import Event
    from tenants.calendar.models.occurrences import Occurrence

COMPANIONS = 20
WAITING = "waiting"  # what is said of a 参加する that has no place yet


@dataclass(frozen=True)
class Turnout:
    """Who comes to one occurrence, in answers, and how many people that makes. Who waits for a place does not come."""

    yes: int = 0
    no: int = 0
    maybe: int = 0
    people: int = 0
    waiting: int = 0


class RsvpQuerySet(models.QuerySet["Rsvp"]):
    def for_occurrences(self, occurrences: "Sequence[Occurrence]") -> "RsvpQuerySet":
        """Answers to any of these occurrences."""
        events = {occurrence.event.pk for occurrence in occurrences}
        return self.filter(event__in=events, occurs_on__in={occurrence.on for occurrence in occurrences})

    def own(self, member: Member) -> "RsvpQuerySet":
        """The answer of this person, or of their home where homes answer."""
        return self.filter(Q(household=member.household_id, person=None) | Q(person=member))

    def confirmed(self) -> "RsvpQuerySet":
        return self.filter(answer=Rsvp.Answer.YES, waiting_since=None)

    def in_line(self) -> "RsvpQuerySet":
        """Who waits for a place, the first of them first."""
        return self.filter(answer=Rsvp.Answer.YES, waiting_since__isnull=False).order_by("waiting_since", "pk")

    def people(self) -> int:
        sums = self.aggregate(answers=Count("pk"), companions=Sum("companions", default=0))
        return int(sums["answers"] + sums["companions"])

    def turnout(self) -> dict[tuple[int, date], Turnout]:
        """(event, day) -> Turnout, in one statement."""
        yes = Q(answer=Rsvp.Answer.YES, waiting_since=None)
        rows = self.values_list("event", "occurs_on").annotate(
            yes=Count("pk", filter=yes),
            no=Count("pk", filter=Q(answer=Rsvp.Answer.NO)),
            maybe=Count("pk", filter=Q(answer=Rsvp.Answer.MAYBE)),
            companions=Sum("companions", filter=yes, default=0),
            waiting=Count("pk", filter=Q(answer=Rsvp.Answer.YES, waiting_since__isnull=False)),
        )
        return {(event, on): Turnout(y, n, m, y + more, waiting) for event, on, y, n, m, more, waiting in rows}

    def notified(self) -> MemberQuerySet:
        """Everybody with an account who hears about these answers: the person, or all of the home."""
        homes = self.filter(person=None).values("household")
        people = Member.objects.admitted().filter(user__isnull=False)
        return people.filter(Q(household__in=homes) | Q(pk__in=self.values("person"))).select_related("user")

    def unreached(self) -> "RsvpQuerySet":
        """Those nobody can write to: somebody has to call or ring."""
        reached = Member.objects.admitted().filter(user__isnull=False)
        of_home = Q(person=None) & ~Exists(reached.filter(household=OuterRef("household")))
        own = Q(person__isnull=False) & ~Exists(reached.filter(pk=OuterRef("person")))
        return self.filter(of_home | own).select_related("household__group", "person")

    def said(self, word: str) -> "RsvpQuerySet":
        """Those that say so: one of the answers, or `waiting` for a place."""
        waits = word == WAITING
        found = self.filter(answer=Rsvp.Answer.YES if waits else word)
        return found.filter(waiting_since__isnull=not waits) if waits or word == Rsvp.Answer.YES else found


class Rsvp(models.Model):
    """A home's answer for one occurrence, or a person's where each answers; the last answer holds."""

    class Answer(models.TextChoices):
        YES = "yes", gettext_lazy("参加する")
        NO = "no", gettext_lazy("参加しない")
        MAYBE = "maybe", gettext_lazy("未定")

    # Not indexed by itself: rsvp_once begins with it.
    event = models.ForeignKey("calendar.Event", on_delete=models.CASCADE, related_name="rsvps", db_index=False)
    household = models.ForeignKey(Household, on_delete=models.CASCADE, related_name="rsvps")
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="rsvps")  # who entered it
    person = models.ForeignKey(Member, on_delete=models.CASCADE, null=True, related_name="+", db_index=False)
    by_proxy = models.BooleanField(default=False, db_default=False)  # 代理: entered by a leader or officer
    occurs_on = models.DateField()
    answer = models.CharField(max_length=5, choices=Answer)
    companions = models.PositiveSmallIntegerField(default=0)
    replies = models.JSONField(default=dict, db_default={}, blank=True)  # question -> reply
    waiting_since = models.DateTimeField(null=True, blank=True)
    reminded = models.PositiveSmallIntegerField(default=0, db_default=0)  # of Event.Remind: how many went out
    at = models.DateTimeField(auto_now=True)

    objects = RsvpQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["event", "occurs_on", "household", "person"], name="rsvp_once", nulls_distinct=False
            )
        ]

    def __str__(self) -> str:
        return f"{self.person or self.household}: {self.said}"

    @property
    def is_waiting(self) -> bool:
        return self.waiting_since is not None

    @property
    def said(self) -> str:
        return _("キャンセル待ち") if self.is_waiting else self.get_answer_display()

    @property
    def people(self) -> int:
        return 1 + self.companions


@dataclass(frozen=True)
class Reply:
    """What somebody answers: the word, who comes along, and what was asked besides."""

    answer: str
    companions: int = 0
    replies: dict[str, str] = field(default_factory=dict)


@dataclass
class Guests:
    """The answers for one occurrence. Whoever changes them holds the event's row, so that no place is given twice."""

    event: "Event"
    on: date

    @property
    def rows(self) -> RsvpQuerySet:
        return RsvpQuerySet(Rsvp).filter(event=self.event, occurs_on=self.on)

    @property
    def coming(self) -> int:
        return self.rows.confirmed().people()

    def answer(self, home: Household | int, person: Member | None, reply: Reply, *, by: Member, proxy: bool) -> Rsvp:
        """Write one answer down, and give a place that it frees to who waits for it."""
        pk = home if isinstance(home, int) else home.pk
        self._check(reply)
        own = self.rows.filter(household=pk, person=person).first()
        since = self._waiting_since(own, reply)
        rsvp, _created = Rsvp.objects.update_or_create(
            event=self.event,
            household_id=pk,
            person=person,
            occurs_on=self.on,
            defaults={
                "answer": reply.answer,
                "companions": reply.companions,
                "replies": self.event.replies_to_keep(reply.replies),
                "member": by,
                "by_proxy": proxy,
                "waiting_since": since,
            },
        )
        self.move_up(but=rsvp)
        return rsvp

    def move_up(self, but: Rsvp | None = None) -> None:
        """Give free places to who waits, in order; the first who does not fit is waited for. They are told."""
        if self.event.cancelled_at or not self.rows.in_line().exists():
            return
        occurrence = self.event.occurrence_on(self.on)
        if occurrence is None or occurrence.cancelled_at or occurrence.is_over:
            return
        for row in self._fitting():
            row.waiting_since = None
            row.save(update_fields=["waiting_since"])
            letters.moved_up(occurrence, self.rows.filter(pk=row.pk).notified())

    def _fitting(self) -> Iterable[Rsvp]:
        capacity = self.event.capacity
        free = None if capacity is None else capacity - self.coming
        for row in list(self.rows.in_line()):
            if free is not None:
                free -= row.people
                if free < 0:
                    return
            yield row

    def _check(self, reply: Reply) -> None:
        if reply.answer not in Rsvp.Answer.values:
            raise ValidationError({"answer": _("参加する・参加しない・未定から選んでください。")})
        if not 0 <= reply.companions <= COMPANIONS:
            raise ValidationError({"companions": _("いっしょに来る人は20人までです。")})
        occurrence = None if self.event.cancelled_at else self.event.occurrence_on(self.on)
        if self.event.cancelled_at or (occurrence and occurrence.cancelled_at):
            raise ValidationError(_("この行事は中止になりました。"))
        if occurrence is None:
            raise ValidationError({"on": _("この日には、行事がありません。")})

    def _waiting_since(self, own: Rsvp | None, reply: Reply) -> Any:
        """None for who has a place or asks for none; else since when this answer stands in line."""
        capacity, wanted = self.event.capacity, 1 + reply.companions
        if reply.answer != Rsvp.Answer.YES or capacity is None:
            return None
        seated = own is not None and own.answer == Rsvp.Answer.YES and not own.is_waiting
        if seated and own and wanted <= own.people:
            return None
        others = self.rows.exclude(pk=own.pk if own else 0)
        if wanted <= capacity - others.confirmed().people() and not others.in_line().exists():
            return None
        if seated:
            raise ValidationError({"companions": _("席が足りません。人数は、前のままにしてあります。")})
        if not self.event.waiting_list:
            raise ValidationError({"answer": _("満員になりました。「未定」で待てます。")})
        if wanted > capacity:
            raise ValidationError({"companions": _("人数が、定員より多くなっています。")})
        return own.waiting_since if own and own.waiting_since else timezone.now()

    @cached_property
    def turnout(self) -> Turnout:
        return self.rows.turnout().get((self.event.pk, self.on), Turnout())
