"""Recurrences over ten years as others count them: dateutil, recurring-ical-events, vobject and ics read our files."""

from datetime import UTC, date, datetime, time, timedelta

import ics
import pytest
import recurring_ical_events
import vobject
from dateutil.rrule import rrulestr
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from tenants.calendar import ical, rules
from tenants.calendar.models import Event, OccurrenceChange

TEN_YEARS, MOST = timedelta(days=3652), 4000  # days, and as many times
DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
few = settings(max_examples=60, deadline=None)


def at(*parts: int) -> datetime:
    return timezone.make_aware(datetime(*parts))


@st.composite
def a_rule(draw) -> str:
    frequency = draw(st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]))
    interval = draw(st.integers(1, 4))
    parts = [f"FREQ={frequency}", *([f"INTERVAL={interval}"] if interval > 1 else [])]
    named = draw(st.lists(st.sampled_from(DAYS), min_size=1, max_size=3, unique=True))
    if frequency == "WEEKLY" and draw(st.booleans()):
        parts.append("BYDAY=" + ",".join(named))
    if frequency == "MONTHLY":
        nths = draw(st.lists(st.sampled_from([1, 2, 3, 4, -1]), max_size=2, unique=True))
        by_day = ",".join(f"{nth}{day}" for nth in nths for day in named)
        parts.append(f"BYDAY={by_day}" if nths else f"BYMONTHDAY={draw(st.integers(1, 28))}")
    if frequency == "YEARLY" and draw(st.booleans()):
        parts.append(f"BYMONTH={draw(st.integers(1, 12))};BYDAY={draw(st.integers(1, 4))}{named[0]}")
    return ";".join(parts)


@st.composite
def an_event(draw) -> Event:
    """A series of which some days are left out, some moved and some called off."""
    all_day, rule = draw(st.booleans()), draw(a_rule())
    day = date(2027, 1, 1) + timedelta(days=draw(st.integers(0, 400)))
    hour = time(0, 0) if all_day else time(draw(st.integers(0, 22)), draw(st.sampled_from([0, 30])))
    starts = rules.first_on(rule, timezone.make_aware(datetime.combine(day, hour)))
    length = timedelta(days=draw(st.integers(1, 3))) if all_day else timedelta(minutes=draw(st.integers(1, 2000)))
    end = draw(st.sampled_from(["", "count", "until", "day"]))
    last = timezone.localdate(starts) + timedelta(days=draw(st.integers(0, 900)))
    if end == "count":
        rule += f";COUNT={draw(st.integers(1, 40))}"
    elif end == "until":
        rule = rules.until(rule, last, all_day=all_day)
    elif end == "day":
        rule += f";UNTIL={last:%Y%m%d}"
    event = Event(pk=1, title="清掃", starts_at=starts, ends_at=starts + length, rrule=rule, all_day=all_day)
    event._prefetched_objects_cache = {"changes": []}
    days = [each.on for each in event.occurrences(starts, starts + timedelta(days=800))]
    picked = draw(st.lists(st.sampled_from(days), max_size=6, unique=True))
    event.exdates = [day.isoformat() for day in picked[:2]]
    event._prefetched_objects_cache = {"changes": [draw(a_change(event, day)) for day in picked[1:]]}
    return event


@st.composite
def a_change(draw, event: Event, on: date) -> OccurrenceChange:
    was = event.occurrence_on(on)
    step = timedelta(days=draw(st.integers(-20, 20)))
    if not event.all_day:
        step += timedelta(minutes=draw(st.integers(-600, 600)))
    starts = (was.starts_at if was else timezone.make_aware(datetime.combine(on, time(9)))) + step
    if event.all_day:
        starts = timezone.make_aware(datetime.combine(timezone.localdate(starts), time.min))
    called_off = at(2027, 1, 1) if draw(st.booleans()) else None
    length = event.ends_at - event.starts_at
    return OccurrenceChange(
        event=event, occurs_on=on, starts_at=starts, ends_at=starts + length, place="集会所", cancelled_at=called_off
    )


def ours(event: Event) -> list[tuple[datetime, datetime, bool]]:
    start = event.starts_at - timedelta(days=60)
    found = event.occurrences(start, start + TEN_YEARS, MOST)
    return sorted((each.starts_at, each.ends_at, bool(each.cancelled_at)) for each in found)


