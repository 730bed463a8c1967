"""Places: by home or by person, for somebody without a phone, waiting in line, two at once."""

from datetime import date, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from controlplane.outbox.models import Message
from tenants.calendar.models import Event, Guests, Rsvp
from tenants.members.models import Household, Member

DAY = date(2027, 5, 8)


def plan(by, **fields) -> Event:
    start = timezone.make_aware(datetime(2027, 5, 8, 8))
    told = {"title": "バスの旅", "starts_at": start, "ends_at": start + timedelta(hours=8)}
    return Event.plan(by=by, **(told | fields))


def letters() -> list[str]:
    return list(Message.objects.filter(subject__contains="バスの旅").order_by("pk").values_list("to", flat=True))


def test_who_comes_too_late_stands_in_line_and_moves_up_in_order(officer, leader, member):
    event = plan(officer, capacity=3, waiting_list=True)
    event.answer(officer, "yes", companions=2)
    assert event.answer(leader, "yes", companions=1).is_waiting
    assert event.answer(member, "yes").is_waiting
    assert event.people_coming(DAY) == 3
    event.answer(officer, "yes", companions=1)  # one place: too few for the first in line, who is waited for
    assert Guests(event, DAY).turnout.waiting == 2
    assert not letters()
    event.answer(officer, "no")
    assert event.people_coming(DAY) == 3
    assert not event.rsvps.exclude(waiting_since=None).exists()
    assert letters() == [leader.user.email, member.user.email]


def test_nobody_overtakes_the_line(officer, leader, member):
    event = plan(officer, capacity=2, waiting_list=True)
    event.answer(officer, "yes")
    event.answer(leader, "yes", companions=1)
    assert event.answer(member, "yes").is_waiting
    event.answer(leader, "no")
    assert not event.rsvps.get(household=member.household_id).is_waiting


def test_more_places_let_the_line_move_up(officer, member):
    event = plan(officer, capacity=1, waiting_list=True)
    event.answer(officer, "yes")
    event.answer(member, "yes")
    event.change(by=officer, capacity=None)
    assert event.people_coming(DAY) == 2
    assert letters() == [member.user.email]


def test_who_has_a_place_keeps_it_when_more_do_not_fit(officer, member):
    event = plan(officer, capacity=2, waiting_list=True)
    event.answer(member, "yes")
    event.answer(officer, "yes")
    with pytest.raises(ValidationError):
        event.answer(member, "yes", companions=1)
    assert event.people_coming(DAY) == 2


def test_a_party_larger_than_all_places_is_refused(officer, member):
    with pytest.raises(ValidationError):
        plan(officer, capacity=2, waiting_list=True).answer(member, "yes", companions=2)


def test_an_erased_person_s_place_goes_to_who_waits(officer, leader, member):
    event = plan(officer, capacity=1, waiting_list=True)
    event.answer(member, "yes")
    event.answer(leader, "yes")
    member.erase(by=officer)
    assert [rsvp.household_id for rsvp in event.rsvps.all()] == [leader.household_id]
    assert event.people_coming(DAY) == 1


def test_each_person_answers_for_themselves(officer, member):
    event = plan(officer, answers_by="person")
    spouse = Member.objects.create(household=member.household, name="会員9", admitted_at=timezone.now())
    event.answer(member, "yes")
    event.answer(spouse, "no")
    assert event.rsvps.own(member).get().answer == "yes"
    assert event.rsvps.own(spouse).get().answer == "no"
    assert event.people_coming(DAY) == 1


def test_who_answers_is_settled_with_the_first_answer(officer, member):
    event = plan(officer)
    event.answer(member, "yes")
    with pytest.raises(ValidationError) as refused:
        event.change(by=officer, answers_by="person")
    assert "answers_by" in refused.value.message_dict


def test_a_leader_answers_for_a_home_without_a_phone(officer, leader, member):
    event, home = plan(officer), Household.objects.get(name="紙の家")
    rsvp = event.answer_for(home, "yes", by=leader, on=DAY, companions=1)
    assert (rsvp.by_proxy, rsvp.member, rsvp.people) == (True, leader, 2)
    for who, house in ((member, home), (leader, member.household)):
        with pytest.raises(PermissionError):
            event.answer_for(house, "yes", by=who, on=DAY)
    assert list(event.rsvps.unreached()) == [rsvp]


