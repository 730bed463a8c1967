"""Communities: seen, entered, asked for, left."""

import pytest

from controlplane.tenancy import bound
from tenants.communities.models import Community


@pytest.fixture
def room(tonan):
    with bound(tonan):
        return Community.objects.get(name="役員のへや")


def test_hidden_ones_are_hidden(api, officer, member, room, forbidden):
    assert {row["name"] for row in api(officer).get("communities/").json()["results"]} == {"役員のへや", "防災の会"}
    mine = api(member).get("communities/").json()["results"]
    assert [(row["name"], row["members"], row["standing"]) for row in mine] == [("防災の会", 2, "active")]
    forbidden(member, "get", f"communities/{room.pk}/")
    forbidden(member, "put", f"communities/{room.pk}/membership/")


def test_an_officer_starts_one_and_members_enter_and_leave(api, officer, member, forbidden):
    made = api(officer).post("communities/", name="子供会", description="お子さんと", access="open")
    assert made.status_code == 201
    door = f"communities/{made.json()['id']}/membership/"
    assert api(member).put(door).json()["state"] == "active"
    assert api(member).put(door).status_code == 200
    assert api(member).delete(door).status_code == 204
    assert api(officer).post("communities/", name="子供会").status_code == 400
    forbidden(member, "post", "communities/", name="x")


def test_by_approval_one_asks_and_an_officer_answers(api, officer, member, leader, forbidden):
    pk = api(officer).post("communities/", name="見守り", access="approval").json()["id"]
    for person in (member, leader):
        assert api(person).put(f"communities/{pk}/membership/").json()["state"] == "requested"
    waiting = api(officer).get(f"communities/{pk}/requests/").json()["results"]
    assert [row["member"]["id"] for row in waiting] == [member.pk, leader.pk]
    assert api(officer).put(f"communities/{pk}/requests/{member.pk}/").status_code == 204
    assert api(officer).delete(f"communities/{pk}/requests/{leader.pk}/").status_code == 204
    assert api(member).get(f"communities/{pk}/").json()["standing"] == "active"
    assert api(leader).get(f"communities/{pk}/").json()["standing"] is None
    forbidden(member, "get", f"communities/{pk}/requests/")
    forbidden(member, "put", f"communities/{pk}/requests/{leader.pk}/")


def test_communities_are_closed_to_outsiders(closed, room):
    closed("get", "communities/")
    closed("post", "communities/")
    closed("get", f"communities/{room.pk}/")
    closed("put", f"communities/{room.pk}/membership/")
    closed("delete", f"communities/{room.pk}/membership/")
    closed("get", f"communities/{room.pk}/requests/")
    closed("put", f"communities/{room.pk}/requests/1/")


@pytest.fixture
def led(tonan, member, officer):
    """防災の会, led by 会員1."""
    with bound(tonan):
        club = Community.objects.get(name="防災の会")
        club.memberships.get(member=member).appoint(by=officer)
    return f"communities/{club.pk}/"


def test_a_moderator_changes_invites_appoints_and_removes(api, member, leader, led, forbidden):
    assert api(member).patch(led, name="防災部").json()["name"] == "防災部"
    assert api(member).get(led).json()["role"] == "moderator"
    forbidden(leader, "patch", led, name="x")
    assert api(member).post(f"{led}invitations/", members=[leader.pk]).json() == {"asked": 1}
    assert api(leader).get(led).json()["standing"] == "invited"
    assert api(leader).put(f"{led}reply/", enter=True).status_code == 204
    assert api(leader).put(f"{led}reply/", enter=True).status_code == 400
    places = {row["member"]["id"]: row["id"] for row in api(leader).get(f"{led}members/").json()["results"]}
    door = f"{led}members/{places[leader.pk]}/"
    forbidden(leader, "put", f"{door}moderation/")
    assert api(member).put(f"{door}moderation/").status_code == 204
    assert api(member).delete(f"{door}moderation/").status_code == 204
    assert api(member).post(f"{door}removal/").status_code == 400
    assert api(member).post(f"{door}removal/", reason="お引っ越し").status_code == 204
    forbidden(leader, "get", f"{led}members/")


def test_an_ended_one_is_listed_apart(api, member, officer, led, forbidden):
    assert api(member).put(f"{led}closure/").status_code == 204
    assert api(member).get("communities/").json()["results"] == []
    assert [row["closed_at"] is None for row in api(member).get("communities/", closed=True).json()["results"]] == [
        False
    ]
    forbidden(member, "delete", f"{led}closure/")
    assert api(officer).delete(f"{led}closure/").status_code == 204
    assert len(api(member).get("communities/", q="防災").json()["results"]) == 1


def test_wrong_words_are_refused_by_field(api, member, led):
    for body in ({"name": ""}, {"name": "あ" * 41}, {"access": "secret"}, {"name": 5 * ["x"]}):
        assert set(api(member).patch(led, **body).json()["errors"]) == set(body)
    for body in ({"members": [0]}, {"members": "x"}, {"group": 10**30}, {"seat": -1}):
        assert api(member).post(f"{led}invitations/", **body).status_code == 400


def test_a_moderator_s_doors_are_closed_to_outsiders(closed, led):
    for method, path in (
        ("patch", ""),
        ("put", "closure/"),
        ("delete", "closure/"),
        ("put", "reply/"),
        ("post", "invitations/"),
        ("get", "members/"),
        ("post", "members/1/removal/"),
        ("put", "members/1/moderation/"),
        ("delete", "members/1/moderation/"),
    ):
        closed(method, f"{led}{path}")
