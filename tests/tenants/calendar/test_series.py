"""One time of a series, this and those after it, all of it; and the answers that go along."""

from datetime import date, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from controlplane.audit.models import Entry
from tenants.calendar.models import Event, OccurrenceChange


def at(*parts: int) -> datetime:
    return timezone.make_aware(datetime(*parts))


SUNDAY = at(2027, 5, 16, 10)


def times(event: Event) -> list[str]:
    found = Event.objects.get(pk=event.pk).occurrences(at(2027, 5, 1), at(2027, 6, 6))
    return [f"{timezone.localtime(each.starts_at):%m-%d %H}" for each in found]


def move(event: Event, by, on=date(2027, 5, 15), starts=SUNDAY, **told):
    return event.move(on, by=by, starts_at=starts, ends_at=starts + timedelta(hours=2), **told)


def test_one_time_is_moved_and_the_others_stay(weekly, officer):
    moved = move(weekly, officer, place="集会所", note="雨のため")
    assert times(weekly) == ["05-08 08", "05-16 10", "05-22 08", "05-29 08", "06-05 08"]
    assert (moved.place, moved.on, moved.day) == ("集会所", date(2027, 5, 15), date(2027, 5, 16))
    assert moved.is_moved
    move(weekly, officer, starts=at(2027, 5, 14, 10))
    assert times(weekly)[1] == "05-14 10"
    weekly.put_back(date(2027, 5, 15), by=officer)
    assert times(weekly)[1] == "05-15 08"
    verbs = set(Entry.objects.about(weekly).values_list("verb", flat=True))
    assert {"event.move", "event.put_back"} <= verbs


def test_a_moved_time_is_found_where_it_is_now_and_not_where_it_was(weekly, officer):
    move(weekly, officer, on=date(2027, 5, 8), starts=at(2027, 4, 20, 8))
    found = Event.objects.filter(pk=weekly.pk).between(at(2027, 4, 20), at(2027, 4, 21))
    assert [each.on for each in found] == [date(2027, 5, 8)]
    assert not Event.objects.filter(pk=weekly.pk).between(at(2027, 5, 8), at(2027, 5, 9))


def test_answers_stay_with_a_moved_time(weekly, officer, member):
    weekly.answer(member, "yes", on=date(2027, 5, 15))
    moved = move(weekly, officer)
    assert weekly.people_coming(moved.on) == 1
    weekly.answer(member, "no", on=moved.on)
    assert weekly.people_coming(moved.on) == 0


def test_only_those_who_may_change_an_event_move_or_part_it(weekly, member):
    for act in (
        lambda: move(weekly, member),
        lambda: weekly.put_back(date(2027, 5, 15), by=member),
        lambda: weekly.part(date(2027, 5, 15), by=member),
        lambda: weekly.cancel(by=member, on=date(2027, 5, 15)),
    ):
        with pytest.raises(PermissionError):
            act()


@pytest.mark.parametrize("on", [date(2027, 5, 16), date(2027, 5, 7), date(1, 1, 1), date(9999, 12, 31)])
def test_a_day_without_an_occurrence_cannot_be_moved(weekly, officer, on):
    with pytest.raises(ValidationError):
        move(weekly, officer, on=on)
    with pytest.raises(ValidationError):
        weekly.cancel(by=officer, on=on)


def test_an_occurrence_ends_after_it_begins_and_within_a_month(weekly, officer):
    for ends in (at(2027, 5, 16, 9), at(2027, 7, 16, 9)):
        with pytest.raises(ValidationError):
            weekly.move(date(2027, 5, 15), by=officer, starts_at=at(2027, 5, 16, 10), ends_at=ends)


def test_a_single_event_has_nothing_to_move(officer):
    event = Event.plan(by=officer, title="会", starts_at=at(2027, 5, 8, 8), ends_at=at(2027, 5, 8, 9))
    with pytest.raises(ValidationError):
        move(event, officer, on=date(2027, 5, 8))


def test_this_and_the_following_are_changed_and_the_past_is_not(weekly, officer, member):
    weekly.answer(member, "yes", on=date(2027, 5, 8))
    weekly.answer(member, "yes", on=date(2027, 5, 29))
    move(weekly, officer, on=date(2027, 6, 5), starts=at(2027, 6, 6, 10))
    start = at(2027, 5, 23, 9)  # Sundays from now on
    later = weekly.change_from(
        date(2027, 5, 22), by=officer, title="日曜の清掃", starts_at=start, ends_at=start + timedelta(hours=1)
    )
    assert times(weekly) == ["05-08 08", "05-15 08"]
    assert times(later)[:2] == ["05-23 09", "05-30 09"]
    assert later.people_coming(date(2027, 5, 30)) == 1
    assert weekly.people_coming(date(2027, 5, 8)) == 1
    assert OccurrenceChange.objects.get().event == later
    assert OccurrenceChange.objects.get().occurs_on == date(2027, 6, 6)
    assert Event.objects.get(pk=weekly.pk).title == "清掃"


def test_from_the_first_time_on_is_all_of_it(weekly, officer):
    assert weekly.change_from(date(2027, 5, 8), by=officer, title="朝の清掃").pk == weekly.pk
    assert Event.objects.get(pk=weekly.pk).title == "朝の清掃"


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=WEEKLY;COUNT=5",
        "FREQ=WEEKLY;INTERVAL=2;BYDAY=SA,SU",
        "FREQ=MONTHLY;BYDAY=2SA,4SA",
        "FREQ=DAILY;UNTIL=20270601",
        "FREQ=MONTHLY;BYMONTHDAY=8,22;COUNT=4",
    ],
)
def test_a_series_cut_in_two_takes_place_as_before(officer, rule):
    start = at(2027, 5, 8, 8)
    event = Event.plan(by=officer, title="会", starts_at=start, ends_at=start + timedelta(hours=1), rrule=rule)
    end = at(2028, 5, 8)
    before = [each.starts_at for each in event.occurrences(start, end)]
    for index in (2, 1):
        on = timezone.localdate(before[index])
        later = event.part(on, by=officer)
        halves = [*Event.objects.get(pk=event.pk).occurrences(start, end), *later.occurrences(start, end)]
        found = [each.starts_at for each in halves]
        assert found == before[: len(found)]
        assert later.occurrence_on(on) is not None
        before = before[:index]


def test_all_of_a_series_moved_to_another_day_keeps_its_answers(weekly, officer, member):
    weekly.answer(member, "yes", on=date(2027, 5, 15), companions=2)
    start = at(2027, 5, 12, 19)
    weekly.change(by=officer, starts_at=start, ends_at=start + timedelta(hours=1))
    assert weekly.people_coming(date(2027, 5, 19)) == 3


def test_a_moved_time_whose_day_is_gone_is_forgotten(weekly, officer, member):
    weekly.answer(member, "yes", on=date(2027, 5, 29))
    move(weekly, officer, on=date(2027, 5, 29), starts=at(2027, 5, 30, 10))
    weekly.change(by=officer, rrule="FREQ=WEEKLY;UNTIL=20270515")
    assert not OccurrenceChange.objects.exists()
    assert times(weekly) == ["05-08 08", "05-15 08"]
    assert weekly.rsvps.exists()


def test_a_rule_that_leaves_its_own_beginning_out_is_refused(officer):
    start = at(2027, 5, 7, 8)  # a Friday
    with pytest.raises(ValidationError) as refused:
        Event.plan(
            by=officer, title="会", starts_at=start, ends_at=start + timedelta(hours=1), rrule="FREQ=MONTHLY;BYDAY=2SA"
        )
    assert "rrule" in refused.value.message_dict
