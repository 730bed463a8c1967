"""What is called off, for the top of the home page; that nothing is, is remembered for a minute: it is asked often."""

from django.core.cache import cache

from tenants.calendar.models.events import Event
from tenants.calendar.models.occurrences import Occurrence
from tenants.calendar.models.telling import NOTHING_OFF
from tenants.members.models import Member

MINUTE = 60


def called_off(member: Member) -> list[Occurrence]:
    if cache.get(NOTHING_OFF):
        return []
    if not Event.objects.called_off():
        cache.set(NOTHING_OFF, True, MINUTE)
        return []
    return Event.objects.visible_to(member).called_off()
