"""Rules that count in the days of another clock: every Saturday at 23:00 UTC is every Sunday at eight here.

A rule is only said in days here when it names the very same moments; otherwise its times may be listed, one by one.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import islice

from django.utils import timezone

from tenants.calendar import recurring

YEARS, COMPARED = timedelta(days=8 * 366), 1500  # two 29 February, and four years of every day


def said_here(text: str, begins: datetime) -> str | None:
    """The rule in days here, or None. `begins` is on the clock the rule counts by; ValueError: no rule."""
    if str(begins.tzinfo) == timezone.get_default_timezone_name():
        return text
    own, here = begins.replace(tzinfo=None), timezone.make_naive(begins)
    told = recurring.parts(text)
    shifted = _shifted(told, (here.date() - own.date()).days)
    if shifted is None:
        return None
    candidate = ";".join(f"{name}={value}" for name, value in shifted.items() if name != "UNTIL")
    theirs = recurring.read(_endless(told), own.date()).days(own.date(), own.date() + YEARS)
    ours = recurring.read(candidate, here.date()).days(here.date(), here.date() + YEARS)
    expected = [timezone.make_naive(datetime.combine(day, own.time(), begins.tzinfo)) for day in _few(theirs)]
    if expected != [datetime.combine(day, here.time()) for day in _few(ours)]:
        return None
    return candidate + (f";UNTIL={_last(told, begins):%Y%m%dT%H%M%SZ}" if "UNTIL" in told else "")


def listed(text: str, begins: datetime, most: int) -> list[datetime] | None:
    """Each time of a rule, on its own clock; None when it goes on, has more than these, or does not name its first."""
    told = recurring.parts(text)
    rule = recurring.read(_endless(told), begins.date())
    if not {"UNTIL", "COUNT"} & told.keys() or not any(rule.days(begins.date(), begins.date() + timedelta(days=1))):
        return None
    last = _last(told, begins) if "UNTIL" in told else None
    end = min(last.astimezone(begins.tzinfo).date() + timedelta(days=1), recurring.END) if last else recurring.END
    times = (datetime.combine(day, begins.time(), begins.tzinfo) for day in rule.days(begins.date(), end))
    found = list(islice((each for each in times if not last or each <= last), int(told.get("COUNT", most + 1))))
    return found if len(found) <= most else None


def _few(days: Iterator[date]) -> Iterator[date]:
    return islice(days, COMPARED)


def _endless(told: dict[str, str]) -> str:
    return ";".join(f"{name}={value}" for name, value in told.items() if name not in ("UNTIL", "COUNT"))


def _last(told: dict[str, str], begins: datetime) -> datetime:
    """UNTIL as a moment; without a zone it is on the rule's own clock, and a day is meant whole."""
    text = told["UNTIL"]
    if text.endswith("Z"):
        return datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    return recurring.until_of(text).replace(tzinfo=begins.tzinfo).astimezone(UTC)


def _shifted(told: dict[str, str], days: int) -> dict[str, str] | None:
    """The same pattern so many days later; whether it names the same moments is for the caller to compare."""
    parts = dict(told)
    if not days:
        return parts
    if parts.keys() & {"BYSETPOS", "BYYEARDAY", "BYWEEKNO"}:
        return None
    if "BYMONTHDAY" in parts:
        parts["BYMONTHDAY"] = ",".join(str(int(each) + days) for each in parts["BYMONTHDAY"].split(","))
    if "BYDAY" in parts:
        named = parts["BYDAY"].split(",")
        parts["BYDAY"] = ",".join(_weekday(each[-2:], days) for each in named)
        if len(named[0]) > 2:  # 第2土曜, one day later: the Sunday of the 9th to 15th
            first = (int(named[0][:-2]) - 1) * 7 + 1 + days
            if len(named) > 1 or "BYMONTHDAY" in parts or not 1 <= first <= 25:
                return None
            parts["BYMONTHDAY"] = ",".join(str(first + each) for each in range(7))
    if parts["FREQ"] == "WEEKLY" and "INTERVAL" in parts:
        parts["WKST"] = _weekday(parts.get("WKST", "MO"), days)
    return parts


def _weekday(name: str, days: int) -> str:
    return recurring.WEEKDAYS[(recurring.WEEKDAYS.index(name) + days) % 7]
