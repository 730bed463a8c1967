"""Moderators: who lets in, invites, removes; one stays; seats keep their place when they are handed over."""

import pytest
from django.core.exceptions import ValidationError

from controlplane.audit.models import Entry
from controlplane.outbox.models import Message
from controlplane.tenancy import bound
from tenants.communities.models import Community, Membership
from tenants.feed.models import Post
from tenants.members.models import Group, Member, Seat


@pytest.fixture(autouse=True)
def at_home(tonan):
    with bound(tonan):
        yield


@pytest.fixture
def club(officer, member):
    """防災の会, of which 会員1 is the only moderator; the officer who began it has left."""
    club = Community.objects.get(name="防災の会")
    place(club, member).appoint(by=officer)
    club.leave(officer)
    return club


def place(club, person) -> Membership:
    return club.memberships.get(member=person)


def letters() -> list[str]:
    return sorted(Message.objects.values_list("to", flat=True))


def test_whoever_starts_a_community_is_its_moderator(officer, member):
    club = Community.start(by=officer, name="花だん")
    assert place(club, officer).is_moderator
    assert club.moderated_by(officer)
    assert not club.moderated_by(member)


def test_a_moderator_lets_in_and_turns_away_without_being_an_officer(club, officer, member, leader):
    club.change(by=member, access="approval")
    club.join(leader)
    club.let_in(leader, by=member)
    assert leader in club.people()
    with pytest.raises(PermissionError):
        club.change(by=leader, name="乗っ取り")


def test_opening_the_door_lets_those_before_it_in(club, member, leader):
    club.change(by=member, access="approval")
    club.join(leader)
    club.change(by=member, access="open")
    assert leader in club.people()


def test_only_officers_hide_a_community(club, officer, member):
    with pytest.raises(ValidationError):
        club.change(by=member, access="hidden")
    club.change(by=officer, access="hidden")
    assert member in club.people()


def test_a_name_is_nobody_else_s_and_not_empty(club, member):
    for name in ("役員のへや", "  "):
        with pytest.raises(ValidationError) as refused:
            club.change(by=member, name=name)
        assert "name" in refused.value.message_dict


def test_the_last_moderator_stays_until_somebody_else_is_one(club, officer, member, leader):
    club.join(leader)
    with pytest.raises(ValidationError):
        club.leave(member)
    with pytest.raises(ValidationError):
        place(club, member).relieve(by=officer)
    with pytest.raises(ValidationError):
        place(club, member).remove(by=officer, reason="お引っ越し")
    place(club, member).hand_over(place(club, leader), by=member)
    assert place(club, leader).is_moderator
    assert not place(club, member).is_moderator
    club.leave(member)
    assert set(club.people()) == {leader}


def test_work_is_handed_over_to_somebody_inside_only(club, officer, member, leader):
    club.invite(by=member, members=[leader])
    with pytest.raises(ValidationError):
        place(club, member).hand_over(place(club, leader), by=member)
    assert place(club, member).is_moderator


def test_a_moderator_pins_in_the_own_community_and_nowhere_else(club, officer, member, leader):
    assert Post.write(by=member, title="集まる日", audience="community", community=club, pinned=True).pinned
    club.join(leader)
    with pytest.raises(ValidationError):
        Post.write(by=leader, title="集まる日", audience="community", community=club, pinned=True)


def test_who_is_removed_is_told_why_and_may_ask_again(club, member, leader):
    club.join(leader)
    with pytest.raises(ValidationError):
        place(club, leader).remove(by=member, reason="  ")
    place(club, leader).remove(by=member, reason="言い争いが続いたため", site_name="桃南会", url="https://x/")
    assert leader not in club.people()
    assert club not in Community.objects.readable_by(leader)
    letter = Message.objects.get()
    assert letter.to == leader.user.email
    assert "言い争いが続いたため" in letter.body
    assert club.join(leader).state == Membership.State.REQUESTED  # though the door is open
    club.let_in(leader, by=member)
    assert leader in club.people()


def test_nobody_removes_themselves(club, member):
    with pytest.raises(ValidationError):
        place(club, member).remove(by=member, reason="x")


