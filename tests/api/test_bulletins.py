"""Bulletins: published by a city's staff with counts, read on the sites."""

import pytest

from controlplane.associations.models import Association
from controlplane.tenancy import public
from tenants.feed import bulletins

WORDS = {"audience": "all", "title": "熱中症に気をつけて", "body": "水を飲みましょう。"}
AT = "cities/kyoto/bulletins/"


@pytest.fixture
def sent(apex_api, city_official):
    made = apex_api(city_official).post(AT, **WORDS)
    assert made.status_code == 201, made.content.decode()
    for uuid in bulletins.waiting():
        bulletins.receive(uuid)
    return made.json()


def test_staff_publish_and_counts_come_back(apex_api, city_official, sent):
    city = apex_api(city_official)
    found = city.get(f"{AT}{sent['id']}/").json()
    assert found["counts"] == {"sent": 2, "arrived": 2, "households": 10, "read_households": 0}
    assert {row["association"] for row in found["associations"]} == {"tonan", "fujishiro"}
    assert [row["title"] for row in city.get(AT).json()["results"]] == [WORDS["title"]]


def test_a_site_lists_what_came_in(api, member, officer, closed, sent):
    (row,) = api(member).get("bulletins/").json()["results"]
    assert (row["id"], row["sent_by"], row["sender"]) == (sent["id"], "city", "京都市")
    post = api(member).get(f"posts/{row['post']}/").json()
    assert post["author"] == {"kind": "city", "id": None, "name": "京都市"}
    feed = api(member).get("posts/").json()["results"]
    assert {"kind": "city", "id": None, "name": "京都市"} in [each["author"] for each in feed]
    assert api(officer).delete(f"posts/{row['post']}/").status_code == 404
    closed("get", "bulletins/")


def test_it_is_corrected_and_withdrawn(apex_api, api, city_official, member, sent):
    city = apex_api(city_official)
    assert city.patch(f"{AT}{sent['id']}/", title="水分を").json()["title"] == "水分を"
    assert city.delete(f"{AT}{sent['id']}/").status_code == 204
    assert city.patch(f"{AT}{sent['id']}/", title="x").status_code == 400
    for uuid in bulletins.waiting():
        bulletins.receive(uuid)
    assert api(member).get("bulletins/").json()["results"] == []


def test_wrong_words_are_refused_by_field(apex_api, city_official, kyoto):
    with public():
        Association.objects.create(slug="x", name="x", kind="association", city=kyoto, households=1)
    for wrong, field in (
        ({"title": " "}, "title"),
        ({"body": "あ" * 20_001}, "body"),
        ({"audience": "members"}, "audience"),
        ({"audience": "ward"}, "ward"),
        ({"audience": "federation", "federation": "x"}, "federation"),
        ({"kind": ["notice"]}, "kind"),
    ):
        answer = apex_api(city_official).post(AT, **{**WORDS, **wrong})
        assert (answer.status_code, list(answer.json()["errors"])) == (400, [field])


def test_nobody_else_publishes_or_reads(apex_api, api, operator, member, sent):
    for person, status in ((None, 401), (operator, 404)):
        for path in (AT, f"{AT}{sent['id']}/"):
            assert apex_api(person).get(path).status_code == status
        assert apex_api(person).post(AT, **WORDS).status_code == status
    assert api(member).get(AT).status_code == 404


def test_another_city_is_not_there(apex_api, city_official, sent):
    assert apex_api(city_official).get("cities/sakai/bulletins/").status_code == 404
    assert apex_api(city_official).post("cities/sakai/bulletins/", **WORDS).status_code == 404
