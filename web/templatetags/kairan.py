"""How dates, numbers and names are written for neighbours. Pure functions.
Dates are read in Django's current time zone; the year is said only when it is not this year."""

from __future__ import annotations

import datetime as dt
import functools
import unicodedata
from collections.abc import Callable
from typing import Any

import holidays
from django import template
from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.template.loader import get_template
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from controlplane.dates import day_said, month_said, weekday_said
from web import static_files
from web.static_files import BundledStorage

register = template.Library()


@register.simple_tag
def stylesheets(bundle: str) -> list[str]:
    """The addresses of what a page looks like: one where static files were collected, each part's own elsewhere."""
    collected = isinstance(staticfiles_storage, BundledStorage)
    names = [static_files.bundled(bundle)] if collected else static_files.parts(bundle)
    return [static(name) for name in names]


@register.simple_tag
def icon_svg(name: str, css: str = "") -> SafeString:
    """What <c-icon> draws, for lists that draw many: a component costs ten times as much as its picture."""
    return format_html(
        '<svg class="icon{}" viewBox="0 0 24 24" aria-hidden="true">{}</svg>', f" {css}" if css else "", _drawing(name)
    )


@functools.cache
def _drawing(name: str) -> SafeString:
    return mark_safe(get_template(f"cotton/icon/{name}.html").render().strip())  # noqa: S308 - our own picture


# --- dates ---


@register.filter
def date_ja(value: dt.date | None) -> str:
    """7月26日（日）, 7月20日（月・祝）, 2027年4月1日（木）."""
    if value is None:
        return ""
    day = local_day(value)
    return day_said(day, with_year=day.year != today().year, is_holiday=is_holiday(day))


@register.filter
def time_ja(value: dt.datetime | dt.time | None) -> str:
    """8:00, in the 24-hour clock."""
    if value is None:
        return ""
    moment = local_moment(value) if isinstance(value, dt.datetime) else value
    return f"{moment.hour}:{moment.minute:02d}"


@register.filter
def datetime_ja(value: dt.datetime | None) -> str:
    """7月26日（日）8:00."""
    if value is None:
        return ""
    return _("{date}{time}").format(date=date_ja(value), time=time_ja(value))


@register.filter
def time_range(start: dt.datetime | None, end: dt.datetime | None = None) -> str:
    """8:00〜9:00; over midnight the end says its day."""
    if start is None:
        return ""
    if end is None or end == start:
        return time_ja(start)
    same_day = local_day(start) == local_day(end)
    return _("{start}〜{end}").format(start=time_ja(start), end=time_ja(end) if same_day else datetime_ja(end))


@register.filter
def date_range(value: dt.date | None, end: dt.date | None) -> str:
    """7月26日（日）〜8月1日（土）; without an end it goes on: 7月26日（日）〜."""
    return _("{start}〜{end}").format(start=date_ja(value), end=date_ja(end)) if value else ""


@register.filter
def month_ja(value: dt.date | None) -> str:
    """7月."""
    return "" if value is None else month_said(local_day(value).month)


@register.filter
def month_short(value: dt.date | None) -> str:
    """7月, Jul."""
    return "" if value is None else month_said(local_day(value).month, short=True)


@register.filter
def day_of_month(value: dt.date | None) -> str:
    return "" if value is None else str(local_day(value).day)


@register.filter
def weekday_ja(value: dt.date | None) -> str:
    """日曜日; a holiday says so: 月・祝."""
    if value is None:
        return ""
    day = local_day(value)
    return (_("{weekday}・祝") if is_holiday(day) else _("{weekday}曜日")).format(weekday=weekday_said(day))


@register.filter
def day_kind(value: dt.date | None) -> str:
    """sun (also on holidays), sat or nothing: the colour of a day."""
    if value is None:
        return ""
    day = local_day(value)
    if day.weekday() == 6 or is_holiday(day):
        return "sun"
    return "sat" if day.weekday() == 5 else ""


@register.filter
def era_year(value: dt.date | int | None) -> str:
    """令和8年度: the fiscal year, from 1 April, of a date; or of a year given as a number. Eras only in Japanese."""
    if value is None:
        return ""
    if isinstance(value, int):
        year = value
    else:
        day = local_day(value)
        year = day.year if day.month >= 4 else day.year - 1
    if not (get_language() or settings.LANGUAGE_CODE).startswith("ja"):
        return _("{year}年度").format(year=year)
    era, first = (_("令和"), 2019) if year >= 2019 else (_("平成"), 1989)
    count = _("元") if year == first else str(year - first + 1)
    return _("{era}{count}年度").format(era=era, count=count)


def today() -> dt.date:
    return timezone.localdate()


def local_moment(value: dt.datetime) -> dt.datetime:
    return timezone.localtime(value) if timezone.is_aware(value) else value


def local_day(value: dt.date) -> dt.date:
    return local_moment(value).date() if isinstance(value, dt.datetime) else value


def is_holiday(day: dt.date) -> bool:
    return day in holidays_of(day.year)


@functools.lru_cache(maxsize=32)
def holidays_of(year: int) -> frozenset[dt.date]:
    return frozenset(holidays.country_holidays("JP", years=year))


# --- numbers, always with their unit ---


@register.filter
def number(value: Any) -> str:
    """1,400."""
    return "" if value is None or value == "" else f"{int(value):,}"


@register.filter
def unit(value: Any, word: str) -> str:
    """{{ 1400|unit:"部" }} is 1,400部; a unit in Latin letters stands off: 6 GB."""
    if value is None or value == "":
        return ""
    return f"{number(value)}{' ' if word[:1].isascii() else ''}{word}"


@register.filter
def yen(value: Any) -> str:
    """2,000円. Say 税別 or 税込 beside it."""
    return unit(value, _("円"))


@register.filter
def households(value: Any) -> str:
    """120世帯, 1 household."""
    return counted(value, lambda count: ngettext("{count}世帯", "{count}世帯", count))


@register.filter
def people(value: Any) -> str:
    """3人, 1 person."""
    return counted(value, lambda count: ngettext("{count}人", "{count}人", count))


def counted(value: Any, said: Callable[[int], str]) -> str:
    """A number with its unit, in whichever form the language has for so many."""
    if value is None or value == "":
        return ""
    return said(int(value)).format(count=number(value))


@register.filter
def bytes_ja(value: Any) -> str:
    """340 KB, 6.4 GB."""
    if value is None or value == "":
        return ""
    size = float(value)
    for name in ("B", "KB", "MB"):
        if size < 1000:
            return f"{size:.0f} {name}"
        size /= 1000
    return f"{size:.1f} GB".replace(".0 ", " ")


@register.filter
def gigabytes_ja(value: int) -> str:
    """6.4 GB. Room is said in gigabytes however little of it is used."""
    return f"{value / 10**9:.1f} GB"


# --- names and text ---


@register.filter
def initial(value: Any) -> str:
    """The first character of a name, with its variation selector or combining mark, for a disc."""
    text = str(value or "").strip()
    end = 1
    while end < len(text) and unicodedata.category(text[end]) in {"Mn", "Mc", "Me"}:
        end += 1
    return text[:end]


@register.filter
def linebreaks_ja(value: Any) -> SafeString:
    """Paragraphs at blank lines, <br> at new lines. Escapes, unless |urlize or a slot already did."""
    escaped = conditional_escape(value).strip().replace("\r\n", "\n")
    paragraphs = [part.strip().replace("\n", "<br>") for part in escaped.split("\n\n") if part.strip()]
    return mark_safe("".join(f"<p>{paragraph}</p>" for paragraph in paragraphs))  # noqa: S308 - escaped above
