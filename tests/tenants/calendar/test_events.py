"""Events: occurrences, answers by household, capacity, calling off, iCalendar."""

from datetime import datetime, timedelta

import icalendar
import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from controlplane.tenancy import bound
from tenants.calendar import ical
from tenants.calendar.models import Event
from tenants.communities.models import Community


@pytest.fixture(autouse=True)
def at_home(tonan):
    with bound(tonan):
        yield


def at(*parts: int) -> datetime:
    return timezone.make_aware(datetime(*parts))


def plan(by, **fields) -> Event:
    start = fields.pop("starts_at", at(2027, 5, 8, 8))
    return Event.plan(
        by=by, title="清掃", starts_at=start, ends_at=fields.pop("ends_at", start + timedelta(hours=1)), **fields
    )


def days(event, start, end) -> list[str]:
    return [str(o.on) for o in Event.objects.filter(pk=event.pk).between(start, end)]


def test_second_and_fourth_saturdays_with_an_exception(officer):
    event = plan(officer, rrule="FREQ=MONTHLY;BYDAY=2SA,4SA", exdates=["2027-05-22"])
    assert days(event, at(2027, 5, 1), at(2027, 7, 1)) == ["2027-05-08", "2027-06-12", "2027-06-26"]
    assert {timezone.localtime(o.starts_at).hour for o in event.occurrences(at(2027, 5, 1), at(2027, 7, 1))} == {8}


def test_a_single_event_is_found_where_it_touches(officer):
    event = plan(officer, starts_at=at(2027, 5, 8, 23), ends_at=at(2027, 5, 9, 1))
    assert days(event, at(2027, 5, 9), at(2027, 5, 10)) == ["2027-05-08"]
    assert days(event, at(2027, 5, 10), at(2027, 5, 11)) == []


@pytest.mark.parametrize("rule", ["FREQ=SECONDLY", "FREQ=MINUTELY;COUNT=5", "nonsense", "FREQ=MONTHLY;BYDAY=9XX"])
def test_an_unreadable_or_absurd_rule_is_refused(officer, rule):
    with pytest.raises(ValidationError) as refusal:
        plan(officer, rrule=rule)
    assert "rrule" in refusal.value.message_dict


def test_an_event_ends_after_it_begins(officer):
    with pytest.raises(ValidationError):
        plan(officer, ends_at=at(2027, 5, 8, 7))


def test_who_plans_and_who_sees(officer, leader, member, waiting):
    plan(leader)
    with pytest.raises(PermissionError):
        plan(member)
    club = Community.objects.get(name="防災の会")
    inside = plan(member, audience="community", community=club)
    quiet = plan(officer, audience="officers")
    assert inside in Event.objects.visible_to(member)
    assert inside not in Event.objects.visible_to(leader)
    assert quiet in Event.objects.visible_to(officer)
    assert quiet not in Event.objects.visible_to(member)
    assert not Event.objects.visible_to(waiting).exists()


def test_the_household_s_last_answer_holds(officer, member):
    event = plan(officer)
    event.answer(member, "yes", companions=2)
    event.answer(member, "no")
    assert event.rsvps.get().answer == "no"
    event.answer(member, "yes", companions=2)
    assert event.people_coming(event.next_occurrence().on) == 3


def test_each_occurrence_is_answered_for_itself(officer, member):
    event = plan(officer, rrule="FREQ=WEEKLY")
    first, second = event.occurrences(at(2027, 5, 1), at(2027, 5, 16))
    event.answer(member, "yes", on=first.on)
    event.answer(member, "no", on=second.on)
    assert event.rsvps.count() == 2
    with pytest.raises(ValidationError):
        event.answer(member, "yes", on=first.on + timedelta(days=1))


def test_no_more_people_than_places(officer, leader, member):
    event = plan(officer, capacity=3)
    event.answer(leader, "yes", companions=1)
    with pytest.raises(ValidationError):
        event.answer(member, "yes", companions=1)
    event.answer(member, "maybe")
    event.answer(leader, "yes")
    event.answer(member, "yes", companions=1)


@pytest.mark.parametrize(("answer", "companions"), [("perhaps", 0), ("", 0), ("yes", -1), ("yes", 21)])
def test_an_odd_answer_is_refused(officer, member, answer, companions):
    with pytest.raises(ValidationError):
        plan(officer).answer(member, answer, companions=companions)


def test_what_is_called_off_stays_and_takes_no_answers(officer, member):
    event = plan(officer)
    with pytest.raises(PermissionError):
        event.cancel(by=member)
    event.cancel(by=officer, reason="雨のため")
    with pytest.raises(ValidationError):
        event.answer(member, "yes")
    assert event in Event.objects.visible_to(member)
    assert b"STATUS:CANCELLED" in ical.feed([event], name="桃南会", host="tonan.kairan.localhost")


def test_the_feed_is_icalendar(officer):
    plan(
        officer, rrule="FREQ=MONTHLY;BYDAY=2SA", exdates=["2027-06-12"], place="公園", description="ほうき, 袋; \n改行"
    )
    text = ical.feed(Event.objects.all(), name="桃南会", host="tonan.kairan.localhost")
    calendar = icalendar.Calendar.from_ical(text)
    events = [c for c in calendar.walk("VEVENT") if str(c["SUMMARY"]) == "清掃"]
    assert str(events[0]["LOCATION"]) == "公園"
    assert str(events[0]["DESCRIPTION"]) == "ほうき, 袋; \n改行"
    assert "EXDATE" in events[0]
    assert calendar.walk("VTIMEZONE")


def test_an_all_day_event_has_days_not_hours(officer):
    event = plan(officer, all_day=True, starts_at=at(2027, 5, 8), ends_at=at(2027, 5, 9))
    assert b"DTSTART;VALUE=DATE:20270508" in ical.feed([event], name="x", host="x")
    assert b"DTEND;VALUE=DATE:20270509" in ical.feed([event], name="x", host="x")


@pytest.mark.parametrize("rule", ["FREQ=DAILY;INTERVAL=7;BYDAY=SU", "FREQ=YEARLY;INTERVAL=2;BYMONTH=2;BYMONTHDAY=29"])
def test_a_rule_that_never_comes_round_from_its_own_beginning_is_refused(officer, rule):
    with pytest.raises(ValidationError) as refused:
        plan(officer, starts_at=at(2027, 5, 8, 8), rrule=rule)  # a Saturday of an odd year
    assert "rrule" in refused.value.message_dict


def test_what_comes_again_does_not_last_for_years(officer):
    with pytest.raises(ValidationError) as refused:
        plan(officer, ends_at=at(2077, 5, 8, 8), rrule="FREQ=DAILY")
    assert "ends_at" in refused.value.message_dict


def test_what_is_for_officers_is_not_for_leaders(officer, leader, member):
    event = plan(officer, audience="officers")
    assert event in Event.objects.visible_to(officer)
    for person in (leader, member):
        assert event not in Event.objects.visible_to(person)
