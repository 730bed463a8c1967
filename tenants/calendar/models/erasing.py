"""What goes when a person is erased."""

from django.db.models import Q
from django.utils import timezone

from tenants.calendar.indexing import index
from tenants.calendar.models.answers import Guests, Rsvp
from tenants.calendar.models.events import Event
from tenants.members.models import Member, part_of_erasing


@part_of_erasing
def forget_answers(member: Member, by: object) -> None:
    """Answers go, and places they held. An event stays the association's; one inside a community was their own word.

    What they entered for a home without a phone is that home's answer, and stays.
    """
    own = Rsvp.objects.filter(Q(member=member, by_proxy=False) | Q(person=member))
    if member.is_last_at_home:
        own = own | Rsvp.objects.filter(household=member.household_id)
    held = set(own.values_list("event", "occurs_on"))
    own.delete()
    for pk, on in sorted(held):
        Guests(Event.objects.select_for_update().get(pk=pk), on).move_up()
    said = Event.objects.filter(author=member, audience=Event.Audience.COMMUNITY)
    said.filter(ends_at__gt=timezone.now(), cancelled_at=None).update(cancelled_at=timezone.now())
    said.update(description="", place="", cancel_reason="", questions=[])
    index(*said)
