"""Answers on their pages: waiting in line, questions, each person, for a home without a phone, the printed list."""

import pytest
from django.utils import timezone

from controlplane.tenancy import bound
from tenants.calendar.models import Rsvp
from tenants.members.models import Household


def day_of(event):
    return timezone.localdate(event.starts_at).isoformat()


@pytest.fixture
def paper_home(tonan):
    with bound(tonan):
        return Household.objects.get(name="紙の家")


def test_who_comes_too_late_is_told_that_they_wait_and_moves_up(client_for, officer, member, plan, tonan):
    event = plan(capacity=1, waiting_list=True)
    where = f"/calendar/{event.pk}/rsvp/?on={day_of(event)}"
    client_for(officer).post(where, {"answer": "yes"})
    client = client_for(member)
    assert "キャンセル待ちになります" in client.get(f"/calendar/{event.pk}/").content.decode()
    text = client.post(where, {"answer": "yes"}, follow=True).content.decode()
    assert "いまは満員なので、キャンセル待ちです" in text
    assert "キャンセル待ち 1件" in text
    client_for(officer).post(where, {"answer": "no"})
    assert "「参加する」と答えました" in client.get(f"/calendar/{event.pk}/").content.decode()


def test_questions_are_asked_with_the_answer_and_kept(client_for, officer, member, plan):
    event = plan(questions=[{"text": "お弁当", "choices": ["いる", "いらない"]}, {"text": "ひとこと", "choices": []}])
    client = client_for(member)
    path = f"/calendar/{event.pk}/rsvp/?on={day_of(event)}"
    client.post(path, {"answer": "yes", "q0": "いる", "q1": "楽しみです"})
    assert 'value="いる"' in client.get(f"/calendar/{event.pk}/").content.decode()
    client.post(path, {"answer": "maybe"}, headers={"HX-Request": "true"})  # a button of the calendar alone
    text = client_for(officer).get(f"/calendar/{event.pk}/").content.decode()
    assert "お弁当：いる" in text
    assert "ひとこと：楽しみです" in text
    assert client.post(path, {"answer": "yes", "q0": "たぶん"}).status_code == 422


def test_an_officer_asks_two_questions_when_planning(client_for, officer, latest):
    fields = {
        "title": "バスの旅",
        "on": "2031-08-02",
        "starts": "08:00",
        "ends": "17:00",
        "audience": "everyone",
        "repeat": "",
        "capacity": "４０",
        "waiting_list": "on",
        "answers_by": "person",
        "remind": "2",
        "question_1": "お弁当はいりますか",
        "choices_1": "いる、いらない,いる",
        "question_2": "ひとこと",
    }
    client = client_for(officer)
    assert client.post("/calendar/new/", fields).status_code == 302
    event = latest()
    assert event.questions == [
        {"text": "お弁当はいりますか", "choices": ["いる", "いらない"]},
        {"text": "ひとこと", "choices": []},
    ]
    assert (event.capacity, event.waiting_list, event.answers_by, event.remind) == (40, True, "person", 2)
    shown = client.get(f"/calendar/{event.pk}/edit/").context["form"].initial
    assert (shown["question_1"], shown["choices_1"]) == ("お弁当はいりますか", "いる、いらない")
    assert "あなたの出欠" in client.get(f"/calendar/{event.pk}/").content.decode()


def test_a_leader_enters_what_a_home_said(client_for, officer, leader, plan, paper_home, tonan):
    event, client = plan(), client_for(leader)
    page = client.get(f"/calendar/{event.pk}/answers/").content.decode()
    assert "紙の家さんのお宅" in page
    fields = {"on": day_of(event), "household": paper_home.pk, "answer": "yes", "companions": "1"}
    page = client.post(f"/calendar/{event.pk}/answers/enter/", fields, follow=True).content.decode()
    assert f"（代理：{leader.name}さん）" in page
    assert f"（代理：{leader.name}さん）" in client_for(officer).get(f"/calendar/{event.pk}/").content.decode()
    with bound(tonan):
        assert Rsvp.objects.get(event=event).people == 2


