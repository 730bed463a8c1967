"""The city's dates over the API: its own staff write, its associations read."""

from datetime import timedelta

import pytest
from django.utils import timezone

DAY = (timezone.localdate() + timedelta(days=3)).isoformat()
DRAFT = {"kind": "deadline", "title": "補助金の申し込み", "starts_on": DAY}


def test_staff_tell_correct_and_withdraw(apex_api, city_official, api, member):
    staff = apex_api(city_official)
    made = staff.post("cities/kyoto/dates/", **DRAFT)
    assert made.status_code == 201, made.content.decode()
    assert made.json()["ends_on"] == DAY
    path = f"cities/kyoto/dates/{made.json()['id']}/"
    assert [row["title"] for row in api(member).get("city-dates/").json()["results"]] == ["補助金の申し込み"]
    assert staff.patch(path, title="補助金").json()["title"] == "補助金"
    assert [row["title"] for row in staff.get("cities/kyoto/dates/").json()["results"]] == ["補助金"]
    assert staff.delete(path).status_code == 204
    assert staff.delete(path).status_code == 404


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"title": ""}, "title"),
        ({"title": ["x"]}, "title"),
        ({"starts_on": "x"}, "starts_on"),
        ({"ends_on": "2001-01-01"}, "ends_on"),
        ({"ward": "火星区"}, "ward"),
        ({"url": "javascript:alert(1)"}, "url"),
        ({"kind": "x"}, "kind"),
    ],
)
def test_what_is_wrong_is_400_by_field(apex_api, city_official, change, field):
    answer = apex_api(city_official).post("cities/kyoto/dates/", **(DRAFT | change))
    assert (answer.status_code, set(answer.json()["errors"])) == (400, {field})


def test_other_cities_and_other_people_get_nothing(apex_api, city_official, operator, closed):
    for program, path in (
        (apex_api(city_official), "cities/osaka/dates/"),
        (apex_api(operator), "cities/kyoto/dates/"),
    ):
        assert program.get(path).status_code == 404
        assert program.post(path, **DRAFT).status_code == 404
    assert apex_api().post("cities/kyoto/dates/", **DRAFT).status_code == 401
    closed("get", "city-dates/")
