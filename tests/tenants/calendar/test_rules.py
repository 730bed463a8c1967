"""Rules nobody would write in good faith: judged and looked up with counted work, and as dateutil reads them."""

import contextlib
import datetime as clock
from datetime import date, datetime, time, timedelta

import pytest
from dateutil.rrule import rrulestr
from django.core.exceptions import ValidationError
from django.utils import timezone
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tenants.calendar import recurring, rules
from tenants.calendar.models import Event

A_YEAR = 366
JUDGED = 2 * A_YEAR + 2  # candidates: of its first year each day, by the pattern and by the place of those found
WINDOW = timedelta(days=400)
WEEKDAYS = recurring.WEEKDAYS


def at(*parts: int) -> datetime:
    return timezone.make_aware(datetime(*parts))


@contextlib.contextmanager
def counted():
    """How many candidate days are looked at, by the pattern or by the steps of an interval."""
    looked = [0]

    holds, periods = recurring.Pattern.holds, recurring.Pattern.periods

    def by_pattern(self, day):
        looked[0] += 1
        return holds(self, day)

    def by_interval(self, year, numbers):
        looked[0] += len(numbers)
        return periods(self, year, numbers)

    for cache in (recurring.read, recurring.last_of, recurring.named_days):
        cache.cache_clear()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(recurring.Pattern, "holds", by_pattern)
        patch.setattr(recurring.Pattern, "periods", by_interval)
        yield looked


def _numbers(reach: int, *, back: bool = True):
    one = st.integers(-reach if back else 1, reach).filter(bool)
    return st.lists(one, min_size=1, max_size=4, unique=True).map(lambda found: ",".join(map(str, found)))


@st.composite
def _weekdays(draw, counted: bool) -> str:
    named = draw(st.lists(st.sampled_from(WEEKDAYS), min_size=1, max_size=4, unique=True))
    if not counted:
        return ",".join(named)
    return ",".join(f"{draw(st.sampled_from([1, 2, 3, 4, 5, -1, -2, -5]))}{day}" for day in named)


@st.composite
def any_rule(draw) -> str:
    """Whatever the grammar lets through: parts that narrow each other until nothing may be left."""
    frequency = draw(st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]))
    told = [f"FREQ={frequency}"]
    parts = {
        "INTERVAL": st.integers(1, 40).map(str) | st.integers(1, 999).map(str),
        "BYMONTH": _numbers(12, back=False),
        "BYMONTHDAY": _numbers(31),
        "BYYEARDAY": _numbers(366),
        "BYWEEKNO": _numbers(53),
        "BYSETPOS": _numbers(366) | _numbers(3),
        "BYDAY": _weekdays(draw(st.booleans())),
        "WKST": st.sampled_from(WEEKDAYS),
    }
    names = draw(st.lists(st.sampled_from(sorted(parts)), max_size=4, unique=True))
    told += [f"{name}={draw(parts[name])}" for name in names]
    end = draw(st.sampled_from(["", "", "COUNT", "UNTIL"]))
    if end == "COUNT":
        told.append(f"COUNT={draw(st.integers(1, 9999))}")
    if end == "UNTIL":
        told.append(f"UNTIL={draw(st.dates(date(2000, 1, 1), date(2100, 12, 31))):%Y%m%d}")
    return ";".join(told)


beginnings = st.builds(
    lambda day, hour: timezone.make_aware(datetime.combine(day, time(hour))),
    st.dates(date(2000, 1, 1), date(2090, 12, 31)),
    st.integers(0, 23),
)

