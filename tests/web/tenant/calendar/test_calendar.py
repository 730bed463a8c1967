"""The calendar: a month, the household's answers, planning in plain words."""

import re
from datetime import datetime, timedelta
from html import unescape

import pytest
from django.utils import timezone

from controlplane.tenancy import bound
from tenants.calendar.models import Rsvp


def local(*parts):
    return timezone.make_aware(datetime(*parts))


def day_of(event):
    return timezone.localdate(event.starts_at).isoformat()


TYPED = {
    "title": "夏まつり",
    "on": "2031-08-02",
    "starts": "16:00",
    "ends": "20:30",
    "place": "桃山南公園",
    "audience": "everyone",
    "repeat": "",
}


def test_the_month_shows_days_with_events_and_names_holidays(client_for, member, plan):
    plan(starts=local(2031, 7, 26, 8))
    answer = client_for(member).get("/calendar/?month=2031-07")
    text = answer.content.decode()
    assert "2031年7月" in text
    assert 'href="#d2031-07-26"' in text
    assert 'id="d2031-07-26"' in text
    assert "海の日" in text
    july_21 = next(day for week in answer.context["weeks"] for day in week if day and day["number"] == 21)
    assert july_21["kind"] == "sun"


def test_neighbouring_months_are_one_tap_away(client_for, member):
    text = client_for(member).get("/calendar/?month=2031-01").content.decode()
    assert 'href="?month=2030-12"' in text
    assert 'href="?month=2031-02"' in text


@pytest.mark.parametrize("month", ["x", "2031-13", "99999-01", "", "0000-00", "1800-01", "9999-12"])
def test_a_broken_month_is_no_trouble(client_for, member, month):
    assert client_for(member).get("/calendar/", {"month": month}).status_code == 200


def test_what_comes_next_month_is_listed_this_month_too(client_for, member, plan):
    soon = plan(title="来月の集まり", starts=timezone.now() + timedelta(days=40))
    assert soon.title in client_for(member).get("/calendar/").content.decode()


def test_a_weekly_event_stands_on_each_of_its_days(client_for, member, plan):
    plan(starts=local(2031, 7, 5, 9), rrule="FREQ=WEEKLY")
    text = client_for(member).get("/calendar/?month=2031-07").content.decode()
    assert all(f'id="d2031-07-{day}"' in text for day in ("05", "12", "19", "26"))


def test_an_answer_is_saved_at_once_and_can_be_changed(client_for, member, plan, tonan):
    event, client = plan(), client_for(member)
    where = f"/calendar/{event.pk}/rsvp/?on={day_of(event)}"
    text = client.post(where, {"answer": "yes"}, follow=True).content.decode()
    assert "「参加する」と答えました。" in text
    client.post(where, {"answer": "no"})
    with bound(tonan):
        rsvp = Rsvp.objects.get(event=event)
    assert (rsvp.answer, rsvp.household_id) == ("no", member.household_id)


def test_companions_are_counted(client_for, member, plan):
    event = plan()
    typed = {"answer": "yes", "companions": "２", "on": day_of(event)}
    page = client_for(member).post(f"/calendar/{event.pk}/rsvp/", typed, follow=True)
    assert page.context["entry"].turnout.people == 3
    assert "あわせて3人" in page.content.decode()


def test_a_button_on_the_calendar_keeps_the_companions(client_for, member, plan, tonan):
    event, client = plan(), client_for(member)
    client.post(f"/calendar/{event.pk}/rsvp/", {"answer": "yes", "companions": "2", "on": day_of(event)})
    assert "companions=2" in client.get("/calendar/").content.decode()


def test_the_buttons_on_the_calendar_save_as_they_are_drawn(client_for, member, plan):
    event, client = plan(), client_for(member)
    action = re.search(rf'action="(/calendar/{event.pk}/rsvp/[^"]*)"', client.get("/calendar/").content.decode())[1]
    assert client.post(unescape(action), {"answer": "yes"}).status_code == 302


def test_by_htmx_the_card_alone_comes_back(client_for, member, plan):
    event = plan()
    answer = client_for(member).post(
        f"/calendar/{event.pk}/rsvp/?on={day_of(event)}", {"answer": "yes"}, headers={"HX-Request": "true"}
    )
    text = answer.content.decode()
    assert text.strip().startswith("<article")
    assert 'value="yes" aria-pressed="true"' in text
    assert "いま1世帯が参加します。" in text


def test_a_full_event_says_so(client_for, member, officer, plan):
    event = plan(capacity=1)
    where = f"/calendar/{event.pk}/rsvp/?on={day_of(event)}"
    client_for(officer).post(where, {"answer": "yes"})
    answer = client_for(member).post(where, {"answer": "yes"})
    assert answer.status_code == 422
    assert "満員になりました" in answer.content.decode()
    by_htmx = client_for(member).post(where, {"answer": "yes"}, headers={"HX-Request": "true"})
    assert by_htmx.status_code == 422
    assert "満員になりました" in by_htmx.content.decode()


@pytest.mark.parametrize("typed", [{"answer": "x"}, {"answer": "yes", "companions": "21"}, {}])
def test_a_wrong_answer_is_told(client_for, member, plan, typed):
    event = plan()
    assert client_for(member).post(f"/calendar/{event.pk}/rsvp/?on={day_of(event)}", typed).status_code == 422


@pytest.mark.parametrize("on", ["2031-01-01", "x", "2031-99-99"])
def test_a_day_without_the_event_is_not_found(client_for, member, plan, on):
    event = plan()
    assert client_for(member).get(f"/calendar/{event.pk}/?on={on}").status_code == 404
    assert client_for(member).post(f"/calendar/{event.pk}/rsvp/?on={on}", {"answer": "yes"}).status_code == 404


