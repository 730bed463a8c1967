"""How days and moments are said in the language at hand, 7月26日（日）, Sun 26 July; the last day of what ends."""

import datetime as dt

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

MONTHS = (
    gettext_lazy("1月"), gettext_lazy("2月"), gettext_lazy("3月"), gettext_lazy("4月"),
    gettext_lazy("5月"), gettext_lazy("6月"), gettext_lazy("7月"), gettext_lazy("8月"),
    gettext_lazy("9月"), gettext_lazy("10月"), gettext_lazy("11月"), gettext_lazy("12月"),
)  # fmt: skip
WEEKDAYS = (
    pgettext_lazy("weekday", "月"),
    pgettext_lazy("weekday", "火"),
    pgettext_lazy("weekday", "水"),
    pgettext_lazy("weekday", "木"),
    pgettext_lazy("weekday", "金"),
    pgettext_lazy("weekday", "土"),
    pgettext_lazy("weekday", "日"),
)


def day_before(end: dt.datetime) -> dt.date:
    """The local day of the last moment before an end: what ends at midnight does not touch the next day."""
    return timezone.localdate(end - dt.timedelta(microseconds=1))


def day_said(day: dt.date, *, with_year: bool = False, is_holiday: bool = False) -> str:
    """7月26日（日）, 7月20日（月・祝）, 2027年4月1日（木）."""
    if with_year:
        shown = _("{year}年{month}{day}日（{weekday}・祝）") if is_holiday else _("{year}年{month}{day}日（{weekday}）")
    else:
        shown = _("{month}{day}日（{weekday}・祝）") if is_holiday else _("{month}{day}日（{weekday}）")
    return shown.format(year=day.year, month=month_said(day.month), day=day.day, weekday=weekday_said(day))


def clock_said(moment: dt.datetime) -> str:
    """9:05, on the clocks here."""
    return f"{timezone.localtime(moment):%-H:%M}"


def moment_said(moment: dt.datetime) -> str:
    """7月26日（日） 9:05."""
    return f"{day_said(timezone.localdate(moment))} {clock_said(moment)}"


def month_said(month: int, *, short: bool = False) -> str:
    """7月, July; short: 7月, Jul."""
    name = str(MONTHS[month - 1])
    return name[:3] if short else name  # Jan, 12月: three letters do in each of the languages


def weekday_said(day: dt.date) -> str:
    """日, Sun."""
    return str(WEEKDAYS[day.weekday()])