NASTY = [
    "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
    "FREQ=DAILY;BYMONTHDAY=31;BYMONTH=2;BYDAY=MO",
    "FREQ=DAILY;INTERVAL=7;BYDAY=SU",
    "FREQ=DAILY;INTERVAL=364;BYMONTH=2;BYMONTHDAY=29;BYDAY=SU",
    "FREQ=WEEKLY;BYMONTH=2;BYMONTHDAY=30",
    "FREQ=WEEKLY;BYMONTH=13",
    "FREQ=WEEKLY;INTERVAL=999;BYMONTH=1;BYMONTHDAY=31;BYDAY=SU",
    "FREQ=WEEKLY;BYDAY=MO,TU,WE;BYSETPOS=4",
    "FREQ=MONTHLY;BYMONTHDAY=31;BYMONTH=2,4,6,9,11",
    "FREQ=MONTHLY;INTERVAL=12;BYMONTH=1",
    "FREQ=MONTHLY;BYDAY=5SU;BYMONTHDAY=1",
    "FREQ=MONTHLY;BYDAY=SU;BYSETPOS=6",
    "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
    "FREQ=YEARLY;INTERVAL=2;BYMONTH=2;BYMONTHDAY=29",
    "FREQ=YEARLY;INTERVAL=3;BYWEEKNO=53;BYDAY=SU;BYMONTH=6",
    "FREQ=YEARLY;INTERVAL=100;BYYEARDAY=366",
    "FREQ=YEARLY;BYYEARDAY=366;BYMONTH=1",
    "FREQ=YEARLY;BYDAY=SU;BYSETPOS=60",
    "FREQ=YEARLY;BYDAY=53MO;BYMONTHDAY=1;BYMONTH=2",
    "FREQ=MONTHLY;BYDAY=MO,2TU",
]


@pytest.mark.parametrize("rule", NASTY)
def test_a_rule_that_never_comes_round_is_refused_after_few_looks(officer, rule):
    start = at(2027, 5, 8, 8)  # a Saturday of an odd year
    with counted() as looked, pytest.raises(ValidationError) as refused:
        Event.plan(by=officer, title="会", starts_at=start, ends_at=start + timedelta(hours=1), rrule=rule)
    assert "rrule" in refused.value.message_dict
    assert looked[0] <= JUDGED


@settings(max_examples=300, deadline=None)
@given(any_rule().filter(lambda text: "COUNT" not in text), beginnings)
@example("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", at(2027, 5, 8, 8))
def test_whatever_the_grammar_lets_through_is_judged_by_its_first_year(text, starts):
    with counted() as looked, contextlib.suppress(ValueError):
        rules.check(text, starts)
        rules.fits(text, starts)
    assert looked[0] <= JUDGED


@settings(max_examples=300, deadline=None)
@given(any_rule().filter(lambda text: "COUNT" not in text), beginnings, st.integers(0, 30_000))
@example("FREQ=DAILY", at(2000, 1, 1, 8), 30_000)
@example("FREQ=DAILY;INTERVAL=2;BYMONTH=2;BYMONTHDAY=30", at(2000, 1, 1, 8), 30_000)
def test_a_window_costs_its_own_years_wherever_the_rule_began(text, starts, later):
    low = starts + timedelta(days=later)
    with counted() as looked:
        found = list(rules.times(text, starts, low, low + WINDOW))
    assert len(found) <= WINDOW.days + 1
    assert looked[0] <= 5 * A_YEAR  # two or three years by the pattern, and their days by the interval


@settings(max_examples=100, deadline=None)
@given(any_rule(), beginnings)
@example("FREQ=DAILY;INTERVAL=999;COUNT=9999;BYMONTH=2;BYMONTHDAY=30", at(2000, 1, 1, 8))
def test_counting_to_an_end_is_bounded_by_the_century_and_done_once(text, starts):
    with counted() as looked:
        first = list(rules.times(text, starts, starts, starts + WINDOW))
        once = looked[0]
        assert list(rules.times(text, starts, starts, starts + WINDOW)) == first
    assert once <= (2 * 33 + 102 + 5) * A_YEAR  # 28 kinds of year and some, then each year's days by the interval
    assert looked[0] - once <= 3 * A_YEAR


def by_dateutil(text: str, starts: datetime, low: datetime, high: datetime) -> list[datetime]:
    """As dateutil has it; kept from looking on until the year 9999."""
    begins = timezone.make_naive(starts)
    if "UNTIL=" in text:
        text += "T235959"
    found = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "MAXYEAR", high.year + 1)
        for each in rrulestr(f"RRULE:{text}", dtstart=begins):
            if each >= timezone.make_naive(high):
                break
            found.append(timezone.make_aware(each))
    return sorted({each for each in [*found, starts] if low <= each < high})


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(any_rule().filter(lambda text: "BYWEEKNO" not in text), beginnings, st.integers(0, 4000))
def test_a_window_holds_what_dateutil_finds_there(text, starts, later):
    if text.startswith("FREQ=WEEKLY") and "BYSETPOS" in text:
        return  # dateutil begins the first week in its middle, and no such rule is taken
    low = starts + timedelta(days=later)
    assert list(rules.times(text, starts, low, low + WINDOW)) == by_dateutil(text, starts, low, low + WINDOW)


