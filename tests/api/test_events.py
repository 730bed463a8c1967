"""The calendar: occurrences in a window, answers, calling off."""

import pytest

from controlplane.tenancy import bound
from tenants.calendar.models import Event
from tenants.communities.models import Community

MONTHLY = {
    "title": "定例の清掃",
    "starts_at": "2030-04-13T09:00:00+09:00",
    "ends_at": "2030-04-13T10:00:00+09:00",
    "rrule": "FREQ=MONTHLY;BYDAY=2SA",
}


@pytest.fixture
def event(tonan):
    with bound(tonan):
        return Event.objects.get(title="公園の清掃")


def days(answer):
    assert answer.status_code == 200, answer.content.decode()
    return [row["on"] for row in answer.json()["results"]]


def test_a_recurring_event_is_expanded(api, officer, member):
    made = api(officer).post("events/", **MONTHLY, exdates=["2030-05-11"])
    assert made.status_code == 201, made.content.decode()
    window = {"from": "2030-04-01", "to": "2030-07-13"}
    assert days(api(member).get("events/", **window)) == ["2030-04-13", "2030-06-08", "2030-07-13"]
    first = api(member).get("events/", **window).json()["results"][0]
    assert first["starts_at"] == "2030-04-13T09:00:00+09:00"
    assert first["exdates"] == ["2030-05-11"]


def test_the_window_takes_dates_and_moments_and_refuses_nonsense(api, officer, member):
    api(officer).post("events/", **MONTHLY)
    moments = {"from": "2030-04-13T09:30:00+09:00", "to": "2030-04-13T09:45:00 09:00"}
    assert days(api(member).get("events/", **moments)) == ["2030-04-13"]
    for bad in ({"from": "x"}, {"from": "2030-04-01", "to": "2030-03-01"}, {"from": "2030-01-01", "to": "2032-01-01"}):
        assert api(member).get("events/", **bad).status_code == 400
    assert api(member).get("events/", **{"from": "9999-12-31"}).status_code == 400


@pytest.mark.parametrize("until", ["99991231", "99991231T235959", "99991231T145959Z", "21020102", "2102"])
def test_a_rule_may_end_beyond_all_days_there_are(api, officer, member, until):
    made = api(officer).post("events/", **MONTHLY | {"rrule": f"FREQ=MONTHLY;BYDAY=2SA;UNTIL={until}"})
    assert made.status_code == (201 if len(until) > 4 else 400), made.content.decode()
    if made.status_code == 201:
        assert days(api(member).get("events/", **{"from": "2030-04-01", "to": "2030-05-12"})) == [
            "2030-04-13",
            "2030-05-11",
        ]


def test_without_a_window_the_next_two_months_are_shown(api, member, event):
    assert [row["id"] for row in api(member).get("events/").json()["results"]] == [event.pk]


def test_a_household_answers_and_the_last_answer_holds(api, member, officer, event):
    answer = api(member).put(f"events/{event.pk}/rsvp/", answer="yes", companions=2)
    assert answer.status_code == 200
    assert answer.json()["companions"] == 2
    seen = api(member).get(f"events/{event.pk}/").json()
    assert seen["my_answer"] == "yes"
    assert seen["turnout"] == {"yes": 1, "no": 0, "maybe": 0, "people": 3}
    assert api(officer).get(f"events/{event.pk}/").json()["my_answer"] is None
    api(member).put(f"events/{event.pk}/rsvp/", answer="no")
    assert api(member).get("events/").json()["results"][0]["turnout"]["people"] == 0


def test_a_full_event_says_so(api, officer, member, event):
    api(officer).patch(f"events/{event.pk}/", capacity=1)
    api(officer).put(f"events/{event.pk}/rsvp/", answer="yes")
    answer = api(member).put(f"events/{event.pk}/rsvp/", answer="yes")
    assert (answer.status_code, set(answer.json()["errors"])) == (400, {"answer"})


def test_a_cancelled_event_stays_marked_and_takes_no_answers(api, officer, member, event, forbidden):
    forbidden(member, "post", f"events/{event.pk}/cancellation/", reason="雨")
    answer = api(officer).post(f"events/{event.pk}/cancellation/", reason="雨")
    assert answer.json()["cancelled_at"]
    assert api(member).get(f"events/{event.pk}/").json()["cancel_reason"] == "雨"
    assert api(member).put(f"events/{event.pk}/rsvp/", answer="yes").status_code == 400


def test_members_plan_inside_their_communities_and_nowhere_else(api, tonan, member, forbidden):
    with bound(tonan):
        club = Community.objects.get(name="防災の会")
    once = {name: value for name, value in MONTHLY.items() if name != "rrule"}
    assert api(member).post("events/", **once, audience="community", community=club.pk).status_code == 201
    forbidden(member, "post", "events/", **once)
    forbidden(member, "post", "events/", **once, audience="everyone", community=club.pk)
    forbidden(member, "post", "events/", **once, audience="officers", community=club.pk)


