"""A series on its pages: this day, this and the following, all; moved, put back, called off with a word to people."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from controlplane.outbox.models import Message
from controlplane.tenancy import bound
from tenants.calendar.models import Event, OccurrenceChange


def local(*parts):
    return timezone.make_aware(datetime(*parts))


@pytest.fixture
def weekly(plan):
    return plan(starts=local(2031, 7, 5, 9), rrule="FREQ=WEEKLY", place="公園")


MOVED = {"day": "2031-07-13", "starts": "10:00", "ends": "11:00", "place": "集会所", "note": "工事のため", "tell": "on"}


def test_which_times_are_meant_is_asked_in_plain_words(client_for, officer, weekly):
    text = client_for(officer).get(f"/calendar/{weekly.pk}/which/?on=2031-07-12").content.decode()
    assert "7月12日（土）だけ" in text
    assert "7月12日（土）と、そのあとの回" in text
    assert "すべての回" in text


def test_one_day_is_moved_and_put_back(client_for, officer, member, weekly, tonan, run_tasks):
    member_client, client = client_for(member), client_for(officer)
    member_client.post(f"/calendar/{weekly.pk}/rsvp/?on=2031-07-12", {"answer": "yes"})
    with run_tasks():
        answer = client.post(f"/calendar/{weekly.pk}/move/?on=2031-07-12", MOVED, follow=True)
    assert "この日だけ、変えました" in answer.content.decode()
    text = member_client.get(f"/calendar/{weekly.pk}/?on=2031-07-12").content.decode()
    assert "7月13日（日） 10:00〜11:00" in text
    assert "集会所" in text
    assert "工事のため" in text
    assert "「参加する」と答えました" in text
    month = member_client.get("/calendar/?month=2031-07").content.decode()
    assert 'id="d2031-07-13"' in month
    assert 'id="d2031-07-12"' not in month
    with bound(tonan):
        assert Message.objects.filter(to=member.user.email, subject__startswith="変わりました").count() == 1
    client.post(f"/calendar/{weekly.pk}/put-back/", {"on": "2031-07-12"})
    assert 'id="d2031-07-12"' in member_client.get("/calendar/?month=2031-07").content.decode()


@pytest.mark.parametrize(
    "change", [{"day": ""}, {"day": "x"}, {"starts": ""}, {"ends": "09:00"}, {"day": "3031-01-01"}]
)
def test_a_wrong_move_is_told_and_nothing_moves(client_for, officer, weekly, tonan, change):
    answer = client_for(officer).post(f"/calendar/{weekly.pk}/move/?on=2031-07-12", {**MOVED, **change})
    assert answer.status_code == 422
    assert "集会所" in answer.content.decode()
    with bound(tonan):
        assert not OccurrenceChange.objects.exists()


def typed(client, path):
    initial = client.get(path).context["form"].initial
    plain = {name: value for name, value in initial.items() if value not in (None, False)}
    return plain | {"repeat": initial["repeat"]}


def test_this_and_the_following_are_changed(client_for, officer, member, weekly, latest):
    client = client_for(officer)
    path = f"/calendar/{weekly.pk}/edit/?from=2031-07-19"
    fields = typed(client, path)
    assert str(fields["on"]) == "2031-07-19"
    assert "これまでの回は、そのまま残ります" in client.get(path).content.decode()
    answer = client.post(path, {**fields, "title": "夏の清掃", "starts": "07:00", "ends": "08:00"})
    assert answer.status_code == 302
    assert (latest().title, timezone.localtime(latest().starts_at)) == ("夏の清掃", local(2031, 7, 19, 7))
    text = client_for(member).get("/calendar/?month=2031-07").content.decode()
    assert text.count("夏の清掃") >= 2
    assert 'id="d2031-07-12"' in text


@pytest.mark.parametrize("since", ["x", "2031-07-20", "0001-01-01", "9999-12-31"])
def test_a_day_the_series_does_not_know_is_not_found(client_for, officer, weekly, since):
    assert client_for(officer).get(f"/calendar/{weekly.pk}/edit/?from={since}").status_code == 404


def test_the_second_and_fourth_saturday_are_picked(client_for, officer, latest):
    fields = {
        "title": "資源回収",
        "on": "2031-07-01",
        "starts": "08:00",
        "ends": "09:00",
        "audience": "everyone",
        "repeat": "nth",
        "nths": ["2", "4"],
        "weekday": "SA",
    }
    client = client_for(officer)
    assert client.post("/calendar/new/", fields).status_code == 302
    assert latest().rrule == "FREQ=MONTHLY;BYDAY=2SA,4SA"
    assert timezone.localtime(latest().starts_at) == local(2031, 7, 12, 8)
    shown = client.get(f"/calendar/{latest().pk}/edit/").context["form"].initial
    assert (shown["repeat"], shown["nths"], shown["weekday"]) == ("nth", ["2", "4"], "SA")


def test_one_day_is_called_off_and_who_meant_to_come_is_told(client_for, officer, member, weekly, tonan, run_tasks):
    client_for(member).post(f"/calendar/{weekly.pk}/rsvp/?on=2031-07-12", {"answer": "yes"})
    client = client_for(officer)
    page = client.get(f"/calendar/{weekly.pk}/cancel/?on=2031-07-12").content.decode()
    assert "この日だけ" in page
    told = {"on": "2031-07-12", "scope": "one", "reason": "雨のため", "to": "answered"}
    with run_tasks():
        client.post(f"/calendar/{weekly.pk}/cancel/", told)
    text = client_for(member).get(f"/calendar/{weekly.pk}/?on=2031-07-12").content.decode()
    assert "この日は中止になりました" in text
    assert "雨のため" in text
    assert "中止になりました" not in client_for(member).get(f"/calendar/{weekly.pk}/?on=2031-07-19").content.decode()
    with bound(tonan):
        assert [m.to for m in Message.objects.filter(subject__startswith="中止")] == [member.user.email]


def test_this_and_the_following_are_called_off(client_for, officer, member, weekly):
    client_for(officer).post(f"/calendar/{weekly.pk}/cancel/", {"on": "2031-07-12", "scope": "following"})
    client = client_for(member)
    assert "中止になりました" not in client.get(f"/calendar/{weekly.pk}/?on=2031-07-05").content.decode()
    assert client.get(f"/calendar/{weekly.pk}/?on=2031-07-12").status_code == 404
    assert client.get("/calendar/?month=2031-07").content.decode().count(">中止<") >= 3


@pytest.mark.parametrize("wrong", [{"scope": "x"}, {"to": "x"}, {"reason": "あ" * 201}])
def test_an_odd_cancellation_is_refused(client_for, officer, weekly, tonan, wrong):
    answer = client_for(officer).post(f"/calendar/{weekly.pk}/cancel/", {"on": "2031-07-12", **wrong})
    assert answer.status_code == 422
    with bound(tonan):
        assert Event.objects.get(pk=weekly.pk).cancelled_at is None


def test_what_is_off_tomorrow_stands_on_top_of_home_and_calendar(client_for, officer, member, plan):
    event = plan(starts=timezone.now().replace(minute=0) + timedelta(hours=20))
    client_for(officer).post(f"/calendar/{event.pk}/cancel/", {"reason": "台風のため", "to": "nobody"})
    for path in ("/", "/calendar/"):
        text = client_for(member).get(path).content.decode()
        assert "の「朝の清掃活動」は、中止です" in text
        assert "台風のため" in text


def test_who_cannot_be_written_to_is_named_to_who_called_it_off(client_for, officer, leader, member, plan, tonan):
    event = plan()
    day = timezone.localdate(event.starts_at).isoformat()
    with bound(tonan):
        home = leader.household.group.households.get(name="紙の家")
    client_for(leader).post(f"/calendar/{event.pk}/answers/enter/", {"on": day, "household": home.pk, "answer": "yes"})
    client_for(officer).post(f"/calendar/{event.pk}/cancel/", {"reason": "雨"})
    assert "電話か訪問で伝える方" in client_for(officer).get(f"/calendar/{event.pk}/").content.decode()
    assert "電話か訪問で伝える方" not in client_for(member).get(f"/calendar/{event.pk}/").content.decode()


def test_neither_members_nor_outsiders_change_a_series(client_for, member, outsider, weekly):
    for who in (member, outsider):
        client = client_for(who)
        for path in ("which/", "move/", "cancel/", "edit/"):
            assert client.get(f"/calendar/{weekly.pk}/{path}?on=2031-07-12").status_code == 404
            if path != "which/":
                assert client.post(f"/calendar/{weekly.pk}/{path}?on=2031-07-12", MOVED).status_code == 404
        assert client.post(f"/calendar/{weekly.pk}/put-back/", {"on": "2031-07-12"}).status_code == 404
