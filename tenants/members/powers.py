"""What members may do with people, homes, seats and invitations, and with the association as a whole."""

from tenants.members.models import Act, Household, Invitation, Member, Seat, rule


@rule(Act.MIND_ONESELF)
def mind_oneself(member: Member, thing: object) -> bool:
    return not member.visiting  # whose name, home and contact are nobody's here


@rule(Act.SEE_ROSTER)
def see_roster(member: Member, home: Household | None) -> bool:
    """Officers every home, leaders those of their own groups."""
    return member.is_leader if home is None else Household.objects.known_to(member).filter(pk=home.pk).exists()


@rule(Act.MIND_HOME)
def mind_home(member: Member, home: Household | None) -> bool:
    """Where a home is and how it is reached: officers, and who lives there."""
    return member.is_officer or home is None or home.pk == member.household_id


@rule(Act.CORRECT_PERSON, Act.TAKE_OUT, Act.ERASE)
def look_after(member: Member, person: Member | None) -> bool:
    """Officers anybody, everybody themselves."""
    return member.is_officer or person == member


@rule(Act.INVITE)
def invite(member: Member, invitation: Invitation | None) -> bool:
    """Officers to any group and to the seats they hand over, leaders into their own groups."""
    if invitation is None or not member.is_leader:
        return member.is_leader
    if invitation.seat:
        return hand_over(member, invitation.seat)
    return member.is_officer or member.led_groups().filter(pk=invitation.group_id or 0).exists()


@rule(Act.WITHDRAW_INVITATION)
def withdraw_invitation(member: Member, invitation: Invitation | None) -> bool:
    if invitation is None:
        return member.is_leader
    return Invitation.objects.known_to(member).filter(pk=invitation.pk).exists()


@rule(Act.HAND_OVER)
def hand_over(member: Member, seat: Seat | None) -> bool:
    return member.is_officer if seat is None else Seat.objects.handed_over_by(member).filter(pk=seat.pk).exists()


@rule(
    Act.ADMIT,
    Act.KEEP_HOME,
    Act.KEEP_GROUPS,
    Act.SEE_SEATS,
    Act.MAKE_SEAT,
    Act.SEE_PLAN,
    Act.SEE_USAGE,
    Act.SEE_SUPPORT,
    Act.END_SUPPORT,
    Act.DEAL_WITH_FEDERATIONS,
)
def serve(member: Member, thing: object) -> bool:
    return member.is_officer


@rule(Act.CHOOSE_PLAN, Act.TAKE_EVERYTHING_ALONG, Act.CHOOSE_ADDRESS, Act.LET_SUPPORT_IN)
def represent(member: Member, thing: object) -> bool:
    return member.is_representative
