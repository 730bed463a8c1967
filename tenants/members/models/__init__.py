"""Who lives here: groups, households, members, seats and invitations. Schema: every association's own."""

from tenants.members.models.acts import Act, only, rule
from tenants.members.models.erasing import ERASED, part_of_erasing
from tenants.members.models.groups import BadFamilyCode, Group, Household, HouseholdQuerySet
from tenants.members.models.invitations import BadInvitation, Invitation
from tenants.members.models.members import Member
from tenants.members.models.readers import VIEWER, Reader, viewers
from tenants.members.models.roster import AlreadyRegistered, MemberQuerySet
from tenants.members.models.seats import Seat, SeatTerm

__all__ = [
    "ERASED",
    "VIEWER",
    "Act",
    "AlreadyRegistered",
    "BadFamilyCode",
    "BadInvitation",
    "Group",
    "Household",
    "HouseholdQuerySet",
    "Invitation",
    "Member",
    "MemberQuerySet",
    "Reader",
    "Seat",
    "SeatTerm",
    "only",
    "part_of_erasing",
    "rule",
    "viewers",
]
