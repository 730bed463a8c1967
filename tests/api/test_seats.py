"""Seats and their holders."""

import pytest

from controlplane.tenancy import bound
from tenants.members.models import Seat


@pytest.fixture
def chair(tonan):
    with bound(tonan):
        return Seat.objects.get(kind=Seat.Kind.REPRESENTATIVE)


def test_everybody_sees_the_seats_and_officers_who_holds_them(api, member, officer, chair, forbidden):
    assert [seat["holder"] for seat in api(member).get("seats/").json()["results"]] == [None, None]
    seats = api(officer).get("seats/").json()["results"]
    assert ("会長", officer.name) in [(seat["title"], seat["holder"]["name"]) for seat in seats]
    forbidden(member, "get", f"seats/{chair.pk}/terms/")


def test_an_officer_makes_a_seat_and_hands_it_over(api, officer, member):
    seat = api(officer).post("seats/", title="会計", kind="officer").json()
    assert seat["holder"] is None
    term = api(officer).post(f"seats/{seat['id']}/terms/", member=member.pk)
    assert term.status_code == 201
    assert api(member).get("me/").json()["role"] == "officer"
    history = api(officer).get(f"seats/{seat['id']}/terms/").json()["results"]
    assert [row["member"]["id"] for row in history] == [member.pk]


def test_there_is_one_representative(api, officer):
    answer = api(officer).post("seats/", title="もう一人の会長", kind="representative")
    assert answer.status_code == 400
    assert "kind" in answer.json()["errors"]


def test_only_its_holder_gives_the_representative_s_seat_away(api, officer, member, chair, forbidden):
    treasurer = api(officer).post("seats/", title="会計", kind="officer").json()
    api(officer).post(f"seats/{treasurer['id']}/terms/", member=member.pk)
    forbidden(member, "post", f"seats/{chair.pk}/terms/", member=member.pk)
    assert api(officer).post(f"seats/{chair.pk}/terms/", member=member.pk).status_code == 201


def test_who_is_not_admitted_takes_no_seat(api, officer, waiting, chair):
    assert api(officer).post(f"seats/{chair.pk}/terms/", member=waiting.pk).status_code == 400


def test_seats_are_closed_to_members_who_write_and_to_outsiders(closed, leader, chair, forbidden):
    forbidden(leader, "post", "seats/", title="x", kind="officer")
    forbidden(leader, "post", f"seats/{chair.pk}/terms/", member=leader.pk)
    closed("get", "seats/")
    closed("post", "seats/")
    closed("get", f"seats/{chair.pk}/terms/")
    closed("post", f"seats/{chair.pk}/terms/")