@settings(max_examples=100, deadline=None)
@given(st.integers(1, 53), st.integers(-53, -1), beginnings)
def test_weeks_are_those_of_iso_8601(front, back, starts):
    def lasts(year: int) -> int:
        return date(year, 12, 28).isocalendar().week

    text = f"FREQ=YEARLY;BYWEEKNO={front},{back};BYDAY=MO,TU,WE,TH,FR,SA,SU"
    found = {timezone.localdate(each) for each in rules.times(text, starts, starts, starts + WINDOW * 3)}
    first = timezone.localdate(starts)
    for day in (first + timedelta(days=n) for n in range(1, WINDOW.days * 3)):
        year, week, _weekday = day.isocalendar()
        assert (day in found) == (week in (front, lasts(year) + back + 1)), day


@pytest.mark.parametrize(
    ("rule", "start", "yearly", "altogether"),
    [
        ("", (2027, 5, 8), 1, 1),
        ("FREQ=DAILY", (2027, 5, 8), 366, None),
        ("FREQ=WEEKLY;COUNT=5", (2027, 5, 8), 5, 5),
        ("FREQ=WEEKLY;INTERVAL=2", (2027, 5, 8), 27, None),
        ("FREQ=MONTHLY;BYDAY=2SA", (2027, 5, 8), 12, None),
        ("FREQ=MONTHLY;BYDAY=2SU", (2027, 5, 9), 12, None),
        ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", (2027, 5, 31), 12, None),
        ("FREQ=YEARLY", (2028, 2, 29), 1, None),
        ("FREQ=YEARLY;INTERVAL=3;BYMONTH=1,12;BYDAY=FR", (2027, 12, 31), 8, None),
        ("FREQ=DAILY;UNTIL=20270507", (2027, 5, 1), 7, 7),
    ],
)
def test_what_a_neighbourhood_writes_is_taken_and_counted_by_the_year(officer, rule, start, yearly, altogether):
    starts = at(*start, 8)
    event = Event.plan(by=officer, title="会", starts_at=starts, ends_at=starts + timedelta(hours=1), rrule=rule)
    assert (rules.a_year(event.rrule, starts), rules.in_all(event.rrule, starts)) == (yearly, altogether)


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=DAILY;" * 40 + "COUNT=3",
        "FREQ=DAILY;FREQ=DAILY",
        "FREQ=WEEKLY;COUNT=3;UNTIL=20280101",
        "FREQ=DAILY;COUNT=1001",
        "FREQ=DAILY;INTERVAL=1000",
        "FREQ=MONTHLY;BYMONTHDAY=0",
        "FREQ=MONTHLY;BYMONTHDAY=32",
        "FREQ=YEARLY;BYMONTH=-5",
        "FREQ=YEARLY;BYWEEKNO=54;BYDAY=SA",
        "FREQ=YEARLY;BYWEEKNO=18",
        "FREQ=WEEKLY;BYDAY=2SA",
        "FREQ=MONTHLY;BYDAY=6SA",
        "FREQ=MONTHLY;BYSETPOS=1",
        "FREQ=WEEKLY;BYMONTHDAY=8",
        "FREQ=MONTHLY;BYYEARDAY=128",
        "FREQ=WEEKLY;UNTIL=99991231T235959Z",
        "FREQ=WEEKLY;UNTIL=20271399",
        "FREQ=YEARLY;BYYEARDAY=" + ",".join(str(n) for n in range(100, 132)),
    ],
)
def test_a_rule_out_of_its_bounds_is_refused_before_anything_is_looked_up(officer, rule):
    start = at(2027, 5, 8, 8)
    with counted() as looked, pytest.raises(ValidationError) as refused:
        Event.plan(by=officer, title="会", starts_at=start, ends_at=start + timedelta(hours=1), rrule=rule)
    assert "rrule" in refused.value.message_dict
    assert looked[0] == 0
