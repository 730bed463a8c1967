"""How an event comes again (RRULE, RFC 5545): what a neighbourhood may write, and the times it means.

Whoever asks names a window, and costs its days: `recurring` finds them without beginning at the beginning.
"""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import islice

from django.utils import timezone

from tenants.calendar import recurring
from tenants.calendar.recurring import last_of, until_of

LONGEST = 200  # letters
MOST_VALUES = 31  # in one list
MOST_TIMES = 1000  # a COUNT
A_YEAR, TEN_YEARS = timedelta(days=365), timedelta(days=3653)
DAY = timedelta(days=1)
# RFC 5545, 3.3.10: which parts narrow which frequency, and how far their numbers reach.
_MAY = {
    "DAILY": {"BYMONTH", "BYMONTHDAY", "BYDAY"},
    "WEEKLY": {"BYMONTH", "BYDAY"},
    "MONTHLY": {"BYMONTH", "BYMONTHDAY", "BYDAY", "BYSETPOS"},
    "YEARLY": {"BYMONTH", "BYMONTHDAY", "BYDAY", "BYSETPOS", "BYYEARDAY", "BYWEEKNO"},
}
_REACH = {"BYMONTH": 12, "BYMONTHDAY": 31, "BYYEARDAY": 366, "BYWEEKNO": 53, "BYSETPOS": 366}
_UNTIL = re.compile(r";UNTIL=(\w+)")
_COUNT = re.compile(r"COUNT=(\d+)")
_END = re.compile(r";(UNTIL|COUNT)=[^;]*")


def check(text: str, starts_at: datetime) -> None:
    """Raise ValueError unless the rule is one a neighbourhood would use: daily or rarer, and its parts in their ranges.

    Nothing is looked up for that. Whether it ever comes round is asked by `fits`, of its first day alone: 30 February,
    or every seventh day from a Friday on if it is a Thursday, has none that fits.
    """
    if len(text) > LONGEST:
        raise ValueError("long")
    _check_parts(recurring.parts(text))
    recurring.read(text, naive(starts_at).date())


def _check_parts(told: dict[str, str]) -> None:
    narrowing = {name for name in told if name.startswith("BY")}
    if not narrowing <= _MAY[told["FREQ"]] or told.keys() >= {"COUNT", "UNTIL"}:
        raise ValueError("parts")
    if narrowing == {"BYSETPOS"} or ("BYWEEKNO" in narrowing and "BYDAY" not in narrowing):
        raise ValueError("programs disagree about it")
    if int(told.get("COUNT", 0)) > MOST_TIMES:
        raise ValueError("count")
    for name in narrowing:
        values = told[name].split(",")
        if len(values) > MOST_VALUES:
            raise ValueError("values")
        if name == "BYDAY":
            _check_weekdays(told, values)
        elif not all(_is_within(int(value), _REACH[name], back=name != "BYMONTH") for value in values):
            raise ValueError("range")


def _check_weekdays(told: dict[str, str], values: list[str]) -> None:
    """第2日曜 has to be of a month or year; beside it a weekday that is not counted is read in two ways."""
    counted = [value for value in values if len(value) > 2]
    if not counted:
        return
    of_year = told["FREQ"] == "YEARLY" and "BYMONTH" not in told
    if told["FREQ"] in ("DAILY", "WEEKLY") or "BYWEEKNO" in told or len(counted) < len(values):
        raise ValueError("weekdays")
    if not all(_is_within(int(value[:-2]), 53 if of_year else 5) for value in counted):
        raise ValueError("range")


def _is_within(value: int, reach: int, *, back: bool = True) -> bool:
    return 1 <= abs(value) <= reach and (back or value > 0)


def fits(text: str, starts_at: datetime) -> bool:
    """Whether the first time is one the rule names; programs disagree about a rule that leaves its beginning out."""
    begins = naive(starts_at)
    rule = recurring.read(text, begins.date())
    last = rule.last_until(begins.time())
    return (last is None or begins.date() <= last) and any(rule.days(begins.date(), begins.date() + DAY))


def times(text: str, starts_at: datetime, low: datetime, high: datetime) -> Iterator[datetime]:
    """Yield, in order, when the event begins at or after `low` and before `high`; its first time always counts."""
    begins, low, high = naive(starts_at), naive(low), naive(high)
    for day in days(text, begins, low.date(), high.date()):
        moment = datetime.combine(day, begins.time())
        if low <= moment < high:
            yield timezone.make_aware(moment)


