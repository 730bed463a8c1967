"""Households: officers see all with addresses, leaders their own group without."""


def test_an_officer_writes_a_household_down_without_an_account(api, officer, leader):
    group = leader.household.group_id
    answer = api(officer).post("households/", name="山の家", group=group, address="桃山町3", postal_code="612-8033")
    assert answer.status_code == 201
    home = answer.json()
    assert (home["channel"], home["address"], home["group"]["id"]) == ("paper", "桃山町3", group)
    assert api(leader).get(f"households/{home['id']}/").json()["address"] == ""


def test_officers_see_all_and_leaders_their_own_group(api, officer, leader, member):
    every = {row["id"] for row in api(officer).get("households/").json()["results"]}
    own = api(leader).get("households/").json()["results"]
    assert member.household_id in every
    assert {row["group"]["id"] for row in own} == {leader.household.group_id}


def test_an_officer_corrects_one(api, officer, member, leader, forbidden):
    answer = api(officer).patch(f"households/{member.household_id}/", channel="sms")
    assert answer.json()["channel"] == "sms"
    assert api(officer).patch(f"households/{member.household_id}/", channel="fax").status_code == 400
    forbidden(leader, "patch", f"households/{leader.household_id}/", channel="sms")


def test_households_are_closed_to_members_and_outsiders(closed, member, forbidden):
    forbidden(member, "get", "households/")
    forbidden(member, "get", f"households/{member.household_id}/")
    forbidden(member, "post", "households/", name="x")
    closed("get", "households/")
    closed("post", "households/")
    closed("patch", f"households/{member.household_id}/")
