"""A year's events for the next: 第2日曜 stays 第2日曜, nothing is planned twice."""

from datetime import date, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from tenants.calendar import copies
from tenants.calendar.models import Event


def plan(by, *parts: int, **fields) -> Event:
    start = timezone.make_aware(datetime(*parts))
    told = {"title": "運動会", "starts_at": start, "ends_at": start + timedelta(hours=3)}
    return Event.plan(by=by, **(told | fields))


def take(by, year: int = 2031, **days: date) -> list[Event]:
    found = copies.proposals(by, year)
    return copies.take(found, days or {copy.event.pk: copy.day for copy in found}, by=by)


@given(st.dates(date(2020, 1, 1), date(2060, 12, 31)))
def test_the_weekday_and_its_place_in_the_month_are_kept(day):
    after = copies.next_year(day)
    assert (after.year, after.month, after.weekday()) == (day.year + 1, day.month, day.weekday())
    nth, same = (day.day - 1) // 7, (after.day - 1) // 7
    assert same == nth or (nth == 4 and same == 3)


def test_a_year_is_copied_once(officer):
    event = plan(officer, 2031, 10, 12, 9, place="校庭", capacity=30, waiting_list=True)  # the second Sunday
    copied = take(officer)
    assert [timezone.localdate(each.starts_at) for each in copied] == [date(2032, 10, 10)]
    assert (copied[0].place, copied[0].capacity, copied[0].waiting_list) == ("校庭", 30, True)
    assert copied[0].ends_at - copied[0].starts_at == event.ends_at - event.starts_at
    assert [copy.exists for copy in copies.proposals(officer, 2031)] == [True]
    assert take(officer) == []


def test_two_who_copy_at_once_plan_each_event_once(officer):
    plan(officer, 2031, 10, 12, 9)
    seen = [copies.proposals(officer, 2031) for _ in range(2)]
    taken = [copies.take(found, {copy.event.pk: copy.day for copy in found}, by=officer) for found in seen]
    assert [len(each) for each in taken] == [1, 0]


def test_a_fiscal_year_begins_in_april(officer):
    plan(officer, 2031, 3, 31, 9)
    first, last = plan(officer, 2031, 4, 1, 9), plan(officer, 2032, 3, 31, 9)
    assert [copy.event for copy in copies.proposals(officer, 2031)] == [first, last]


def test_a_series_with_an_end_is_copied_and_one_without_goes_on(officer):
    plan(officer, 2031, 5, 3, 9, rrule="FREQ=WEEKLY")
    plan(officer, 2031, 6, 14, 8, title="夏の清掃", rrule="FREQ=MONTHLY;BYDAY=2SA;UNTIL=20310930")
    copied = take(officer)
    assert [event.title for event in copied] == ["夏の清掃"]
    found = copied[0].occurrences(copied[0].starts_at, timezone.make_aware(datetime(2033, 1, 1)))
    assert [str(each.on) for each in found] == ["2032-06-12", "2032-07-10", "2032-08-14", "2032-09-11"]


def test_only_officers_copy_a_year(officer, leader):
    plan(officer, 2031, 10, 12, 9)
    found = copies.proposals(officer, 2031)
    with pytest.raises(PermissionError):
        copies.proposals(leader, 2031)
    with pytest.raises(PermissionError):
        copies.take(found, {copy.event.pk: copy.day for copy in found}, by=leader)


def test_an_event_that_cannot_be_planned_says_which(officer):
    event = plan(officer, 2031, 10, 12, 9)
    Event.objects.filter(pk=event.pk).update(title=" ")
    with pytest.raises(ValidationError):
        take(officer)
