"""How an event comes again (RRULE, RFC 5545): what a neighbourhood may write, and the days it means."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

from dateutil.rrule import rrule, rruleset, rrulestr
from django.utils import timezone

TEN_YEARS = timedelta(days=3653)
_RULE = re.compile(
    r"FREQ=(DAILY|WEEKLY|MONTHLY|YEARLY)"
    r"(;(INTERVAL=[1-9]\d{0,2}|COUNT=[1-9]\d{0,3}|UNTIL=\d{8}(T\d{6}Z?)?|WKST=[A-Z]{2}"
    r"|(BYDAY|BYMONTHDAY|BYMONTH|BYSETPOS|BYWEEKNO|BYYEARDAY)=[A-Z0-9,+-]+))*"
)
_UNTIL = re.compile(r";UNTIL=(\w+)")
_END = re.compile(r";(UNTIL|COUNT)=[^;]*")


def check(text: str, starts_at: datetime) -> None:
    """Raise ValueError unless the rule is one a neighbourhood would use: daily or rarer, and it does come round.

    A rule that never takes place (30 February, or every seventh day from a Friday on if it is a Thursday) would be
    looked for until the year 9999 on every page.
    """
    if not _RULE.fullmatch(text.upper()):
        raise ValueError("rule")
    begins = naive(starts_at)
    coming = rrulestr(f"RRULE:{endless(text.upper())};UNTIL={begins + TEN_YEARS:%Y%m%d}", dtstart=begins)
    if next(iter(coming), None) is None:
        raise ValueError("never")
    _read(text, begins)


def fits(text: str, starts_at: datetime) -> bool:
    """Whether the first time is one the rule names; programs disagree about a rule that leaves its beginning out."""
    begins = naive(starts_at).replace(microsecond=0)
    return next(iter(_read(text, begins)), None) == begins


def times(text: str, starts_at: datetime, low: datetime, high: datetime) -> Iterator[datetime]:
    """Yield, in order, when the event begins at or after `low` and before `high`; its first time always counts."""
    begins, fraction = _whole(starts_at)
    low, high = naive(low) - fraction, naive(high) - fraction
    if not text:
        found = [begins] if low <= begins < high else []
    else:
        rules = rruleset()
        rules.rrule(_bounded(_read(text, begins), high))
        rules.rdate(begins)
        found = rules.between(low, high - timedelta(microseconds=1), inc=True)
    for each in found:
        yield timezone.make_aware(each + fraction)


def _whole(starts_at: datetime) -> tuple[datetime, timedelta]:
    """The local moment in whole seconds, as dateutil counts, and what is left of it."""
    begins = naive(starts_at)
    whole = begins.replace(microsecond=0)
    return whole, begins - whole


def first_on(text: str, starts_at: datetime) -> datetime:
    """The rule's own first time at or after this one."""
    begins = naive(starts_at)
    return timezone.make_aware(next(iter(_read(_END.sub("", text), begins)), begins))


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
    """The day a rule ends on, when it names one."""
    found = _UNTIL.search(text)
    return _until_of(found[1]).date() if found else None


def without_count(text: str, gone: int) -> str:
    """The rule from a later time on: of COUNT, what is left."""
    return re.sub(r"COUNT=(\d+)", lambda found: f"COUNT={max(1, int(found[1]) - gone)}", text)


def for_others(text: str, *, all_day: bool) -> str:
    """The rule as other programs want it: UNTIL in UTC, or as a date for whole days."""
    found = _UNTIL.search(text)
    if not found:
        return text
    end = _until_of(found[1])
    told = f"{end:%Y%m%d}" if all_day else f"{timezone.make_aware(end).astimezone(UTC):%Y%m%dT%H%M%SZ}"
    return text.replace(found[0], f";UNTIL={told}")


def naive(moment: datetime) -> datetime:
    """The moment on the clocks here: rules count in local days."""
    return timezone.make_naive(moment)


def _read(text: str, begins: datetime) -> rrule:
    """The rule as dateutil counts it, on local clocks; UNTIL may name a day, which is meant whole."""
    found = _UNTIL.search(text.upper())
    if found:
        text = text.upper().replace(found[0], f";UNTIL={_until_of(found[1]):%Y%m%dT%H%M%S}")
    read: rrule = rrulestr(f"RRULE:{text}", dtstart=begins)
    return read


def _until_of(text: str) -> datetime:
    if len(text) == 8:
        return datetime.combine(datetime.strptime(text, "%Y%m%d"), time(23, 59, 59))
    moment = datetime.strptime(text.removesuffix("Z"), "%Y%m%dT%H%M%S")
    return naive(moment.replace(tzinfo=UTC)) if text.endswith("Z") else moment


def _bounded(rule: rrule, high: datetime) -> rrule:
    """Nothing is looked for beyond `high`, however rarely the rule comes round."""
    if rule._count or (rule._until and rule._until <= high):
        return rule
    return rule.replace(until=high)