@pytest.mark.parametrize("rrule", ["FREQ=SECONDLY", "FREQ=DAILY;BYSECOND=1,2,3", "FREQ=DAILY;COUNT=x", "x"])
def test_a_rule_no_neighbourhood_would_use_is_400(api, officer, rrule):
    answer = api(officer).post("events/", **MONTHLY | {"rrule": rrule})
    assert (answer.status_code, set(answer.json()["errors"])) == (400, {"rrule"})


def test_events_are_closed_to_outsiders(closed, event):
    closed("get", "events/")
    closed("post", "events/")
    closed("get", f"events/{event.pk}/")
    closed("patch", f"events/{event.pk}/")
    closed("put", f"events/{event.pk}/rsvp/")
    closed("post", f"events/{event.pk}/cancellation/")


def test_one_time_of_a_series_is_moved_and_put_back(api, officer, member, forbidden):
    made = api(officer).post("events/", **MONTHLY).json()
    path = f"events/{made['id']}/occurrences/2030-05-11/"
    moved = {"starts_at": "2030-05-12T10:00:00+09:00", "ends_at": "2030-05-12T11:00:00+09:00", "place": "集会所"}
    forbidden(member, "put", path, **moved)
    answer = api(officer).put(path, **moved)
    assert answer.status_code == 200, answer.content.decode()
    assert answer.json()["moved"]
    window = {"from": "2030-05-01", "to": "2030-05-31"}
    row = api(member).get("events/", **window).json()["results"][0]
    assert (row["on"], row["starts_at"], row["place"]) == ("2030-05-11", "2030-05-12T10:00:00+09:00", "集会所")
    assert api(officer).delete(path).status_code == 204
    assert api(member).get("events/", **window).json()["results"][0]["starts_at"] == "2030-05-11T09:00:00+09:00"
    assert api(officer).put(f"events/{made['id']}/occurrences/2030-05-12/", **moved).status_code == 400
    for odd in ("x", "0001-01-01", "2030-13-01"):
        assert api(officer).put(f"events/{made['id']}/occurrences/{odd}/", **moved).status_code == 404


def test_this_time_and_those_after_it_are_changed(api, officer, member):
    made = api(officer).post("events/", **MONTHLY).json()
    later = api(officer).patch(f"events/{made['id']}/?from=2030-06-08", title="夏の清掃")
    assert later.status_code == 200, later.content.decode()
    titles = [
        row["title"]
        for row in api(member).get("events/", **{"from": "2030-04-01", "to": "2030-07-31"}).json()["results"]
    ]
    assert titles == ["定例の清掃", "定例の清掃", "夏の清掃", "夏の清掃"]


def test_one_time_is_called_off(api, officer, member):
    made = api(officer).post("events/", **MONTHLY).json()
    answer = api(officer).post(f"events/{made['id']}/cancellation/", on="2030-05-11", reason="雨", to="nobody")
    assert (answer.json()["on"], answer.json()["cancel_reason"]) == ("2030-05-11", "雨")
    rows = api(member).get("events/", **{"from": "2030-04-01", "to": "2030-06-30"}).json()["results"]
    assert [bool(row["cancelled_at"]) for row in rows] == [False, True, False]
    assert api(member).put(f"events/{made['id']}/rsvp/", answer="yes", on="2030-05-11").status_code == 400


def test_a_line_of_those_who_wait_where_the_event_has_one(api, officer, member, event):
    api(officer).patch(f"events/{event.pk}/", capacity=1, waiting_list=True)
    api(officer).put(f"events/{event.pk}/rsvp/", answer="yes")
    assert api(member).put(f"events/{event.pk}/rsvp/", answer="yes").json()["waiting"]
    assert api(member).get(f"events/{event.pk}/").json()["waiting"] == 1
    api(officer).put(f"events/{event.pk}/rsvp/", answer="no")
    seen = api(member).get(f"events/{event.pk}/").json()
    assert (seen["waiting"], seen["turnout"]["people"], seen["my_answer"]) == (0, 1, "yes")


def test_a_leader_answers_for_a_household(api, tonan, leader, member, event, forbidden):
    on = api(member).get(f"events/{event.pk}/").json()["on"]
    with bound(tonan):
        home = leader.household.group.households.get(name="紙の家")
    path = f"events/{event.pk}/occurrences/{on}/proxy/"
    forbidden(member, "put", path, household=home.pk, answer="yes")
    forbidden(leader, "put", path, household=member.household_id, answer="yes")
    answer = api(leader).put(path, household=home.pk, answer="yes", companions=1)
    assert answer.json()["by_proxy"]
    assert api(member).get(f"events/{event.pk}/").json()["turnout"]["people"] == 2


def test_questions_are_kept_in_their_shape(api, officer, member, event):
    asked = [{"text": "お弁当", "choices": ["いる", "いらない"]}]
    assert api(officer).patch(f"events/{event.pk}/", questions=asked).json()["questions"] == asked
    assert api(member).put(f"events/{event.pk}/rsvp/", answer="yes", replies={"お弁当": "いる"}).status_code == 200
    assert api(member).put(f"events/{event.pk}/rsvp/", answer="yes", replies={"お弁当": "x"}).status_code == 400
    for odd in ("x", [1], [{"choices": []}], asked * 3, [{"text": "", "choices": []}]):
        assert api(officer).patch(f"events/{event.pk}/", questions=odd).status_code == 400