def test_names_of_who_comes_are_for_officers(client_for, member, officer, plan):
    event = plan()
    client_for(member).post(f"/calendar/{event.pk}/rsvp/?on={day_of(event)}", {"answer": "yes"})
    page = client_for(officer).get(f"/calendar/{event.pk}/")
    assert f"{member.household}（2組）" in page.content.decode()
    assert "だれが答えたかは" not in client_for(member).get(f"/calendar/{event.pk}/").content.decode()


def test_an_officer_plans_an_event(client_for, officer, member, latest):
    answer = client_for(officer).post("/calendar/new/", TYPED, follow=True)
    assert "「夏まつり」をカレンダーに入れました。" in answer.content.decode()
    assert timezone.localtime(latest().starts_at) == local(2031, 8, 2, 16)
    assert timezone.localtime(latest().ends_at) == local(2031, 8, 2, 20, 30)
    assert "夏まつり" in client_for(member).get("/calendar/?month=2031-08").content.decode()


@pytest.mark.parametrize(
    ("repeat", "rule"),
    [
        ("weekly", "FREQ=WEEKLY"),
        ("monthly", "FREQ=MONTHLY"),
        ("nth", "FREQ=MONTHLY;BYDAY=1SA"),
        ("yearly", "FREQ=YEARLY"),
    ],
)
def test_repeating_is_asked_in_plain_words(client_for, officer, latest, repeat, rule):
    client = client_for(officer)
    client.post("/calendar/new/", {**TYPED, "repeat": repeat})
    assert latest().rrule == rule
    assert client.get(f"/calendar/{latest().pk}/edit/").context["form"].initial["repeat"] == repeat


def test_repeating_ends_on_its_last_day(client_for, officer, member, latest):
    client = client_for(officer)
    client.post("/calendar/new/", {**TYPED, "repeat": "weekly", "until": "2031-08-16"})
    text = client_for(member).get("/calendar/?month=2031-08").content.decode()
    assert [day for day in ("02", "09", "16", "23") if f'id="d2031-08-{day}"' in text] == ["02", "09", "16"]
    assert str(client.get(f"/calendar/{latest().pk}/edit/").context["form"].initial["until"]) == "2031-08-16"


def test_a_rule_nobody_here_wrote_is_kept(client_for, officer, plan, latest):
    event = plan(starts=local(2031, 8, 2, 16), rrule="FREQ=WEEKLY;INTERVAL=2")
    client = client_for(officer)
    form = client.get(f"/calendar/{event.pk}/edit/").context["form"]
    assert form.initial["repeat"] == "keep"
    client.post(f"/calendar/{event.pk}/edit/", {**TYPED, "repeat": "keep"})
    assert latest().rrule == "FREQ=WEEKLY;INTERVAL=2"
    assert latest().title == "夏まつり"


def test_a_whole_day_and_several_days(client_for, officer, latest):
    client = client_for(officer)
    client.post("/calendar/new/", {**TYPED, "all_day": "on", "starts": "", "ends": "", "last_day": "2031-08-03"})
    event = latest()
    assert event.all_day
    assert event.ends_at - event.starts_at == timedelta(days=2)
    assert str(client.get(f"/calendar/{event.pk}/edit/").context["form"].initial["last_day"]) == "2031-08-03"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"title": ""}, "title"),
        ({"starts": ""}, "starts"),
        ({"ends": "15:00"}, None),
        ({"last_day": "2031-08-01"}, "last_day"),
        ({"until": "2031-08-01"}, "until"),
        ({"audience": "community"}, "community"),
    ],
)
def test_what_is_wrong_is_said_and_the_rest_is_kept(client_for, officer, change, field):
    answer = client_for(officer).post("/calendar/new/", {**TYPED, **change})
    assert answer.status_code == 422
    errors = answer.context["form"].errors
    assert errors[field] if field else errors["__all__"]
    assert "桃山南公園" in answer.content.decode()


def test_a_cancelled_event_stays_marked_with_its_reason(client_for, officer, member, plan):
    event, client = plan(), client_for(officer)
    assert "中止にしますか" in client.get(f"/calendar/{event.pk}/cancel/").content.decode()
    client.post(f"/calendar/{event.pk}/cancel/", {"reason": "雨のため"})
    text = client_for(member).get(f"/calendar/{event.pk}/").content.decode()
    assert "この行事は中止になりました" in text
    assert "雨のため" in text
    answer = client_for(member).post(f"/calendar/{event.pk}/rsvp/?on={day_of(event)}", {"answer": "yes"})
    assert answer.status_code == 422


def test_members_plan_in_their_communities_only(client_for, member, latest):
    client = client_for(member)
    choices = client.get("/calendar/new/").context["form"].fields["audience"].choices
    assert [value for value, _label in choices] == ["community"]
    assert client.post("/calendar/new/", TYPED).status_code == 422
    client.post("/calendar/new/", {**TYPED, "audience": "community", "community": 2})
    assert latest().community_id == 2


def test_members_change_only_their_own(client_for, member, plan):
    event = plan()
    for path in ("edit/", "cancel/"):
        assert client_for(member).get(f"/calendar/{event.pk}/{path}").status_code == 404
        assert client_for(member).post(f"/calendar/{event.pk}/{path}", TYPED).status_code == 404


def test_the_outsider_gets_nothing(client_for, outsider, plan):
    event = plan()
    client = client_for(outsider)
    for path in ("", "edit/", "cancel/", "event.ics"):
        assert client.get(f"/calendar/{event.pk}/{path}").status_code == 404
    assert client.post(f"/calendar/{event.pk}/rsvp/", {"answer": "yes"}).status_code == 404
    assert event.title not in client.get("/calendar/").content.decode()
