"""Who is written to about an event: those who meant to come, or everybody it is for; and how far the writing came."""

from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar

from django.core.cache import cache
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy

from controlplane.dispatch.models import Wakeup
from controlplane.tenancy import current_uuid
from tenants.calendar import letters
from tenants.calendar.models.answers import Rsvp, RsvpQuerySet
from tenants.calendar.models.occurrences import Occurrence
from tenants.calendar.models.series import EVENTS
from tenants.members.models import Member, MemberQuerySet

if TYPE_CHECKING:
    from tenants.calendar.models.events import Event


NOTHING_OFF = "nothing-called-off"  # in the cache, while it is so
A_BATCH = 100
LOOK_AGAIN = timedelta(minutes=2)  # a broker that forgot is made up for


def forget_nothing_off() -> None:
    """Something has been called off: the home page looks again."""
    cache.delete(NOTHING_OFF)


class Tell(models.TextChoices):
    ANSWERED = "answered", gettext_lazy("「参加する」「未定」と答えた方")
    EVERYBODY = "everybody", gettext_lazy("見える人みんな")
    NOBODY = "nobody", gettext_lazy("知らせない")


class Telling(models.Model):
    """Letters about an event that are still to be written. The row goes with the last of them.

    Whoever calls an event off waits for none: a batch of letters and the mark of how far it came are one transaction,
    so that a task that is killed, delivered twice or lost writes nobody two and leaves nobody out.
    """

    class About(models.TextChoices):
        CANCELLED = "cancelled"
        MOVED = "moved"

    # Not indexed by itself: telling_once begins with it.
    event = models.ForeignKey("calendar.Event", on_delete=models.CASCADE, related_name="tellings", db_index=False)
    occurs_on = models.DateField()  # the time that is named
    whole = models.BooleanField(default=False)  # of a series: this time and all after it
    about = models.CharField(max_length=10, choices=About)
    to = models.CharField(max_length=10, choices=Tell)
    urgent = models.BooleanField(default=False)  # a short message too, for who has both
    told_to = models.BigIntegerField(default=0)  # the last member written to
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["event", "occurs_on"], name="telling_once")]

    def __str__(self) -> str:
        return f"{self.about} {self.event_id} {self.occurs_on}"

    @classmethod
    def plan(cls, about: str, occurrence: Occurrence, *, to: str, urgent: bool = False, whole: bool = False) -> None:
        """Have people written to once this has committed. Where it was said to have moved to holds no more."""
        from tenants.calendar import tasks

        event, on = occurrence.event, occurrence.on
        moved = cls.objects.filter(event=event, about=cls.About.MOVED)
        (moved if whole else moved.filter(occurs_on=on)).delete()
        if to == Tell.NOBODY:
            return
        wish = {"about": about, "to": to, "urgent": urgent, "whole": whole, "told_to": 0, "at": timezone.now()}
        telling, _created = cls.objects.update_or_create(event=event, occurs_on=on, defaults=wish)
        Wakeup.objects.note(current_uuid(), EVENTS, timezone.now() + LOOK_AGAIN)
        tasks.tell.on_commit(telling.pk)

    @classmethod
    @transaction.atomic
    def go_on(cls, pk: int) -> bool:
        """Write to the next hundred, unless another is at it: then after them. Says whether some are left."""
        telling = cls.objects.select_for_update(of=("self",)).select_related("event").filter(pk=pk).first()
        if telling is None:
            return False
        occurrence = telling.occurrence
        people = telling._next() if occurrence else []
        if occurrence and people:
            letters.send(telling.about, occurrence, people, urgent=telling.urgent)
        if len(people) < A_BATCH:
            telling.delete()
            return False
        cls.objects.filter(pk=pk).update(told_to=people[-1].pk)
        return True

    @classmethod
    def look(cls) -> bool:
        """Take up what is still to be written. Says whether anything is."""
        from tenants.calendar import tasks

        waiting = list(cls.objects.values_list("pk", flat=True))
        for pk in waiting:
            tasks.tell.on_commit(pk)
        return bool(waiting)

    @property
    def occurrence(self) -> Occurrence | None:
        """The time that is named, as it stands now; None when there is nothing left to say of it."""
        found = self.event.occurrence_on(self.occurs_on) or (self.event.next_occurrence() if self.whole else None)
        if found is None or found.last_day < timezone.localdate():
            return None
        still = found.cancelled_at if self.about == self.About.CANCELLED else not found.cancelled_at
        return found if still else None

    @property
    def readers(self) -> MemberQuerySet:
        """Everybody it is for, told or not."""
        answers = self.event.rsvps.filter(occurs_on=self.occurs_on)
        if self.whole:
            answers = self.event.rsvps.filter(occurs_on__gte=timezone.localdate(self.at))
        people = meant_to_come(answers).notified()
        if self.to == Tell.EVERYBODY:
            either = Q(pk__in=people.values("pk")) | Q(pk__in=audience(self.event).values("pk"))
            people = Member.objects.filter(either).select_related("user")
        return people

    def _next(self) -> list[Member]:
        return list(self.readers.filter(pk__gt=self.told_to).order_by("pk")[:A_BATCH])


def meant_to_come(answers: RsvpQuerySet) -> RsvpQuerySet:
    return answers.exclude(answer=Rsvp.Answer.NO)


def audience(event: "Event") -> MemberQuerySet:
    """Everybody with an account whom the event is for."""
    people = Member.objects.admitted()
    if event.audience == event.Audience.OFFICERS:
        people = Member.objects.officers()
    elif event.community:
        people = people.filter(pk__in=event.community.people().values("pk"))
    return people.filter(user__isnull=False)
