"""Called off, moved, tomorrow: who is written to, and never twice."""

from datetime import datetime, timedelta
from itertools import count

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from controlplane.accounts.models import User
from controlplane.dispatch.models import Wakeup
from controlplane.outbox.models import Message
from controlplane.tenancy import bound, public, unbound
from tenants.calendar import letters, reminders
from tenants.calendar.models import Event, Telling, telling
from tenants.calendar.tasks import remind_everywhere, visit_everybody
from tenants.communities.models import Community
from tenants.members.models import Household, Member, Seat


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
    """Whom letters that begin so went to, after all that is to be written has been."""
    for pk in Telling.objects.values_list("pk", flat=True):
        while Telling.go_on(pk):
            pass
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
    assert not Message.objects.filter(subject__startswith="中止").exists()
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


def neighbours(many: int) -> list[Member]:
    """So many homes more, with a person each."""
    return [neighbour(n) for n in range(many)]


def neighbour(n: int) -> Member:
    user = User.objects.create(email=f"kinjo{n}@tonan.example.jp")
    home = Household.objects.create(name=f"近所{n}", channel=Household.Channel.APP)
    return Member.objects.create(user=user, name=f"近所 {n}", household=home, admitted_at=timezone.now())


@pytest.mark.parametrize("to", ["answered", "everybody"])
def test_calling_off_costs_the_same_however_many_are_told(officer, member, to):
    asked = []
    for people in ([member], neighbours(12)):
        event = plan(officer)
        for person in people:
            event.answer(person, "yes")
        with CaptureQueriesContext(connection) as queries:
            event.cancel(by=officer, to=to)
        asked.append(len(queries))
    assert asked[0] == asked[1]


@pytest.mark.parametrize("killed_at", [1, 3, 4, 7])
def test_whoever_is_killed_in_the_middle_leaves_nobody_out_and_writes_nobody_two(
    officer, tonan, run_tasks, monkeypatch, killed_at
):
    monkeypatch.setattr(telling, "A_BATCH", 3)
    people = neighbours(7)
    event, other = plan(officer), plan(officer)
    for person in people:
        event.answer(person, "yes")
    monkeypatch.setattr(letters, "_write", dying_at(killed_at, letters._write))
    with pytest.raises(KeyboardInterrupt), run_tasks():
        event.cancel(by=officer, reason="雨")
    other.cancel(by=officer, to="nobody")
    assert Message.objects.filter(subject__startswith="中止").count() == (killed_at - 1) // 3 * 3
    with public():
        Wakeup.objects.filter(association=tonan.pk, purpose="calendar").update(due_at=timezone.now())
    for _beat in range(2):
        with run_tasks(), unbound():
            remind_everywhere()
    told = Message.objects.filter(subject__startswith="中止").values_list("to", flat=True)
    assert sorted(told) == sorted(person.user.email for person in people)
    assert not Telling.objects.exists()


def dying_at(turn: int, write):
    """The letter of this turn is never finished: what was done since the last commit is undone, as by a kill."""
    turns = count(1)

    def either(*args, **kwargs):
        if next(turns) == turn:
            raise KeyboardInterrupt
        write(*args, **kwargs)

    return either


def test_who_was_not_yet_told_of_a_move_hears_only_that_it_is_called_off(officer, member):
    event = plan(officer, rrule="FREQ=WEEKLY")
    on = event.next_occurrence().on
    event.answer(member, "yes", on=on)
    start = event.starts_at + timedelta(days=1)
    event.move(on, by=officer, starts_at=start, ends_at=start + timedelta(hours=1), tell_answered=True)
    event.cancel(by=officer, on=on)
    assert sent("中止") == [("mail", member.user.email)]
    assert not sent("変わりました")


def test_nobody_is_told_of_a_move_that_was_put_back_at_once(officer, member):
    event = plan(officer, rrule="FREQ=WEEKLY")
    on = event.next_occurrence().on
    event.answer(member, "yes", on=on)
    start = event.starts_at + timedelta(days=1)
    event.move(on, by=officer, starts_at=start, ends_at=start + timedelta(hours=1), tell_answered=True)
    event.put_back(on, by=officer)
    assert not sent("変わりました")


def test_letters_follow_a_time_that_goes_to_a_series_of_its_own(officer, member):
    event = plan(officer, rrule="FREQ=WEEKLY")
    on = event.next_occurrence().on + timedelta(days=7)
    event.answer(member, "yes", on=on)
    event.cancel(by=officer, on=on)
    later = event.part(on, by=officer)
    assert sent("中止") == [("mail", member.user.email)]
    assert f"/calendar/{later.pk}/" in Message.objects.get(subject__startswith="中止").body


def test_nobody_is_written_to_of_what_has_passed_meanwhile(officer, member, monkeypatch):
    event = plan(officer)
    event.answer(member, "yes")
    event.cancel(by=officer, to="everybody")
    after = event.ends_at + timedelta(days=1)
    monkeypatch.setattr(timezone, "now", lambda: after)
    assert not sent("中止")
    assert not Telling.objects.exists()


def test_who_is_in_a_community_by_a_seat_is_told_like_the_others(officer, leader, member):
    club = Community.objects.get(name="防災の会")
    club.invite(by=officer, seat=Seat.objects.get(title="1組 組長"))
    club.answer(leader, yes=True)
    event = plan(officer, audience="community", community=club)
    event.cancel(by=officer, to="everybody")
    assert sent("中止") == [("mail", person.user.email) for person in (leader, member, officer)]