def test_for_each_person_a_row_stands_in_the_list(client_for, leader, plan, tonan):
    event = plan(answers_by="person")
    client = client_for(leader)
    assert f"{leader.name}さん" in client.get(f"/calendar/{event.pk}/answers/").content.decode()
    fields = {"on": day_of(event), "household": leader.household_id, "person": leader.pk, "answer": "yes"}
    client.post(f"/calendar/{event.pk}/answers/enter/", fields)
    with bound(tonan):
        assert Rsvp.objects.get(event=event).person_id == leader.pk


@pytest.mark.parametrize(
    "wrong",
    [{"household": "x"}, {"household": "999999"}, {"answer": "x"}, {"companions": "99"}, {"person": "999999"}, {}],
)
def test_an_odd_answer_for_somebody_changes_nothing(client_for, leader, plan, paper_home, tonan, wrong):
    event = plan()
    fields = {"on": day_of(event), "household": paper_home.pk, "answer": "yes"} if wrong else {"on": day_of(event)}
    answer = client_for(leader).post(f"/calendar/{event.pk}/answers/enter/", {**fields, **wrong})
    assert answer.status_code == 404
    with bound(tonan):
        assert not Rsvp.objects.filter(event=event).exists()


def test_a_leader_answers_for_the_own_group_only_and_a_member_for_nobody(client_for, leader, member, plan):
    event = plan()
    fields = {"on": day_of(event), "household": member.household_id, "answer": "yes"}
    assert client_for(leader).post(f"/calendar/{event.pk}/answers/enter/", fields).status_code == 404
    assert client_for(member).post(f"/calendar/{event.pk}/answers/enter/", fields).status_code == 404
    assert client_for(member).get(f"/calendar/{event.pk}/answers/").status_code == 404


def test_a_full_event_is_told_to_the_leader_too(client_for, officer, leader, plan, paper_home):
    event = plan(capacity=1)
    client_for(officer).post(f"/calendar/{event.pk}/rsvp/?on={day_of(event)}", {"answer": "yes"})
    fields = {"on": day_of(event), "household": paper_home.pk, "answer": "yes"}
    page = client_for(leader).post(f"/calendar/{event.pk}/answers/enter/", fields, follow=True)
    assert "満員になりました" in page.content.decode()


def test_the_list_to_print_names_who_comes_and_who_waits(client_for, officer, leader, member, plan, paper_home):
    event = plan(capacity=2, waiting_list=True, questions=[{"text": "お弁当", "choices": []}])
    where = f"/calendar/{event.pk}/rsvp/?on={day_of(event)}"
    client_for(member).post(where, {"answer": "yes", "companions": "1", "q0": "=1+1"})
    client_for(leader).post(
        f"/calendar/{event.pk}/answers/enter/", {"on": day_of(event), "household": paper_home.pk, "answer": "yes"}
    )
    client = client_for(officer)
    text = client.get(f"/calendar/{event.pk}/attendance/?on={day_of(event)}").content.decode()
    assert "参加 2人" in text
    assert text.index(str(member.household)) < text.index("紙の家さんのお宅")
    assert "キャンセル待ち" in text
    table = client.get(f"/calendar/{event.pk}/attendance.csv?on={day_of(event)}").content.decode()
    assert table.startswith("\ufeff組,世帯,お名前,出欠,人数,お弁当,代理で答えた人")
    assert "'=1+1" in table
    assert f"キャンセル待ち,1,,{leader.name}" in table


def test_the_list_is_for_officers_and_who_planned_it(client_for, leader, member, outsider, plan):
    event = plan()
    for who in (leader, member, outsider):
        for path in ("attendance/", "attendance.csv"):
            assert client_for(who).get(f"/calendar/{event.pk}/{path}").status_code == 404


def test_the_outsider_neither_sees_nor_enters_answers(client_for, outsider, plan, paper_home):
    event, client = plan(), client_for(outsider)
    fields = {"on": day_of(event), "household": paper_home.pk, "answer": "yes"}
    assert client.get(f"/calendar/{event.pk}/answers/").status_code == 404
    assert client.post(f"/calendar/{event.pk}/answers/enter/", fields).status_code == 404
