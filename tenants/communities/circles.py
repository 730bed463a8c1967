"""In which circles of readers a member is: at least those whose words `visible_to` shows."""

from tenants.communities.models import Community
from tenants.members.models import Member
from tenants.search.circles import EVERYONE, circle


def circles_of(member: Member) -> list[str]:
    rooms = Community.objects.readable_by(member).values_list("pk", flat=True)
    inside = [EVERYONE, circle("group", member.household.group_id), *(circle("community", pk) for pk in rooms)]
    seats = member.seats().values_list("pk", flat=True) if member.is_leader else ()
    seated = [circle("seats"), *(circle("seat", pk) for pk in seats)] if member.is_leader else []
    return inside + seated + ([circle("officers"), circle("groups")] if member.is_officer else [])