def test_what_a_leader_entered_stays_when_the_leader_is_erased(officer, leader):
    event, home = plan(officer), Household.objects.get(name="紙の家")
    event.answer_for(home, "yes", by=leader, on=DAY)
    leader.erase(by=officer)
    assert event.rsvps.get(household=home).answer == "yes"


def test_for_an_event_of_persons_the_proxy_names_one_of_the_home(officer, leader):
    event, home = plan(officer, answers_by="person"), Household.objects.get(name="紙の家")
    somebody = Member.objects.create(household=home, name="会員8")
    stranger = Member.objects.exclude(household=home).first()
    for wrong in (None, stranger):
        with pytest.raises(ValidationError):
            event.answer_for(home, "yes", by=leader, on=DAY, person=wrong)
    assert event.answer_for(home, "yes", by=leader, on=DAY, person=somebody).person == somebody


QUESTIONS = [{"text": "お弁当", "choices": ["いる", "いらない"]}, {"text": "ひとこと", "choices": []}]


def test_replies_to_the_event_s_questions_are_kept(officer, member):
    event = plan(officer, questions=QUESTIONS)
    rsvp = event.answer(member, "yes", replies={"お弁当": "いる", "ひとこと": " たのしみ ", "別の質問": "x"})
    assert rsvp.replies == {"お弁当": "いる", "ひとこと": "たのしみ"}
    for wrong in ({"お弁当": "たぶん"}, {"ひとこと": "あ" * 201}):
        with pytest.raises(ValidationError):
            event.answer(member, "yes", replies=wrong)


@pytest.mark.parametrize(
    "questions",
    [
        "x",
        [1],
        [{"text": "a"}],
        [{"text": "", "choices": []}],
        [{"text": "a", "choices": "b"}],
        [{"text": "a", "choices": [1]}],
        [{"text": "a" * 61, "choices": []}],
        [{"text": "a", "choices": ["b"] * 9}],
        [{"text": str(n), "choices": []} for n in range(3)],
        [{"text": "a", "choices": []}] * 2,
        [{"text": ["a"], "choices": []}],
    ],
)
def test_odd_questions_are_refused(officer, questions):
    with pytest.raises(ValidationError) as refused:
        plan(officer, questions=questions)
    assert "questions" in refused.value.message_dict


def test_an_answer_counts_once_per_home_even_in_two_windows(officer, member):
    event = plan(officer)
    for _ in range(2):
        event.answer(member, "yes")
    assert Rsvp.objects.filter(event=event).count() == 1


def test_an_event_that_is_over_gives_no_places_away(officer, leader, member):
    start = timezone.now() - timedelta(days=2)
    event = plan(officer, starts_at=start, ends_at=start + timedelta(hours=1), capacity=1, waiting_list=True)
    event.answer(member, "yes")
    assert event.answer(leader, "yes").is_waiting
    event.answer(member, "no")
    assert event.rsvps.get(household=leader.household_id).is_waiting
    assert not letters()


def test_answering_again_keeps_one_s_place_in_the_line(officer, leader, member):
    event = plan(officer, capacity=1, waiting_list=True)
    event.answer(officer, "yes")
    event.answer(leader, "yes")
    event.answer(member, "yes")
    event.answer(leader, "yes")  # pressed once more
    event.answer(officer, "no")
    assert letters() == [leader.user.email]


def test_who_has_a_place_may_say_so_again_while_others_wait(officer, member):
    event = plan(officer, capacity=2, waiting_list=True)
    event.answer(officer, "yes", companions=1)
    event.answer(member, "yes")
    assert not event.answer(officer, "yes", companions=1).is_waiting
    assert event.people_coming(DAY) == 2


def test_only_those_who_come_count_with_whom_they_bring(officer, leader, member):
    event = plan(officer, capacity=3, waiting_list=True)
    event.answer(officer, "yes", companions=1)
    event.answer(leader, "yes", companions=2)
    event.answer(member, "no", companions=2)
    assert Guests(event, DAY).turnout.people == 2
