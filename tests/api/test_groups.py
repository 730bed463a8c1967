"""Groups (組・班)."""


def test_everybody_sees_the_groups_and_officers_their_counts(api, member, officer):
    known = api(member).get("groups/").json()["results"]
    assert [group["name"] for group in known] == ["1組", "2組"]
    assert known[0]["households"] is None
    groups = api(officer).get("groups/").json()["results"]
    assert groups[0]["households"] == 3  # officer's, leader's and the one on paper
    assert groups[0]["registered_households"] == 2


def test_an_officer_adds_and_renames(api, officer, member, forbidden):
    added = api(officer).post("groups/", name="3組")
    assert added.status_code == 201
    assert api(officer).post("groups/", name="3組").status_code == 400
    renamed = api(officer).patch(f"groups/{added.json()['id']}/", name="三組")
    assert renamed.json()["name"] == "三組"
    forbidden(member, "post", "groups/", name="4組")
    forbidden(member, "patch", f"groups/{added.json()['id']}/", name="x")


def test_groups_are_closed_to_outsiders(closed):
    closed("get", "groups/")
    closed("post", "groups/")
    closed("get", "groups/1/")
    closed("patch", "groups/1/")