def test_a_group_is_asked_once_and_those_inside_are_not(club, officer, member):
    first = Group.objects.get(name="1組")
    assert club.invite(by=member, group=first, url="https://x/") == 2
    assert club.invite(by=member, group=first, url="https://x/") == 0
    assert letters() == ["leader@tonan.example.jp", "officer@tonan.example.jp"]
    assert club.invite(by=member, group=Group.objects.get(name="2組")) == 0  # 会員1 is inside, 会員2 not admitted


def test_an_invitation_is_answered_by_entering_or_not(club, officer, member, leader):
    club.change(by=officer, access="hidden")
    club.invite(by=member, members=[leader, officer])
    assert club in Community.objects.visible_to(leader)
    assert club not in Community.objects.readable_by(leader)
    club.answer(leader, yes=True)
    club.answer(officer, yes=False)
    assert set(club.people()) == {member, leader}
    for person in (leader, officer):
        with pytest.raises(ValidationError):
            club.answer(person, yes=True)


def test_who_was_invited_enters_by_the_ordinary_door_too(club, member, leader):
    club.change(by=member, access="approval")
    club.invite(by=member, members=[leader])
    assert club.join(leader).state == Membership.State.ACTIVE


def test_a_seat_keeps_its_place_when_it_is_handed_over(club, officer, member, leader):
    seat = Seat.objects.get(title="1組 組長")
    club.invite(by=member, seat=seat)
    club.answer(leader, yes=True)
    club.memberships.get(seat=seat).appoint(by=member)
    assert club.moderated_by(leader)
    assert Community.objects.with_standing(leader).get(pk=club.pk).standing == "active"
    with pytest.raises(ValidationError):
        club.leave(leader)
    newcomer = Member.objects.create(household=member.household, name="会員9", admitted_at=member.admitted_at)
    seat.hand_over(newcomer, by=officer)
    leader, newcomer = (Member.objects.get(pk=each.pk) for each in (leader, newcomer))
    assert club.moderated_by(newcomer)
    assert club in Community.objects.readable_by(newcomer)
    assert not club.moderated_by(leader)
    assert club not in Community.objects.readable_by(leader)
    assert set(club.people()) == {member, newcomer}
    assert Community.objects.with_standing(member).get(pk=club.pk).member_count == 2


def test_a_seat_nobody_holds_is_no_moderator_that_could_stay_alone(club, officer, member, leader):
    seat = Seat.objects.add(title="防災部長", kind="officer", by=officer)
    club.memberships.create(seat=seat, state="active", role="moderator")
    with pytest.raises(ValidationError):
        club.leave(member)


def test_an_ended_community_is_read_only_and_officers_open_it_again(club, officer, member, leader):
    post = Post.write(by=member, title="さいごに", audience="community", community=club)
    club.close(by=member)
    assert club in Community.objects.readable_by(member)
    with pytest.raises(PermissionError):
        Post.write(by=member, title="まだ書く", audience="community", community=club)
    for act in (
        lambda: club.join(leader),
        lambda: club.invite(by=member, members=[leader]),
        lambda: club.change(by=officer, name="x"),
        lambda: Post.objects.get(pk=post.pk).comment(by=member, body="x"),
    ):
        with pytest.raises(ValidationError):
            act()
    with pytest.raises(PermissionError):
        club.reopen(by=member)
    club.reopen(by=officer)
    assert club.join(leader).state == Membership.State.ACTIVE


def test_the_last_moderator_may_leave_what_has_ended(club, member):
    club.close(by=member)
    club.leave(member)
    assert not club.people().exists()


def test_who_leaves_the_association_is_no_longer_among_the_people(club, officer, member, leader):
    club.join(leader)
    place(club, leader).appoint(by=member)
    member.leave(by=officer)
    assert set(club.people()) == {leader}


def test_communities_are_found_by_every_word_of_their_name(officer):
    Community.start(by=officer, name="夏まつり 実行委員会")
    assert [str(each) for each in Community.objects.search("委員 夏")] == ["夏まつり 実行委員会"]
    assert not Community.objects.search("冬").exists()


def test_what_is_done_stands_in_the_trail_once(club, officer, member, leader):
    club.change(by=member, access="approval")
    club.join(leader)
    club.let_in(leader, by=member)
    club.let_in(leader, by=officer)
    club.turn_away(leader, by=officer)
    assert leader in club.people()
    assert Entry.objects.filter(verb__in=["community.let_in", "community.turn_away"]).count() == 1
