"""Communities: open, by approval, officers only."""

import pytest
from django.core.exceptions import ValidationError

from controlplane.tenancy import bound
from tenants.communities.models import Community, Membership


@pytest.fixture(autouse=True)
def at_home(tonan):
    with bound(tonan):
        yield


def names(communities) -> set[str]:
    return set(communities.values_list("name", flat=True))


def test_hidden_ones_are_seen_by_officers_only(officer, leader, member, waiting):
    assert names(Community.objects.visible_to(officer)) == {"役員のへや", "防災の会"}
    assert names(Community.objects.visible_to(leader)) == names(Community.objects.visible_to(member)) == {"防災の会"}
    assert names(Community.objects.visible_to(waiting)) == set()


def test_an_open_one_is_entered_at_once(leader):
    club = Community.objects.get(name="防災の会")
    assert club.join(leader).state == Membership.State.ACTIVE
    assert club in Community.objects.readable_by(leader)
    club.leave(leader)
    assert club not in Community.objects.readable_by(leader)


def test_one_by_approval_asks_at_the_door(officer, member, leader):
    rooms = Community.start(by=officer, name="改修委員会", access="approval")
    assert rooms.join(member).state == Membership.State.REQUESTED
    assert rooms not in Community.objects.readable_by(member)
    with pytest.raises(PermissionError):
        rooms.let_in(member, by=leader)
    assert [request.member for request in rooms.requests()] == [member]
    rooms.let_in(member, by=officer)
    assert rooms in Community.objects.readable_by(member)


def test_a_hidden_one_is_not_joined_from_outside(member):
    with pytest.raises(PermissionError):
        Community.objects.get(name="役員のへや").join(member)


def test_joining_twice_is_joining_once(member):
    club = Community.objects.get(name="防災の会")
    club.join(member)
    assert club.memberships.filter(member=member).count() == 1


def test_only_officers_start_one_and_names_are_unique(officer, member):
    with pytest.raises(PermissionError):
        Community.start(by=member, name="花だん")
    with pytest.raises(ValidationError):
        Community.start(by=officer, name=" 防災の会 ")


def test_the_list_says_how_one_stands(member):
    club = Community.objects.with_standing(member).get(name="防災の会")
    assert (club.standing, club.member_count) == ("active", 2)
