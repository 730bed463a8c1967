"""The days that a recurrence rule (RFC 5545) names, found by arithmetic in the years that are asked for.

A year is gone through once for each pattern, day by day, and remembered; nothing is ever counted through from a rule's
beginning to where somebody looks, so that one of the year 2000 costs what last week's does, and one that never comes
round costs the years it was looked for in.
"""

import re
from bisect import bisect_left
from calendar import isleap, monthrange
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import lru_cache
from itertools import groupby, islice
from operator import itemgetter
from typing import NamedTuple

from django.utils import timezone

END = date(2102, 1, 1)  # events begin until 2100: nothing is looked for from here on
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_NUMBERS = r"[+-]?\d{1,3}(,[+-]?\d{1,3})*"
_GRAMMAR = {
    "FREQ": r"DAILY|WEEKLY|MONTHLY|YEARLY",
    "INTERVAL": r"[1-9]\d{0,2}",
    "COUNT": r"[1-9]\d{0,3}",
    "UNTIL": r"\d{8}(T\d{6}Z?)?",
    "WKST": "|".join(WEEKDAYS),
    "BYDAY": r"([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU)(,([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU))*",
    **dict.fromkeys(("BYMONTH", "BYMONTHDAY", "BYYEARDAY", "BYWEEKNO", "BYSETPOS"), _NUMBERS),
}


def parts(text: str) -> dict[str, str]:
    """The rule's parts by name; ValueError when it cannot be read."""
    found = dict(part.split("=", 1) for part in text.upper().split(";") if "=" in part)
    if len(found) != text.count(";") + 1 or "FREQ" not in found:
        raise ValueError("rule")
    if not all(re.fullmatch(_GRAMMAR.get(name, "$^"), value) for name, value in found.items()):
        raise ValueError("rule")
    return found


def until_of(text: str) -> datetime:
    """UNTIL's last moment on the clocks here; it may name a day, which is meant whole. ValueError: there is none."""
    if len(text) == 8:
        return datetime.combine(datetime.strptime(text, "%Y%m%d"), time(23, 59, 59))
    moment = datetime.strptime(text.removesuffix("Z"), "%Y%m%dT%H%M%S")
    if not text.endswith("Z"):
        return moment
    try:
        return timezone.make_naive(moment.replace(tzinfo=UTC))
    except OverflowError as error:
        raise ValueError("until") from error


class Day(NamedTuple):
    """All that a rule may ask of a day, counted from the front and from the back."""

    month: int
    month_day: tuple[int, int]
    weekday: int
    year_day: tuple[int, int]
    in_month: tuple[int, int]  # the how-manieth of its weekday
    in_year: tuple[int, int]


