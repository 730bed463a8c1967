"""Who is written to about an event: those who meant to come, or everybody it is for."""

from contextlib import suppress
from typing import TYPE_CHECKING

from django.core.cache import cache
from django.db import models
from django.utils.translation import gettext_lazy
from redis.exceptions import RedisError

from tenants.calendar import letters
from tenants.calendar.models.answers import Rsvp, RsvpQuerySet
from tenants.calendar.models.occurrences import Occurrence
from tenants.communities.models import Membership
from tenants.members.models import Member

if TYPE_CHECKING:
    from tenants.calendar.models.events import Event


NOTHING_OFF = "nothing-called-off"  # in the cache, while it is so


def forget_nothing_off() -> None:
    """Something has been called off: the home page looks again."""
    with suppress(RedisError, OSError):
        cache.delete(NOTHING_OFF)


class Tell(models.TextChoices):
    ANSWERED = "answered", gettext_lazy("「参加する」「未定」と答えた方")
    EVERYBODY = "everybody", gettext_lazy("見える人みんな")
    NOBODY = "nobody", gettext_lazy("知らせない")


def tell(about: str, occurrence: Occurrence, answers: RsvpQuerySet, *, to: str = "", urgent: bool = False) -> None:
    """Write one letter to each, by mail or short message; `urgent` adds a short message for who has both."""
    if to == Tell.NOBODY:
        return
    people = meant_to_come(answers).notified()
    if to == Tell.EVERYBODY:
        known = {member.pk for member in people}
        people += [member for member in audience(occurrence.event) if member.pk not in known]
    letters.send(about, occurrence, people, urgent=urgent)


def meant_to_come(answers: RsvpQuerySet) -> RsvpQuerySet:
    return answers.exclude(answer=Rsvp.Answer.NO)


def audience(event: "Event") -> list[Member]:
    """Everybody with an account whom the event is for."""
    people = Member.objects.admitted()
    if event.audience == event.Audience.OFFICERS:
        people = Member.objects.officers()
    elif event.audience == event.Audience.COMMUNITY:
        inside = Membership.objects.active().filter(community=event.community_id)
        people = people.filter(pk__in=inside.values("member"))
    return list(people.filter(user__isnull=False).select_related("user"))
