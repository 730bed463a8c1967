"""Associations for operations: listed, suspended, resumed."""

from controlplane.tenancy import public, routing


def test_operations_list_and_narrow(apex_api, operator, tonan, fujishiro):
    listed = apex_api(operator).get("associations/").json()["results"]
    assert {row["slug"] for row in listed} == {"tonan", "fujishiro"}
    found = apex_api(operator).get("associations/", q="桃南", state="live").json()["results"]
    assert [(row["slug"], row["state"], row["host"]) for row in found] == [("tonan", "live", "tonan.kairan.localhost")]
    assert apex_api(operator).get("associations/", state="suspended").json()["results"] == []


def test_a_suspended_site_answers_503_until_it_is_resumed(apex_api, api, operator, tonan, member):
    path = f"associations/{tonan.uuid}/suspension/"
    assert apex_api(operator).post(path, reason=" ").status_code == 400
    answer = apex_api(operator).post(path, reason="お支払いの確認")
    assert (answer.status_code, answer.json()["reason"]) == (201, "お支払いの確認")
    program = api(member)
    routing.forget("tonan.kairan.localhost")  # what a commit would do
    assert program.get("posts/").status_code == 503
    assert apex_api(operator).get(f"associations/{tonan.uuid}/").json()["state"] == "suspended"
    assert apex_api(operator).delete(path).status_code == 204
    routing.forget("tonan.kairan.localhost")
    assert program.get("posts/").status_code == 200


def test_associations_are_for_operations_only(apex_api, city_official, tonan):
    for path in ("associations/", f"associations/{tonan.uuid}/"):
        assert apex_api().get(path).status_code == 401
        assert apex_api(city_official).get(path).status_code == 404
    for method in ("post", "delete"):
        suspension = f"associations/{tonan.uuid}/suspension/"
        assert getattr(apex_api(), method)(suspension).status_code == 401
        assert getattr(apex_api(city_official), method)(suspension).status_code == 404
    with public():
        tonan.refresh_from_db()
        assert tonan.state == "live"
