"""/calendar.ics: a phone asks by itself, the token is the key, and the key can be changed."""

from datetime import timedelta

import icalendar
import pytest
from django.utils import timezone

from controlplane.tenancy import Purpose, bound, sign
from tenants.calendar.models import Event


@pytest.fixture
def event(tonan, officer):
    starts = timezone.now() + timedelta(days=2)
    with bound(tonan):
        return Event.plan(
            by=officer, title="朝の清掃活動", starts_at=starts, ends_at=starts + timedelta(hours=1), rrule="FREQ=WEEKLY"
        )


def path_of(client):
    url = client.get("/calendar/share/").context["url"]
    return "/" + url.split("/", 3)[3]


def titles(content):
    return [str(event["summary"]) for event in icalendar.Calendar.from_ical(content).walk("VEVENT")]


def test_the_link_needs_no_session_and_shows_what_its_owner_sees(client_for, member, officer, browser, tonan, event):
    with bound(tonan):
        Event.plan(by=officer, title="役員会", audience="officers", starts_at=event.starts_at, ends_at=event.ends_at)
    answer = browser(tonan).get(path_of(client_for(member)))
    assert answer["Content-Type"].startswith("text/calendar")
    assert "朝の清掃活動" in titles(answer.content)
    assert "役員会" not in titles(answer.content)
    assert "役員会" in titles(browser(tonan).get(path_of(client_for(officer))).content)


def test_a_new_link_makes_the_old_one_worthless(client_for, member, browser, tonan, event):
    client = client_for(member)
    old = path_of(client)
    assert "新しいリンクができています" in client.post("/calendar/share/revoke/", follow=True).content.decode()
    assert browser(tonan).get(old).status_code == 404
    assert browser(tonan).get(path_of(client)).status_code == 200


def test_who_has_left_sees_nothing_any_more(client_for, member, browser, tonan):
    path = path_of(client_for(member))
    with bound(tonan):
        member.leave(by="tests")
    assert browser(tonan).get(path).status_code == 404


@pytest.mark.parametrize("value", [1, [1], [1, 2, 3], ["x", 1], {"a": 1}, None])
def test_a_token_of_another_shape_is_not_found(browser, tonan, value):
    with bound(tonan):
        token = sign(Purpose.CALENDAR, value)
    assert browser(tonan).get("/calendar.ics", {"token": token}).status_code == 404


def test_a_token_for_something_else_is_not_found(browser, tonan, member):
    with bound(tonan):
        token = sign(Purpose.CONTACT, [member.pk, member.calendar_revision])
    assert browser(tonan).get("/calendar.ics", {"token": token}).status_code == 404


@pytest.mark.parametrize("token", ["", "x", "a:b:c"])
def test_no_token_is_not_found(browser, tonan, token):
    assert browser(tonan).get("/calendar.ics", {"token": token}).status_code == 404


def test_one_event_comes_as_a_file(client_for, member, event):
    answer = client_for(member).get(f"/calendar/{event.pk}/event.ics")
    assert titles(answer.content) == ["朝の清掃活動"]
    assert "attachment" in answer["Content-Disposition"]


def test_the_outsider_s_token_opens_nothing_here_nor_ours_there(
    client_for, outsider, member, browser, tonan, fujishiro
):
    assert browser(tonan).get(path_of(client_for(outsider))).status_code == 404
    assert browser(fujishiro).get(path_of(client_for(member))).status_code == 404