def moment(value: date | datetime) -> datetime:
    if not isinstance(value, datetime):
        return timezone.make_aware(datetime.combine(value, time.min))
    return timezone.make_aware(value) if timezone.is_naive(value) else value


def written(event: Event) -> str:
    return ical.feed([event], name="桃南会", host="tonan.example").decode()


@few
@given(an_event())
def test_what_we_write_comes_round_as_we_say(event):
    """Left out, moved and called off: an independent library expands our file to the very same times."""
    start = event.starts_at - timedelta(days=60)
    found = recurring_ical_events.of(Calendar.from_ical(written(event))).between(start, start + TEN_YEARS)
    theirs = sorted((moment(each.start), moment(each.end), each.get("status") == "CANCELLED") for each in found)
    assert theirs == ours(event)


@few
@given(an_event())
def test_dateutil_counts_the_rule_we_write_as_we_do(event):
    event.exdates, event._prefetched_objects_cache = [], {"changes": []}
    component = next(iter(Calendar.from_ical(written(event)).walk("VEVENT")))
    zone = timezone.get_default_timezone()
    begins = moment(component["DTSTART"].dt)
    text = component["RRULE"].to_ical().decode()
    if event.all_day:  # dateutil wants UNTIL as DTSTART is: both without a zone
        found = rrulestr(f"RRULE:{text}", dtstart=timezone.make_naive(begins))
    else:
        found = rrulestr(f"RRULE:{text}", dtstart=begins.astimezone(zone))
    end = begins + TEN_YEARS
    theirs = []
    for each in found:
        if moment(each) >= end:
            break
        theirs.append(moment(each))
    assert theirs == [each.starts_at for each in event.occurrences(begins, end, MOST)]


@few
@given(an_event())
def test_two_other_programs_read_our_file(event):
    text = written(event)
    expected = 1 + sum(1 for change in event.changes.all() if change.occurs_on.isoformat() not in event.exdates)
    read = ics.Calendar(text).events
    begins = {event.starts_at, *(change.starts_at for change in event.changes.all())}
    assert {each.uid for each in read} == {"event-1@tonan.example"}
    if event.all_day:  # ics puts days without an hour into UTC
        assert {each.begin.date() for each in read} <= {timezone.localdate(begin) for begin in begins}
    else:
        assert {each.begin.datetime for each in read} <= begins
    components = vobject.readOne(text).vevent_list
    assert len(components) == expected
    assert moment(components[0].dtstart.value) == event.starts_at
    assert components[0].summary.value == "清掃"


@pytest.mark.parametrize(
    ("rule", "first"),
    [
        ("FREQ=MONTHLY;BYDAY=2SA,4SA", date(2027, 5, 8)),
        ("FREQ=MONTHLY;BYDAY=-1SU", date(2027, 5, 30)),
        ("FREQ=YEARLY;BYMONTH=8;BYDAY=1SA", date(2027, 8, 7)),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=SA,SU", date(2027, 5, 1)),
    ],
)
def test_the_rules_of_the_pages_come_round_in_an_independent_reader(rule, first):
    starts = rules.first_on(rule, timezone.make_aware(datetime.combine(date(2027, 5, 1), time(9))))
    assert timezone.localdate(starts) == first
    assert rules.fits(rule, starts)


def test_until_a_day_means_the_whole_day_whatever_the_hour():
    starts = at(2027, 5, 1, 22)
    found = list(rules.times("FREQ=DAILY;UNTIL=20270503", starts, starts, starts + TEN_YEARS))
    assert [timezone.localdate(each).day for each in found] == [1, 2, 3]
    assert rules.for_others("FREQ=DAILY;UNTIL=20270503", all_day=False) == "FREQ=DAILY;UNTIL=20270503T145959Z"
    assert rules.last_day("FREQ=DAILY;UNTIL=20270503T145959Z") == date(2027, 5, 3)
    assert rules.until("FREQ=DAILY", date(2027, 5, 3), all_day=False).endswith(
        datetime(2027, 5, 3, 14, 59, 59, tzinfo=UTC).strftime("%Y%m%dT%H%M%SZ")
    )
