"""Who comes to an event, as its own verbs: answering, also for a home without a phone."""

from datetime import date
from typing import TYPE_CHECKING, ClassVar, cast

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from controlplane.audit.models import record
from tenants.calendar.models import checks
from tenants.calendar.models.answers import Guests, Reply, Rsvp
from tenants.members.models import Act, Household, Member, only

if TYPE_CHECKING:
    from tenants.calendar.models.events import Event


class Attended(models.Model):
    """The part of an event that says who may come and how they answer."""

    class AnswersBy(models.TextChoices):
        HOUSEHOLD = "household", gettext_lazy("世帯ごと")
        PERSON = "person", gettext_lazy("1人ずつ")

    capacity = models.PositiveIntegerField(null=True, blank=True)  # people
    waiting_list = models.BooleanField(default=False, db_default=False)  # else who comes too late is refused
    answers_by = models.CharField(max_length=10, choices=AnswersBy, default="household", db_default="household")
    questions = models.JSONField(default=list, db_default=[], blank=True)  # at most two: {text, choices}

    class Meta:
        abstract: ClassVar = True

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
        only(member, Act.ANSWER_EVENT, self)
        reply = Reply(answer, companions, replies or {})
        event = self._held()
        person = member if event.answers_by == self.AnswersBy.PERSON else None
        guests = Guests(event, on or event.next_occurrence().on)
        return guests.answer(member.household_id, person, reply, by=member, proxy=False)

    @transaction.atomic
    def answer_for(
        self, home: Household, answer: str, *, by: Member, on: date, person: Member | None = None, companions: int = 0
    ) -> Rsvp:
        """Enter what a home, or somebody of it, said at the door (代理): its group's leader, or an officer."""
        only(by, Act.ANSWER_FOR, home)
        event = self._held()
        each = event.answers_by == self.AnswersBy.PERSON
        if each and (person is None or person.household_id != home.pk or person.left_at):
            raise ValidationError({"person": _("だれの出欠かを選んでください。")})
        before = event.rsvps.filter(household=home, person=person if each else None, occurs_on=on).first()
        reply = Reply(answer, companions, before.replies if before else {})
        rsvp = Guests(event, on).answer(home, person if each else None, reply, by=by, proxy=True)
        record("event.answer_for", self, by=by, household=home.pk, on=on.isoformat())
        return rsvp

    def people_coming(self, on: date) -> int:
        return Guests(cast("Event", self), on).coming

    def replies_to_keep(self, replies: dict[str, str]) -> dict[str, str]:
        return checks.replies(self.questions, replies)

    def _held(self) -> "Event":
        """The event as it stands, its row held: places are given one after another."""
        return type(cast("Event", self)).objects.select_for_update().get(pk=self.pk)
