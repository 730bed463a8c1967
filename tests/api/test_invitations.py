"""Invitations: made by officers and leaders, shown once, withdrawn."""

from controlplane.tenancy import public


def test_an_officer_invites_and_the_code_is_shown_once(api, officer, tonan):
    made = api(officer).post("invitations/", uses=3, days=7)
    assert made.status_code == 201
    with public():
        assert made.json()["url"] == tonan.url(f"/i/{made.json()['code']}/")
    listed = api(officer).get("invitations/").json()["results"]
    assert listed[0]["uses"] == 3
    assert "code" not in listed[0]


def test_a_leader_invites_into_the_own_group_only(api, leader, member, forbidden):
    own, other = leader.household.group_id, member.household.group_id
    assert api(leader).post("invitations/", group=own).status_code == 201
    assert api(leader).post("invitations/", group=other).status_code == 400
    forbidden(leader, "post", "invitations/")


def test_a_withdrawn_invitation_opens_nothing(api, officer):
    made = api(officer).post("invitations/").json()
    assert api(officer).delete(f"invitations/{made['id']}/").status_code == 204
    assert api(officer).get("invitations/").json()["results"][0]["is_open"] is False


def test_a_leader_does_not_withdraw_an_officer_s(api, officer, leader, forbidden):
    forbidden(leader, "delete", f"invitations/{api(officer).post('invitations/').json()['id']}/")


def test_invitations_are_closed_to_members_and_outsiders(closed, member, forbidden):
    forbidden(member, "get", "invitations/")
    forbidden(member, "post", "invitations/")
    closed("get", "invitations/")
    closed("post", "invitations/")
    closed("delete", "invitations/1/")
