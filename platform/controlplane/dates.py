"""How a day is said in the language at hand: 7月26日（日）, Sun 26 July."""

import datetime as dt

from django.utils.translation import gettext as _
from django.utils.translation import pgettext


def day_said(day: dt.date, *, with_year: bool = False, is_holiday: bool = False) -> str:
    """7月26日（日）, 7月20日（月・祝）, 2027年4月1日（木）."""
    if with_year:
        shown = _("{year}年{month}{day}日（{weekday}・祝）") if is_holiday else _("{year}年{month}{day}日（{weekday}）")
    else:
        shown = _("{month}{day}日（{weekday}・祝）") if is_holiday else _("{month}{day}日（{weekday}）")
    return shown.format(year=day.year, month=month_said(day.month), day=day.day, weekday=weekday_said(day))


def month_said(month: int, *, short: bool = False) -> str:
    """7月, July; short: 7月, Jul."""
    names = (
        _("1月"), _("2月"), _("3月"), _("4月"), _("5月"), _("6月"),
        _("7月"), _("8月"), _("9月"), _("10月"), _("11月"), _("12月"),
    )  # fmt: skip
    return names[month - 1][:3] if short else names[month - 1]  # Jan, 12月: three letters do in each of the languages


def weekday_said(day: dt.date) -> str:
    """日, Sun."""
    names = (
        pgettext("weekday", "月"),
        pgettext("weekday", "火"),
        pgettext("weekday", "水"),
        pgettext("weekday", "木"),
        pgettext("weekday", "金"),
        pgettext("weekday", "土"),
        pgettext("weekday", "日"),
    )
    return names[day.weekday()]
