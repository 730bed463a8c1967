"""How an event comes again, asked in plain words and kept as a rule of iCalendar."""

import re
from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tenants.calendar import rules
from tenants.calendar.models import Event

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
WEEKDAY_CHOICES = [
    ("SU", _("日曜")),
    ("MO", _("月曜")),
    ("TU", _("火曜")),
    ("WE", _("水曜")),
    ("TH", _("木曜")),
    ("FR", _("金曜")),
    ("SA", _("土曜")),
]
NTH_CHOICES = [("1", _("第1")), ("2", _("第2")), ("3", _("第3")), ("4", _("第4")), ("-1", _("最後の"))]
REPEATS = [
    ("", _("くり返さない")),
    ("weekly", _("毎週")),
    ("monthly", _("毎月、同じ日")),
    ("nth", _("毎月、同じ曜日（第2・第4土曜など）")),
    ("yearly", _("毎年")),
]
KEEP = ("keep", _("いまの決まりのまま"))
_NTH = re.compile(r"FREQ=MONTHLY;BYDAY=(-?\d)([A-Z]{2})(?:,-?\d\2)*")


def rrule(repeat: str, on: date, nths: list[str] | None = None, weekday: str = "") -> str:
    """The rule for an event that first takes place on this day; without an end."""
    day = weekday or WEEKDAYS[on.weekday()]
    by_day = ",".join(f"{nth}{day}" for nth in nths or [_nth(on)])
    known = {
        "weekly": "FREQ=WEEKLY",
        "monthly": "FREQ=MONTHLY",
        "nth": f"FREQ=MONTHLY;BYDAY={by_day}",
        "yearly": "FREQ=YEARLY",
    }
    return known.get(repeat, "")


def _nth(on: date) -> str:
    """Which of its weekday in the month; a fifth one means the last, since few months have it."""
    nth = (on.day - 1) // 7 + 1
    return "-1" if nth == 5 else str(nth)


def repeat_of(event: Event) -> str:
    """Which of the plain words says the event's rule; `keep` when none does."""
    rule = event.rrule.partition(";UNTIL=")[0]
    if _NTH.fullmatch(rule):
        return "nth"
    on = timezone.localdate(event.starts_at)
    return next((word for word, _label in REPEATS if rrule(word, on) == rule), KEEP[0])


def repeating(event: Event) -> dict[str, Any]:
    """How the event comes again, as the form shows it."""
    rule = event.rrule.partition(";UNTIL=")[0]
    found = _NTH.fullmatch(rule)
    shown = {"repeat": repeat_of(event), "until": rules.last_day(event.rrule)}
    if not found:
        return shown
    return shown | {"nths": re.findall(r"-?\d(?=[A-Z])", rule), "weekday": found[2]}
