"""The roster, registering, admission, leaving. Contact data is for officers and oneself."""

import pytest

from controlplane.accounts.models import User
from controlplane.outbox.models import Message
from controlplane.tenancy import bound
from tenants.members.models import Group, Member


@pytest.fixture
def newcomer(api, tonan):
    """Somebody who has proven an address and is no member yet."""
    with bound(tonan):
        user = User.objects.create(email="newcomer@example.jp")
    person = Member(user=user)
    person.__dict__["association"] = tonan
    return person


def names(answer):
    return [row["name"] for row in answer.json()["results"]]


def test_officers_see_contact_data_and_who_waits(api, officer, member, waiting):
    roster = {row["id"]: row for row in api(officer).get("members/").json()["results"]}
    assert roster[member.pk]["contact"]["email"] == member.user.email
    assert roster[waiting.pk]["state"] == "waiting"


def test_leaders_see_the_names_of_their_own_groups_and_members_themselves(api, member, leader, officer, forbidden):
    roster = {row["id"]: row for row in api(leader).get("members/").json()["results"]}
    assert set(roster) == {leader.pk, officer.pk}
    assert roster[officer.pk]["contact"] is None
    assert roster[officer.pk]["seats"][0]["title"] == "会長"
    forbidden(leader, "get", f"members/{member.pk}/")
    forbidden(member, "get", "members/")
    forbidden(member, "get", f"members/{officer.pk}/")
    assert api(member).get(f"members/{member.pk}/").json()["contact"]["email"] == member.user.email


def test_the_roster_narrows_by_group_and_state(api, officer, leader, waiting):
    assert names(api(officer).get("members/", state="waiting")) == [waiting.name]
    first = leader.household.group_id
    assert set(names(api(officer).get("members/", group=first))) == {officer.name, leader.name}
    assert api(officer).get("members/", state="gone").status_code == 400


def test_a_new_account_registers_and_waits(api, tonan, newcomer, officer):
    with bound(tonan):
        group = Group.objects.first()
    body = {"name": "会員 9", "kana": "かいいん", "group": group.pk, "address": "桃山町9", "postal_code": "612-8033"}
    answer = api(newcomer).post("members/", **body)
    assert answer.status_code == 201, answer.content.decode()
    assert answer.json()["state"] == "waiting"
    assert answer.json()["contact"]["address"] == "桃山町9"
    assert api(newcomer).get("posts/").status_code == 404
    assert api(newcomer).post("members/", **body).status_code == 409
    assert "会員 9" in names(api(officer).get("members/", state="waiting"))


def test_an_invitation_admits_at_once_and_a_bad_one_is_400(api, officer, newcomer):
    code = api(officer).post("invitations/").json()["code"]
    bad = api(newcomer).post("members/", name="会員 9", invitation="AAAA-BBBB-CCCC")
    assert bad.status_code == 400
    assert set(bad.json()["errors"]) == {"invitation"}
    good = api(newcomer).post("members/", name="会員 9", invitation=code.lower())
    assert good.json()["state"] == "admitted"
    assert api(newcomer).get("posts/").status_code == 200


def test_an_officer_admits_and_the_person_is_told(api, tonan, officer, waiting, member, forbidden):
    forbidden(member, "post", f"members/{waiting.pk}/admission/")
    for _twice in range(2):
        answer = api(officer).post(f"members/{waiting.pk}/admission/")
        assert answer.json()["state"] == "admitted"
    assert api(waiting).get("posts/").status_code == 200
    with bound(tonan):
        assert Message.objects.filter(to=waiting.user.email).count() == 1


def test_an_officer_turns_a_registration_down(api, officer, waiting, member):
    assert api(officer).delete(f"members/{waiting.pk}/admission/").status_code == 204
    assert api(officer).get(f"members/{waiting.pk}/").status_code == 404
    assert api(officer).delete(f"members/{member.pk}/admission/").status_code == 400


def test_names_are_corrected_by_officers_and_oneself(api, officer, member, leader, forbidden):
    assert api(officer).patch(f"members/{member.pk}/", name="会員 いち").json()["name"] == "会員 いち"
    assert api(member).patch(f"members/{member.pk}/", kana="いち").json()["kana"] == "いち"
    forbidden(leader, "patch", f"members/{member.pk}/", name="x")


def test_one_leaves_or_is_taken_out_by_an_officer(api, officer, member, leader, forbidden):
    forbidden(leader, "delete", f"members/{member.pk}/")
    assert api(member).delete(f"members/{member.pk}/").status_code == 204
    assert api(member).get("posts/").status_code in {401, 404}
    assert api(officer).delete(f"members/{leader.pk}/").status_code == 204


def test_the_roster_is_closed_to_outsiders(closed, member):
    closed("get", "members/")
    closed("get", f"members/{member.pk}/")
    closed("patch", f"members/{member.pk}/")
    closed("delete", f"members/{member.pk}/")
    closed("post", f"members/{member.pk}/admission/")