@dataclass(frozen=True)
class Pattern:
    """Which days of any year a rule names, whatever its interval and its end."""

    frequency: str
    months: frozenset[int]
    month_days: frozenset[int]
    year_days: frozenset[int]
    weeks: frozenset[int]
    weekdays: frozenset[int]
    nths: frozenset[tuple[int, int]]  # (weekday, the how-manieth of the month or year)
    places: frozenset[int]  # BYSETPOS
    week_start: int

    def holds(self, day: Day) -> bool:
        """Whether it names a day of this kind; the one thing that is ever done with a candidate."""
        nth = day.in_month if self.frequency == "MONTHLY" or self.months else day.in_year
        return (
            (not self.months or day.month in self.months)
            and (not self.weekdays or day.weekday in self.weekdays)
            and (not self.month_days or not self.month_days.isdisjoint(day.month_day))
            and (not self.year_days or not self.year_days.isdisjoint(day.year_day))
            and (not self.nths or any((day.weekday, each) in self.nths for each in nth))
        )

    def week_of(self, ordinal: int) -> tuple[int, int]:
        """The week's number in the year that has most of its days, from the front and from the back."""
        middle = date.fromordinal(ordinal - (ordinal - 1 - self.week_start) % 7 + 3)
        number = (middle.timetuple().tm_yday - 1) // 7 + 1
        weeks = number + (date(middle.year, 12, 31) - middle).days // 7
        return number, number - weeks - 1

    def periods(self, year: int, numbers: Sequence[int]) -> list[int]:
        """In which day, week, month or year of all time each of these days is, as INTERVAL and BYSETPOS count them."""
        before = date(year, 1, 1).toordinal()
        if self.frequency == "DAILY":
            return [before + number for number in numbers]
        if self.frequency == "WEEKLY":
            return [(before + number - 1 - self.week_start) // 7 for number in numbers]
        if self.frequency == "MONTHLY":
            days = _days_of(_like(year))
            return [year * 12 + days[number].month for number in numbers]
        return [year for _number in numbers]


@dataclass(frozen=True)
class Rule:
    """A rule that was read, from its beginning on."""

    pattern: Pattern
    interval: int
    count: int
    until: datetime | None
    begins: date

    def days(self, low: date, high: date) -> Iterator[date]:
        """Yield the days from `low` on and before `high`, in order, whatever COUNT and UNTIL say."""
        low, high = max(low, self.begins), min(high, END)
        first, last = low.toordinal(), high.toordinal()
        for year in range(low.year, high.year + 1):
            before = date(year, 1, 1).toordinal()
            named = named_days(self.pattern, _like(year))
            numbers = named[bisect_left(named, first - before) : bisect_left(named, last - before)]
            yield from (date.fromordinal(before + number) for number in self._in_step(year, numbers))

    def _in_step(self, year: int, numbers: Sequence[int]) -> Sequence[int]:
        if self.interval == 1:
            return numbers
        start = self.begins.timetuple().tm_yday - 1
        (origin,) = self.pattern.periods(self.begins.year, [start])
        periods = self.pattern.periods(year, numbers)
        return [
            number for number, period in zip(numbers, periods, strict=True) if (period - origin) % self.interval == 0
        ]

    def last(self, hour: time) -> date | None:
        """The last day it may name when its times begin at this hour; None when it has no end."""
        counted = next(islice(self.days(self.begins, END), self.count - 1, None), None) if self.count else None
        return min(filter(None, (self.last_until(hour), counted)), default=None)

    def last_until(self, hour: time) -> date | None:
        """As `last`, by UNTIL alone; one beyond END is read as END, so that whoever counts on from it has days left."""
        if self.until is None:
            return None
        day = min(self.until.date(), END)
        return day if hour.replace(microsecond=0) <= self.until.time() else _before(day)


def _before(day: date) -> date:
    return date.fromordinal(max(1, day.toordinal() - 1))


@lru_cache(maxsize=2048)
def read(text: str, begins: date) -> Rule:
    """The rule as it comes round from this day on; what it leaves open is as on this day. ValueError: unreadable."""
    told = parts(text)
    frequency = told["FREQ"]
    weekdays, nths = _weekdays(told.get("BYDAY", ""), counts=frequency in ("MONTHLY", "YEARLY"))
    months, month_days = _numbers(told, "BYMONTH"), _numbers(told, "BYMONTHDAY")
    if not told.keys() & {"BYDAY", "BYMONTHDAY", "BYYEARDAY", "BYWEEKNO"}:
        if frequency == "YEARLY":
            months = months or frozenset([begins.month])
        if frequency in ("MONTHLY", "YEARLY"):
            month_days = frozenset([begins.day])
        if frequency == "WEEKLY":
            weekdays = frozenset([begins.weekday()])
    pattern = Pattern(
        frequency,
        months,
        month_days,
        year_days=_numbers(told, "BYYEARDAY"),
        weeks=_numbers(told, "BYWEEKNO"),
        weekdays=weekdays,
        nths=nths,
        places=_numbers(told, "BYSETPOS"),
        week_start=WEEKDAYS.index(told.get("WKST", "MO")),
    )
    until = until_of(told["UNTIL"]) if "UNTIL" in told else None
    return Rule(pattern, int(told.get("INTERVAL", 1)), int(told.get("COUNT", 0)), until, begins)


@lru_cache(maxsize=2048)
def last_of(rule: Rule, hour: time) -> date | None:
    """`Rule.last`, remembered: to count to it is the one thing that begins at the beginning."""
    return rule.last(hour)


@lru_cache(maxsize=1024)
def named_days(pattern: Pattern, year: int) -> tuple[int, ...]:
    """The days of the year that the pattern names, counted from 0."""
    first = date(year, 1, 1).toordinal()
    found = [number for number, day in enumerate(_days_of(year)) if pattern.holds(day)]
    if pattern.weeks:
        found = [number for number in found if not pattern.weeks.isdisjoint(pattern.week_of(first + number))]
    return _placed(pattern, year, found) if pattern.places else tuple(found)


def _placed(pattern: Pattern, year: int, found: list[int]) -> tuple[int, ...]:
    """Of each period's days those that BYSETPOS names by their place."""
    kept: set[int] = set()
    for _period, group in groupby(zip(pattern.periods(year, found), found, strict=True), itemgetter(0)):
        days = [number for _same, number in group]
        kept |= {days[place - 1 if place > 0 else place] for place in pattern.places if 0 < abs(place) <= len(days)}
    return tuple(sorted(kept))


def _like(year: int) -> int:
    """A year whose days fall alike, and those of its neighbours: every 28 years, until 2100 leaves its 29th out."""
    return 2000 + (year - 2000) % 28 if 1902 <= year <= 2098 else year


@lru_cache(maxsize=64)
def _days_of(year: int) -> tuple[Day, ...]:
    length, first = 365 + isleap(year), date(year, 1, 1)
    return tuple(_day(date.fromordinal(first.toordinal() + number), number, length) for number in range(length))


def _day(day: date, number: int, length: int) -> Day:
    left = monthrange(day.year, day.month)[1] - day.day
    return Day(
        day.month,
        (day.day, -left - 1),
        day.weekday(),
        (number + 1, number - length),
        ((day.day - 1) // 7 + 1, -(left // 7) - 1),
        (number // 7 + 1, -((length - 1 - number) // 7) - 1),
    )


def _numbers(told: dict[str, str], name: str) -> frozenset[int]:
    return frozenset(int(each) for each in told.get(name, "").split(",") if each)


def _weekdays(text: str, *, counts: bool) -> tuple[frozenset[int], frozenset[tuple[int, int]]]:
    """Weekdays as such, and those that are counted; where there is nothing to count in, the number says nothing."""
    named = [(WEEKDAYS.index(each[-2:]), int(each[:-2] or 0)) for each in text.split(",") if each]
    plain = frozenset(day for day, nth in named if not nth or not counts)
    return plain, frozenset((day, nth) for day, nth in named if nth and counts)