def days(text: str, begins: datetime, low: date, high: date) -> Iterator[date]:
    """Yield the days, both included, on which something begins that began then on the clocks here."""
    first = begins.date()
    if low <= first <= high:
        yield first
    rule = _read(text, first)
    if rule is None:
        return
    last = last_of(rule, begins.time()) or recurring.END
    yield from rule.days(max(low, first + DAY), min(high, last) + DAY)


def _read(text: str, first: date) -> recurring.Rule | None:
    """None for no rule; one that got past today's reading means its first time alone, instead of a page that fails."""
    try:
        return recurring.read(text, first) if text else None
    except ValueError:
        return None


def a_year(text: str, starts_at: datetime) -> int:
    """How often it takes place in a year: in its first, or in the next full one that it names if that has more."""
    return _a_year(text, naive(starts_at))


@lru_cache(maxsize=2048)
def _a_year(text: str, begins: datetime) -> int:
    """Remembered: whoever plans has all the others weighed."""
    first, rule = begins.date(), _read(text, begins.date())
    if rule is None:
        return 1
    last = rule.last_until(begins.time()) or recurring.END
    year = min(first.year + (rule.interval if rule.pattern.frequency == "YEARLY" else 1), recurring.END.year - 1)
    spans = [(first, first + A_YEAR), (date(year, 1, 1), date(year + 1, 1, 1))]
    most = max(sum(1 for _ in rule.days(low, min(high, last + DAY))) for low, high in spans)
    return max(1, min(most, rule.count or most))


def in_all(text: str, starts_at: datetime) -> int | None:
    """How often it takes place altogether, as far as anybody counts (MOST_TIMES and one); None when it goes on."""
    begins = naive(starts_at)
    rule = _read(text, begins.date())
    if rule is None or rule.count:
        return rule.count if rule else 1
    last = rule.last_until(begins.time())
    counted = islice(days(text, begins, begins.date(), last or begins.date()), MOST_TIMES + 1)
    return None if last is None else sum(1 for _ in counted)


def has_ended(text: str, starts_at: datetime, day: date) -> bool:
    """Whether it takes place on no day from this one on."""
    begins = naive(starts_at)
    rule = _read(text, begins.date())
    last = last_of(rule, begins.time()) if rule else begins.date()
    return last is not None and max(last, begins.date()) < day


def first_on(text: str, starts_at: datetime) -> datetime:
    """The rule's own first time at or after this one; this one, when there is none within ten years."""
    begins = naive(starts_at)
    rule = recurring.read(text, begins.date())
    day = next(rule.days(begins.date(), begins.date() + TEN_YEARS), begins.date())
    return timezone.make_aware(datetime.combine(day, begins.time()))


def ended_before(text: str, day: date, *, all_day: bool) -> str:
    """The rule, with its last time before this day."""
    return until(endless(text), day - timedelta(days=1), all_day=all_day)


def endless(text: str) -> str:
    return _END.sub("", text)


def until(text: str, last: date, *, all_day: bool) -> str:
    """The rule, ended with this day. iCalendar wants UNTIL in UTC, or as a date for whole days."""
    end = timezone.make_aware(datetime.combine(last, time(23, 59, 59))).astimezone(UTC)
    return f"{text};UNTIL={last:%Y%m%d}" if all_day else f"{text};UNTIL={end:%Y%m%dT%H%M%SZ}"


def last_day(text: str) -> date | None:
    """The day a rule ends on, when it names one; none is looked for beyond END."""
    found = _UNTIL.search(text)
    return min(until_of(found[1]).date(), recurring.END) if found else None


def from_later(text: str, starts_at: datetime, later: datetime) -> str:
    """The rule from a later time on: of COUNT, what is left."""
    found = _COUNT.search(text)
    if not found:
        return text
    gone = sum(1 for _ in times(text, starts_at, starts_at, later))
    return text.replace(found[0], f"COUNT={max(1, int(found[1]) - gone)}")


def for_others(text: str, *, all_day: bool) -> str:
    """The rule as other programs want it: UNTIL in UTC, or as a date for whole days."""
    found = _UNTIL.search(text)
    if not found:
        return text
    end = until_of(found[1])
    told = f"{end:%Y%m%d}" if all_day else f"{timezone.make_aware(end).astimezone(UTC):%Y%m%dT%H%M%SZ}"
    return text.replace(found[0], f";UNTIL={told}")


def naive(moment: datetime) -> datetime:
    """The moment on the clocks here: rules count in local days."""
    return timezone.make_naive(moment)
