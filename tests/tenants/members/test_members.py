"""From a proven contact through registration to admission; seats pass by date; invitations let in."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from controlplane.accounts.models import User
from controlplane.audit.models import Entry
from controlplane.outbox.models import Message
from controlplane.tenancy import bound
from tenants.members.models import AlreadyRegistered, BadInvitation, Group, Household, Invitation, Member, Seat


@pytest.fixture(autouse=True)
def at_home(tonan):
    with bound(tonan):
        yield


@pytest.fixture
def newcomer() -> User:
    return User.objects.create(phone="+819011112222")


def fresh(member: Member) -> Member:
    return Member.objects.with_seats().get(pk=member.pk)


def test_a_newcomer_waits_until_an_officer_admits_them(newcomer, officer):
    someone = Member.objects.register(newcomer, name="会員 9", group=Group.objects.first())
    assert not someone.is_admitted
    assert someone in Member.objects.waiting()
    someone.admit(by=officer)
    someone.admit(by=officer)
    assert fresh(someone).is_admitted
    assert Entry.objects.about(someone).filter(verb="member.admit").count() == 1


def test_the_officers_are_told_that_somebody_waits_and_nobody_else(newcomer, officer):
    someone = Member.objects.register(newcomer, name="会員 9")
    someone.ask_for_admission(site_name="桃南会", url="https://tonan.example.jp/members/waiting/")
    (letter,) = Message.objects.filter(body__contains="members/waiting")
    assert (letter.to, "会員 9" in letter.body) == (officer.user.email, True)
    someone.admit(by=officer)
    someone.ask_for_admission(site_name="桃南会", url="https://tonan.example.jp/members/waiting/")
    assert Message.objects.filter(body__contains="members/waiting").count() == 1


def test_registering_twice_is_refused(newcomer):
    Member.objects.register(newcomer, name="会員 9")
    with pytest.raises(AlreadyRegistered):
        Member.objects.register(newcomer, name="会員 9")


@pytest.mark.parametrize("name", ["", "  "])
def test_a_name_is_needed(newcomer, name):
    with pytest.raises(ValidationError):
        Member.objects.register(newcomer, name=name)
    assert not Member.objects.filter(user=newcomer).exists()


def test_family_joins_the_same_household(newcomer, member):
    someone = Member.objects.register(newcomer, name="会員 9", household=member.household)
    assert someone.household == member.household


def test_an_invitation_admits_at_once_and_can_carry_a_seat(newcomer, officer):
    seat = Seat.objects.create(title="会計", kind=Seat.Kind.OFFICER)
    _row, code = Invitation.objects.invite(by=officer, seat=seat)
    someone = Member.objects.register(newcomer, name="会員 9", invitation=Invitation.objects.open(code))
    assert fresh(someone).is_officer
    assert seat.holder == someone
    with pytest.raises(BadInvitation):
        Invitation.objects.open(code)


@pytest.mark.parametrize("typed", ["lower", "spaces", "wide"])
def test_an_invitation_code_as_people_type_it(officer, typed):
    _row, code = Invitation.objects.invite(by=officer)
    wide = "".join(chr(ord(c) + 0xFEE0) if c != "-" else "－" for c in code)
    entered = {"lower": code.lower(), "spaces": code.replace("-", " "), "wide": wide}[typed]
    assert Invitation.objects.open(entered)


def test_withdrawn_expired_and_unknown_invitations_are_bad(officer):
    row, code = Invitation.objects.invite(by=officer)
    row.withdraw(by=officer)
    old_row, old_code = Invitation.objects.invite(by=officer)
    Invitation.objects.filter(pk=old_row.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    for bad in (code, old_code, "", "AAAA-AAAA-AAAA"):
        with pytest.raises(BadInvitation):
            Invitation.objects.open(bad)


def test_the_last_use_of_an_invitation_goes_to_one_person(officer):
    _row, code = Invitation.objects.invite(by=officer)
    first, second = Invitation.objects.open(code), Invitation.objects.open(code)
    first.use()
    with pytest.raises(BadInvitation):
        second.use()


def test_a_seat_passes_on_the_day(officer, member):
    chair = Seat.objects.get(title="会長")
    tomorrow = timezone.localdate() + timedelta(days=1)
    chair.hand_over(member, by=officer, on=tomorrow)
    assert fresh(officer).is_representative
    assert not fresh(member).is_officer
    assert set(chair.terms.current(tomorrow).values_list("member", flat=True)) == {member.pk}


def test_who_may_not_hand_a_seat_over(officer, leader, member):
    chair, lead = Seat.objects.get(title="会長"), Seat.objects.get(title="1組 組長")
    for person in (leader, member):
        with pytest.raises(PermissionError):
            lead.hand_over(member, by=person)
    accountant = Seat.objects.create(title="会計", kind=Seat.Kind.OFFICER)
    accountant.hand_over(member, by=officer)
    with pytest.raises(PermissionError):
        chair.hand_over(member, by=fresh(member))


def test_handing_over_today_moves_everything_at_once(officer, member):
    Seat.objects.get(title="会長").hand_over(member, by=officer)
    assert fresh(member).is_representative
    assert not fresh(officer).is_representative


def test_who_leaves_keeps_no_account_and_no_seat(leader, officer):
    user = leader.user
    leader.leave(by=officer)
    assert Member.objects.for_user(user) is None
    assert not Seat.objects.get(title="1組 組長").terms.current().exists()


def test_a_registration_can_be_declined_and_made_again(waiting, officer):
    user = waiting.user
    waiting.decline(by=officer)
    assert waiting not in Member.objects.waiting()
    assert Member.objects.register(user, name="会員 2")


def test_an_admitted_member_is_not_declined(member, officer):
    with pytest.raises(ValidationError):
        member.decline(by=officer)


def test_groups_count_homes_and_registered_homes():
    counts = {g.name: (g.household_count, g.registered_count) for g in Group.objects.with_counts()}
    assert counts == {"1組": (3, 2), "2組": (2, 1)}
    assert Household.objects.registered().count() == 3


@pytest.mark.parametrize("planned", [False, True])
def test_who_handed_a_seat_over_does_not_come_back_by_an_invitation_of_their_own(officer, member, planned):
    chair, today = Seat.objects.get(kind="representative"), timezone.localdate()
    if planned:  # the handover was decided, then came the invitation, then the day
        _invitation, code = officer.invite(seat=chair)
        Invitation.objects.update(created_at=timezone.now() - timedelta(days=1))
        chair.terms.current().update(ends_on=today)
        chair.terms.create(member=member, starts_on=today)
    else:
        _invitation, code = officer.invite(seat=chair)
        chair.hand_over(member, by=officer)
    former = Member.objects.with_seats().get(pk=officer.pk)
    assert not former.is_representative
    with pytest.raises(BadInvitation):
        former.accept(Invitation.objects.open(code))
    assert Seat.objects.get(pk=chair.pk).holder == member


def test_an_invitation_to_a_seat_ends_with_the_office_it_was_made_in(officer, leader, member):
    """Nobody comes back into an office by an invitation they left behind for a friend."""
    vice, treasurer = (Seat.objects.add(title=title, kind="officer", by=officer) for title in ("副会長", "会計"))
    vice.hand_over(member, by=officer)
    _invitation, code = fresh(member).invite(seat=treasurer)
    vice.hand_over(leader, by=officer)
    with pytest.raises(BadInvitation):
        fresh(member).accept(Invitation.objects.open(code))
    assert Seat.objects.get(pk=treasurer.pk).holder is None


def test_a_handover_that_was_decided_anew_for_its_day_is_planned_once(officer, leader, member):
    chair, day = Seat.objects.get(kind="representative"), timezone.localdate() + timedelta(days=9)
    chair.hand_over(member, by=officer, on=day)
    chair.hand_over(leader, by=officer, on=day)
    planned = Seat.objects.get(pk=chair.pk).planned
    assert planned
    assert planned.member == leader
