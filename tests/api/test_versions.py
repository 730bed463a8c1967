"""Two programs change the same thing: the second is told what stands there now, and may send its own again."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from controlplane.associations.models import Bulletin
from controlplane.cities.models import CityDate
from controlplane.tenancy import bound, public
from tenants.calendar.models import Event
from tenants.communities.models import HandoverRecord
from tenants.members.models import Seat


@dataclass
class Place:
    at: str
    name: str
    program: Any
    outsider: Any
    told: Callable[[dict[str, Any]], Any]

    def says(self, answer: Any) -> Any:
        return self.told(answer.json())


SITE = {
    "events/1/": "title",
    "communities/2/": "description",
    "households/1/": "name",
    "groups/1/": "name",
    "members/3/": "name",
    "posts/1/": "title",
    "me/": "kana",
}


@pytest.fixture(params=[*SITE, "record", "city's date", "bulletin"])
def place(request, api, apex_api, tonan, officer, kyoto, city_official, outsider):
    if request.param in SITE:
        name = SITE[request.param]
        told = (lambda body: body["member"][name]) if request.param == "me/" else (lambda body: body[name])
        return Place(request.param, name, api(officer), api(outsider), told)
    if request.param == "record":
        with bound(tonan):
            chair = Seat.objects.get(title="会長")
            row: Any = HandoverRecord.write(by=officer, seat=chair, problem="雨の連絡", handling="電話した")
        at = f"handover-records/{row.pk}/"
        return Place(at, "problem", api(officer), api(outsider), lambda body: body["problem"])
    with public():
        if request.param == "bulletin":
            row = Bulletin.objects.publish(by="x", city=kyoto, audience="all", title="土のう", body="3か所です。")
        else:
            row = CityDate.announce(kyoto, by="x", title="締め切り", starts_on=date(2031, 7, 1), ends_on=None)
    kind = "bulletins" if request.param == "bulletin" else "dates"
    at = f"cities/kyoto/{kind}/{row.pk}/"
    return Place(at, "title", apex_api(city_official), apex_api(), lambda body: body["title"])


def test_the_second_is_told_what_stands_there(place):
    version = place.program.get(place.at).json()["version"]
    first = place.program.patch(place.at, **{place.name: "先の言葉"}, version=version)
    assert first.status_code == 200
    assert first.json()["version"] > version
    second = place.program.patch(place.at, **{place.name: "あとの言葉"}, version=version)
    assert second.status_code == 409
    assert second["Content-Type"] == "application/problem+json"
    assert "先になおしました" in second.json()["detail"]
    assert place.told(second.json()["current"]) == "先の言葉"
    assert place.says(place.program.get(place.at)) == "先の言葉"
    newest = second.json()["current"]["version"]
    again = place.program.patch(place.at, **{place.name: "あとの言葉"}, version=newest)
    assert place.says(again) == "あとの言葉"
    assert place.outsider.patch(place.at, **{place.name: "よその言葉"}, version=newest).status_code in {401, 404}


def test_if_match_says_the_same(place):
    version = place.program.get(place.at).json()["version"]
    place.program.headers["If-Match"] = f'"{version}"'
    assert place.program.patch(place.at, **{place.name: "先の言葉"}).status_code == 200
    assert place.program.patch(place.at, **{place.name: "あとの言葉"}).status_code == 409
    place.program.headers["If-Match"] = "*"
    assert place.program.patch(place.at, **{place.name: "あとの言葉"}).status_code == 200


@pytest.mark.parametrize("named", ["x", '"1", "2"', "-1", '""', "9" * 10, '"' + "9" * 40 + '"', "１"])
def test_an_odd_if_match_is_a_wrong_question(api, officer, outsider, named):
    program = api(officer)
    program.headers["If-Match"] = named.encode().decode("latin-1")
    answer = program.patch("groups/1/", name="みどり組")
    assert answer.status_code == 400
    assert "version" in answer.json()["errors"]
    assert api(outsider).patch("groups/1/", name="よその組").status_code == 401


@pytest.mark.parametrize("version", [-1, 2**31, "x", None, 1.5, [1]])
def test_an_odd_version_is_a_wrong_question(api, officer, version):
    assert api(officer).patch("groups/1/", name="みどり組", version=version).status_code == 400


def test_a_day_of_a_series_is_moved_once(api, officer, tonan, outsider):
    with bound(tonan):
        start = timezone.make_aware(timezone.datetime(2031, 7, 5, 9))
        event = Event.plan(
            by=officer, title="清掃", starts_at=start, ends_at=start + timedelta(hours=1), rrule="FREQ=WEEKLY"
        )
    at, program = f"events/{event.pk}/occurrences/2031-07-12/", api(officer)
    hours = {"starts_at": "2031-07-12T10:00+09:00", "ends_at": "2031-07-12T11:00+09:00"}
    assert program.put(at, **hours, place="集会所", version=0).json()["move_version"] == 1
    second = program.put(at, **hours, place="学校", version=0)
    assert second.status_code == 409
    assert second.json()["current"]["place"] == "集会所"
    assert program.put(at, **hours, place="学校", version=1).json()["place"] == "学校"
    assert api(outsider).put(at, **hours, version=2).status_code == 401


def test_a_called_off_event_stays_so(api, officer):
    program = api(officer)
    version = program.get("events/1/").json()["version"]
    program.post("events/1/cancellation/", reason="雨のため")
    assert program.patch("events/1/", title="秋まつり", version=version).status_code == 409
    assert program.patch("events/1/", title="秋まつり").json()["cancelled_at"]


def test_a_seat_is_handed_over_once(api, officer, member, leader, outsider):
    program = api(officer)
    seat = next(each for each in program.get("seats/").json()["results"] if each["kind"] == "leader")
    at = f"seats/{seat['id']}/terms/"
    assert program.post(at, member=member.pk, version=seat["version"]).status_code == 201
    second = program.post(at, member=leader.pk, version=seat["version"])
    assert second.status_code == 409
    assert second.json()["current"]["holder"]["id"] == member.pk
    assert api(outsider).post(at, member=member.pk).status_code == 401


def test_a_rule_is_laid_down_over_the_one_that_was_seen(api, officer):
    program = api(officer)
    seen = program.get("feed-rules/").json()["version"]
    assert program.put("feed-rules/", comments=False, reactions=True, version=seen).status_code == 200
    second = program.put("feed-rules/", comments=True, reactions=False, version=seen)
    assert second.status_code == 409
    assert second.json()["current"]["comments"] is False
