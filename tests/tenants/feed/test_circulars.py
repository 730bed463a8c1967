"""Circulars: one seal a household, pressed at home or by its leader; who is missing is the leader's to know."""

import pytest
from django.core.exceptions import ValidationError

from controlplane.audit.models import Entry
from controlplane.tenancy import bound
from tenants.feed.models import Post
from tenants.members.models import Household


@pytest.fixture(autouse=True)
def at_home(tonan):
    with bound(tonan):
        yield


@pytest.fixture
def circular(officer):
    return Post.write(by=officer, kind="circular", title="回覧").round()


@pytest.fixture
def paper_home() -> Household:
    return Household.objects.get(name="紙の家")


def test_a_household_confirms_once(circular, member):
    for _twice in range(2):
        circular.confirm(member.household, by=member)
    assert Post.objects.get(pk=circular.post.pk).round().confirmed == 1
    assert not circular.of_home(member.household).for_another


def test_a_leader_confirms_for_a_house_of_the_own_group(circular, leader, officer, paper_home):
    assert paper_home in circular.open_homes(leader)
    circular.confirm(paper_home, by=leader)
    assert paper_home not in circular.open_homes(leader)
    assert circular.of_home(paper_home).for_another
    assert Entry.objects.about(circular.post).filter(verb="post.confirm").count() == 1


def test_nobody_confirms_for_a_neighbour(circular, leader, member, paper_home):
    with pytest.raises(PermissionError):
        circular.confirm(paper_home, by=member)
    with pytest.raises(PermissionError):
        circular.confirm(member.household, by=leader)


def test_who_is_missing_is_the_leader_s_to_know(circular, officer, leader, member):
    assert not circular.open_homes(member)
    assert {home.group.name for home in circular.open_homes(leader)} == {"1組"}
    assert circular.open_homes(officer).count() == circular.open == circular.total


def test_a_house_outside_the_audience_is_not_asked(officer, member):
    post = Post.write(by=officer, kind="circular", title="1組へ", audience="group", group_id=1)
    with pytest.raises(ValidationError):
        post.round().confirm(member.household, by=member)


def test_only_a_circular_asks(officer, member):
    post = Post.write(by=officer, title="お知らせ")
    with pytest.raises(ValidationError):
        post.round().confirm(member.household, by=member)


def test_a_seal_is_taken_back_by_the_home_who_pressed_it_or_an_officer(circular, officer, leader, member, paper_home):
    circular.confirm(paper_home, by=leader)
    with pytest.raises(PermissionError):
        circular.take_back(paper_home, by=member)
    circular.take_back(paper_home, by=leader)
    circular.take_back(paper_home, by=leader)
    assert circular.of_home(paper_home) is None
    circular.confirm(member.household, by=member)
    circular.take_back(member.household, by=officer)
    assert circular.of_home(member.household) is None
