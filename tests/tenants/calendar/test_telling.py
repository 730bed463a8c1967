"""Called off, moved, tomorrow: who is written to, and never twice."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from controlplane.dispatch.models import Wakeup
from controlplane.outbox.models import Message
from controlplane.tenancy import bound, public, unbound
from tenants.calendar import reminders
from tenants.calendar.models import Event
from tenants.calendar.tasks import remind_everywhere, visit_everybody


@pytest.fixture(autouse=True)
def nobody_waits(request):
    """What tests that commit have left for the beat is not this one's. Those that commit themselves clean up."""
    if "db" not in request.fixturenames:
        return
    request.getfixturevalue("db")
    with public():
        Wakeup.objects.all().delete()


def plan(by, **fields) -> Event:
    start = timezone.localtime().replace(hour=9, minute=0) + timedelta(days=9)
    told = {"title": "清掃", "place": "公園", "starts_at": start, "ends_at": start + timedelta(hours=1)}
    return Event.plan(by=by, **(told | fields))


def sent(word: str) -> list[tuple[str, str]]:
    found = Message.objects.filter(subject__startswith=word).order_by("channel", "to")
    return [(message.channel, message.to) for message in found]


def evening_before(event: Event) -> datetime:
    day = timezone.localtime(event.starts_at) - timedelta(days=1)
    return day.replace(hour=18, minute=1, second=0)


def test_calling_off_writes_to_those_who_meant_to_come(officer, leader, member):
    event = plan(officer)
    event.answer(member, "maybe")
    event.answer(leader, "no")
    event.cancel(by=officer, reason="雨のため")
    assert sent("中止") == [("mail", member.user.email)]
    body = Message.objects.get(subject__startswith="中止").body
    assert "「清掃」は、中止になりました。（雨のため）" in body
    assert f"/calendar/{event.pk}/?on=" in body
    event.cancel(by=officer, reason="雨のため")
    assert len(sent("中止")) == 1


def test_calling_off_reaches_everybody_if_wished_and_phones_when_urgent(officer, leader, member):
    member.user.phone = "+819012345678"
    member.user.save()
    event = plan(officer)
    event.cancel(by=officer, to="everybody", urgent=True)
    mails = [("mail", person.user.email) for person in (leader, member, officer)]
    assert sent("中止") == [*sorted(mails), ("sms", "+819012345678")]


@pytest.mark.parametrize("rrule", ["", "FREQ=WEEKLY"])
def test_nobody_is_written_to_if_so_wished(officer, member, rrule):
    event = plan(officer, rrule=rrule)
    event.answer(member, "yes")
    event.cancel(by=officer, to="nobody")
    assert not sent("中止")


def test_one_time_is_called_off_and_the_others_take_place(officer, member, leader):
    event = plan(officer, rrule="FREQ=WEEKLY")
    first = event.next_occurrence()
    second = first.on + timedelta(days=7)
    event.answer(member, "yes", on=first.on)
    event.answer(leader, "yes", on=second)
    for _ in range(2):
        event.cancel(by=officer, on=first.on, reason="雨")
    assert sent("中止") == [("mail", member.user.email)]
    assert event.occurrence_on(first.on).cancel_reason == "雨"
    assert event.occurrence_on(second).cancelled_at is None
    assert event.next_occurrence().on == second


def test_what_is_called_off_for_soon_stands_on_top(officer, member):
    start = timezone.now() + timedelta(hours=5)
    event = plan(officer, starts_at=start, ends_at=start + timedelta(hours=1), rrule="FREQ=WEEKLY")
    far = plan(officer)
    event.cancel(by=officer, on=event.next_occurrence().on)
    far.cancel(by=officer)
    assert [each.event for each in Event.objects.visible_to(member).called_off()] == [event]


def test_a_moved_time_is_told_if_wished(officer, member):
    event = plan(officer, rrule="FREQ=WEEKLY")
    on = event.next_occurrence().on
    event.answer(member, "yes", on=on)
    start = event.starts_at + timedelta(days=1)
    event.move(on, by=officer, starts_at=start, ends_at=start + timedelta(hours=1), tell_answered=True)
    assert sent("変わりました") == [("mail", member.user.email)]


def test_the_evening_before_and_two_hours_before_each_once(officer, leader, member):
    event = plan(officer, remind=Event.Remind.AND_HOURS_BEFORE)
    event.answer(member, "yes")
    event.answer(leader, "no")
    eve = evening_before(event)
    reminders.remind(eve - timedelta(hours=1))
    assert not sent("あした")
    for _ in range(2):
        reminders.remind(eve)
    assert sent("あした") == [("mail", member.user.email)]
    for _ in range(2):
        reminders.remind(event.starts_at - timedelta(minutes=100))
    assert sent("まもなく") == [("mail", member.user.email)]
    reminders.remind(event.starts_at + timedelta(minutes=1))
    assert len(sent("あした")) == len(sent("まもなく")) == 1


def test_who_answers_after_the_evening_s_reminder_needs_none(officer, member):
    event = plan(officer, remind=Event.Remind.DAY_BEFORE)
    eve = evening_before(event)
    event.answer(member, "yes")
    event.rsvps.update(at=eve + timedelta(hours=1))
    reminders.remind(eve + timedelta(hours=2))
    assert not sent("あした")


def test_nobody_is_reminded_of_what_is_called_off_or_not_wished(officer, member):
    event, quiet = plan(officer, remind=Event.Remind.DAY_BEFORE), plan(officer)
    for each in (event, quiet):
        each.answer(member, "yes")
    event.cancel(by=officer, to="nobody")
    reminders.remind(evening_before(event))
    assert not sent("あした")


def test_a_time_moved_to_another_day_is_reminded_of_there(officer, member):
    event = plan(officer, rrule="FREQ=WEEKLY", remind=Event.Remind.DAY_BEFORE)
    on = event.next_occurrence().on
    event.answer(member, "yes", on=on)
    start = event.starts_at + timedelta(days=2)
    event.move(on, by=officer, starts_at=start, ends_at=start + timedelta(hours=1))
    reminders.remind(evening_before(event))
    assert not sent("あした")
    reminders.remind(evening_before(event) + timedelta(days=2))
    assert sent("あした") == [("mail", member.user.email)]


def test_the_beat_visits_who_is_due_and_notes_the_next_time(officer, member, tonan):
    start = timezone.now() + timedelta(hours=1)
    event = plan(
        officer,
        starts_at=start,
        ends_at=start + timedelta(hours=1),
        rrule="FREQ=WEEKLY",
        remind=Event.Remind.AND_HOURS_BEFORE,
    )
    event.answer(member, "yes")
    event.rsvps.update(at=timezone.now() - timedelta(days=3))
    with public():
        Wakeup.objects.filter(association=tonan.pk, purpose="calendar").update(due_at=timezone.now())
        Wakeup.objects.note(tonan.pk, "calendar", timezone.now() - timedelta(minutes=1))
    for _ in range(2):
        with unbound():
            remind_everywhere()
    assert len(sent("まもなく") + sent("あした")) == 1
    with public():
        assert Wakeup.objects.get(association=tonan.pk, purpose="calendar").due_at > timezone.now()


def test_once_a_day_everybody_is_visited_whatever_was_noted(tonan, fujishiro):
    for _ in range(2):
        with unbound():
            visit_everybody()
    with public():
        visited = list(Wakeup.objects.filter(purpose="calendar").values_list("association", flat=True))
    assert sorted(visited) == sorted([tonan.pk, fujishiro.pk])
    with bound(tonan):
        assert not Message.objects.filter(subject__startswith="あした").exists()
