"""Adoption for city staff: their own city, counts only, nothing under five."""

from datetime import timedelta

import pytest
from django.utils import timezone

from controlplane.associations.models import Association
from controlplane.cities.models import Adoption, City
from controlplane.tenancy import public

TODAY = timezone.localdate()
BEFORE = TODAY - timedelta(days=40)


@pytest.fixture
def counted(tonan, fujishiro):
    with public():
        Association.objects.update(live_at=timezone.now() - timedelta(days=90))
        for association, members in ((tonan, 110), (fujishiro, 3)):
            row = {"households": association.households, "registered_households": members, "members": members}
            counts = row | {"active_members": members, "posts": 4, "reads": members}
            for day in (BEFORE, TODAY):
                Adoption.objects.publish(association, counts, on=day)


def test_counts_by_association_with_small_ones_hidden(apex_api, city_official, counted):
    answer = apex_api(city_official).get("cities/kyoto/adoption/")
    assert answer.status_code == 200
    rows = {row["slug"]: row for row in answer.json()["associations"]}
    assert (rows["tonan"]["members"], rows["tonan"]["share"]) == (110, 0.55)
    small = rows["fujishiro"]
    hidden = ("members", "registered", "active_members", "reads", "share")
    assert [small[name] for name in hidden] == [None] * 5
    assert answer.json()["total"]["rounded"] is True
    assert answer.json()["total"]["members"] % 10 == 0


def test_a_period_and_a_ward_narrow_it(apex_api, city_official, counted):
    program = apex_api(city_official)
    period = {"from": str(BEFORE), "to": str(TODAY - timedelta(days=1)), "ward": "伏見区"}
    past = program.get("cities/kyoto/adoption/", **period).json()
    assert past["as_of"] == str(BEFORE)
    assert [point["on"] for point in past["trend"]] == [str(BEFORE)]
    assert program.get("cities/kyoto/adoption/", ward="北区").json()["associations"] == []
    assert program.get("cities/kyoto/adoption/", **{"from": "spring"}).status_code == 400


def test_the_table_hides_the_same(apex_api, city_official, counted):
    answer = apex_api(city_official).get("cities/kyoto/adoption.csv")
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/csv")
    line = next(line for line in answer.content.decode("utf-8-sig").splitlines() if "藤城台" in line)
    assert "5未満" in line
    assert ",3," not in line


def test_no_personal_field_and_no_name_of_a_person(apex_api, city_official, counted, cast):
    text = apex_api(city_official).get("cities/kyoto/adoption/").content.decode()
    assert cast.member.name not in text
    assert cast.member.user.email not in text


def test_staff_see_their_own_city_only_and_nobody_else_sees_any(apex_api, city_official, operator, counted):
    with public():
        City.objects.create(slug="osaka", name="大阪市")
    for end in ("adoption/", "adoption.csv"):
        assert apex_api(city_official).get(f"cities/osaka/{end}").status_code == 404
        assert apex_api(city_official).get(f"cities/atlantis/{end}").status_code == 404
        assert apex_api(operator).get(f"cities/kyoto/{end}").status_code == 404
        assert apex_api().get(f"cities/kyoto/{end}").status_code == 401


def test_a_member_of_an_association_is_a_stranger_here(apex_api, api, member, outsider):
    stranger = apex_api()
    for person in (member, outsider):
        stranger.headers = api(person).headers
        assert stranger.get("cities/kyoto/adoption/").status_code == 401


def test_associations_come_in_pages_that_are_followed(apex_api, city_official, counted, kyoto):
    with public():
        for n in range(120):
            each = Association.objects.create(
                slug=f"kai{n}", name=f"{n}番会", city=kyoto, households=100, live_at=timezone.now()
            )
            counts = dict.fromkeys(("registered_households", "members", "active_members", "posts", "reads"), n)
            Adoption.objects.publish(each, {"households": 100} | counts, recount=False)
        kyoto.recount()
    program = apex_api(city_official)
    answer = program.get("cities/kyoto/adoption/", q="番会").json()
    assert answer["previous"] is None
    found = answer["associations"]
    while answer["next"]:
        answer = program.follow(answer["next"]).json()
        found += answer["associations"]
    shares = [row["share"] for row in found]
    assert len({row["slug"] for row in found}) == 120
    assert shares == sorted((s for s in shares if s is not None), reverse=True) + [None] * 4
    assert program.get("cities/kyoto/adoption/", page="0").status_code == 400
