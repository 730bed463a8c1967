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
