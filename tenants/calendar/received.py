"""An .ics file as it comes from anywhere: its events, each in its newest revision, and what of it is left aside."""

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from datetime import timezone as fixed
from html.parser import HTMLParser
from typing import Any
from unicodedata import category

import icalendar
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

LARGEST = 512 * 1024  # bytes
LETTERS, DATES = 20_000, 400  # of one text, and of one EXDATE or RDATE
MOST, PARSED, LINES = 300, 3000, 20_000  # events taken, events looked at, and lines: folded ones too
ZERO = datetime(1, 1, 1, tzinfo=UTC)
_NO_PLANS = {"CANCEL", "REPLY", "REFRESH", "COUNTER", "DECLINECOUNTER"}  # RFC 5546
_HERE = re.compile(r"tokyo|japan|\bjst\b|[+]0?9(:?00)?\b", re.IGNORECASE)
# With a place's name beside it an offset says too little: there may be summer time.
_OFFSET = re.compile(r"(?:GMT|UTC)([+-])(\d{1,2}):?(\d{2})?", re.IGNORECASE)
_TAG = re.compile(
    r"</?(html-blob|html|body|p|br|div|span|a|b|i|u|ul|ol|li|strong|em|font|table|h[1-6])(\s[^<>]*)?/?>", re.IGNORECASE
)
_BLOCKS = {"p", "br", "div", "li", "tr", "ul", "ol", "table", "h1", "h2", "h3", "h4", "h5", "h6"}


@dataclass
class Entry:
    """What a file says of one UID: the event itself, unless only single times of it came, and those times."""

    uid: str
    event: Any = None
    times: list[Any] = field(default_factory=list)


def entries(content: bytes) -> tuple[list[Entry], list[str]]:
    """What is in the file, and what has to be told of it. Raises ValidationError: it is no calendar, or too much."""
    told: list[str] = []
    found = _newest(_components(content, told), told)
    return found, told


def _components(content: bytes, told: list[str]) -> list[Any]:
    """Each VEVENT. Zones a file defines for itself are left out: ours are known by name, and theirs could be traps."""
    if len(content) > LARGEST:
        raise ValidationError(_("ファイルが大きすぎます。512 KBまでにしてください。"))
    text = "\r\n".join(_whole(_without_zones(_lines(content, told)), told))
    if "BEGIN:VCALENDAR" not in text[:2000].upper():
        raise ValidationError(_("予定表のファイル（.ics）ではないようです。"))
    if "ENCODING=QUOTED-PRINTABLE" in text.upper():
        raise ValidationError(_("古い形（vCalendar 1.0）のファイルです。iCalendar（.ics）で書き出してください。"))
    if text.upper().count("BEGIN:VEVENT") > PARSED:
        raise _too_many()
    try:
        calendars = icalendar.Calendar.from_ical(text, multiple=True)
        events = [event for calendar in calendars for event in calendar.walk("VEVENT")]
        others = sum(part.name != "VEVENT" for calendar in calendars for part in calendar.subcomponents)
        methods = {str(calendar.get("METHOD", "")).strip().upper() for calendar in calendars}
    except Exception as error:  # whatever a file from anywhere makes the reader stumble over
        raise ValidationError(_("予定表のファイルが、こわれているようです。")) from error
    if methods & _NO_PLANS:
        raise ValidationError(_("予定の中止や返事を知らせるファイルです。予定を書き出したファイルを選んでください。"))
    if others:
        told.append(_("予定ではないもの（やること、メモなど）%(n)s件は、取り込みません。") % {"n": others})
    return events if len(events) <= MOST else _to_come(events, told)


def _lines(content: bytes, told: list[str]) -> list[str]:
    """Unfolded before it is decoded: programs fold after so many bytes, also in the middle of a letter.

    Lines end where RFC 5545 says; other signs that Python breaks lines at are letters of a text.
    """
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        content = content.decode("utf-16", "replace").encode()
    content = content.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\0", b"")
    if content.count(b"\n") > LINES:
        raise ValidationError(_("ファイルの行が多すぎます。予定を分けて、書き出してください。"))
    whole = re.sub(rb"\n[ \t]", b"", re.sub(rb"\n{2,}", b"\n", content))
    text = whole.decode("utf-8-sig", "replace")
    broken = text.count("\ufffd")
    if broken > sum(letter > "\x7f" for letter in text) - broken:  # older programs' charset; almost never UTF-8 too
        text = whole.decode("cp932", "replace")
    if "\ufffd" in text:
        told.append(_("ファイルに、読めない文字があります。"))
    return text.split("\n")


def _without_zones(lines: Iterable[str]) -> Iterator[str]:
    inside = False
    for line in lines:
        name = line.strip().upper()
        inside = inside or name == "BEGIN:VTIMEZONE"
        if not inside:
            yield line
        inside = inside and name != "END:VTIMEZONE"


def _whole(lines: Iterable[str], told: list[str]) -> Iterator[str]:
    """A file that was cut short, closed: its reader would drop all that is open, without a word."""
    opened: list[str] = []
    for line in lines:
        keyword, _colon, name = line.strip().upper().partition(":")
        if keyword == "BEGIN":
            opened.append(name)
        elif keyword == "END" and opened and opened[-1] == name:
            opened.pop()
        yield line
    if opened:
        told.append(_("ファイルが途中で切れています。おわりの予定が、足りないかもしれません。"))
    yield from (f"END:{name}" for name in reversed(opened))


def _to_come(events: list[Any], told: list[str]) -> list[Any]:
    """Of too many, those that are not over; still too many are refused, with a way on."""
    today = timezone.localdate()
    coming = [event for event in events if not _is_over(event, today)]
    if len(coming) > MOST:
        raise _too_many()
    told.append(_("予定が多いので、過ぎた予定%(n)s件は、のぞきました。") % {"n": len(events) - len(coming)})
    return coming


def _too_many() -> ValidationError:
    words = _(
        "予定が多すぎます。%(most)s件までにしてください。"
        "期間を短くするか、これからの予定だけを書き出すと、取り込めます。"
    )
    return ValidationError(words % {"most": MOST})


def _is_over(event: Any, today: date) -> bool:
    try:
        if {"RRULE", "RDATE", "RECURRENCE-ID"} & set(event):
            return False
        return bool(event["DTSTART"].dt.strftime("%Y%m%d") < f"{today:%Y%m%d}")
    except Exception:  # what cannot be read is told later
        return False


def _newest(events: list[Any], told: list[str]) -> list[Entry]:
    """By UID. Of revisions the highest SEQUENCE counts, then the later stamp, then the one that stands below."""
    revisions: dict[tuple[str, str], list[Any]] = defaultdict(list)
    for event in events:
        revisions[uid_of(event), time_of(event)].append(event)
    found: dict[str, Entry] = {}
    older: list[str] = []
    for (uid, named), same in revisions.items():
        *gone, newest = sorted(same, key=_rank)
        older += [line(each, "SUMMARY")[:120] for each in gone if each.to_ical() != newest.to_ical()]
        entry = found.setdefault(uid, Entry(uid))
        if named:
            entry.times.append(newest)
        else:
            entry.event = newest
    if older:
        told.append(_("新しい版があるので、古い版は使いません：%(names)s") % {"names": "、".join(older)})
    return list(found.values())


def uid_of(event: Any) -> str:
    """A file may leave it out: then what the event says stands for it, and it is recognised by that."""
    uid = line(event, "UID")
    if uid and len(uid) <= 1000:
        return uid
    said = [uid, *(event[name].to_ical().decode() for name in ("DTSTART", "SUMMARY") if name in event)]
    return f"digest-{hashlib.sha256(repr(said).encode()).hexdigest()}"


def time_of(event: Any) -> str:
    """Which time of a series it is; "" for the series, and for what takes place once."""
    if "RECURRENCE-ID" not in event:
        return ""
    try:
        named = Clock(event, "RECURRENCE-ID").moment
        return named.astimezone(UTC).isoformat() if isinstance(named, datetime) else named.isoformat()
    except Exception:  # an unreadable one is of its own
        return str(event["RECURRENCE-ID"])


def _rank(event: Any) -> tuple[int, datetime, datetime]:
    try:
        sequence = int(event.get("SEQUENCE", 0))
    except Exception:
        sequence = 0
    return sequence, _stamp(event, "LAST-MODIFIED"), _stamp(event, "DTSTAMP")


def _stamp(event: Any, name: str) -> datetime:
    try:
        moment = Clock(event, name).moment
    except Exception:
        return ZERO
    return moment if isinstance(moment, datetime) else ZERO


class Clock:
    """A day or a moment of a file, on the clock it is written for; `unknown` names a zone nobody knows."""

    def __init__(self, event: Any, name: str) -> None:
        value = _first(event[name])
        self.moment: date | datetime = value.dt
        self.unknown = ""
        if isinstance(value.dt, datetime) and timezone.is_naive(value.dt):
            self.moment = value.dt.replace(tzinfo=self._zone(str(value.params.get("TZID", ""))))

    def _zone(self, name: str) -> tzinfo:
        if not name or _HERE.search(name):
            return timezone.get_default_timezone()
        if found := _OFFSET.fullmatch(name.strip()):
            offset = timedelta(hours=min(int(found[2]), 14), minutes=int(found[3] or 0) % 60)
            return fixed(-offset if found[1] == "-" else offset)
        self.unknown = name[:60]
        return timezone.get_default_timezone()


def dates(event: Any, name: str, begins: date | datetime) -> Iterator[tuple[date | datetime, date | datetime | None]]:
    """Each of an EXDATE's or RDATE's times with the end that it has of its own, on the clock of the event."""
    if name not in event:
        return
    lists = event[name] if isinstance(event[name], list) else [event[name]]
    every = [each.dt for listed in lists for each in listed.dts]
    if len(every) > DATES:
        raise ValidationError(_("のぞく日や足す日が、多すぎます。"))
    for each in every:
        start, end = each if isinstance(each, tuple) else (each, None)
        start = _on_clock_of(begins, start)
        yield start, start + end if isinstance(end, timedelta) else end and _on_clock_of(begins, end)


def _on_clock_of(begins: date | datetime, moment: date | datetime) -> date | datetime:
    if not isinstance(begins, datetime) or not isinstance(moment, datetime) or timezone.is_aware(moment):
        return moment
    return moment.replace(tzinfo=begins.tzinfo)


def moment_of(value: date | datetime) -> datetime:
    return value if isinstance(value, datetime) else timezone.make_aware(datetime.combine(value, time.min))


def _first(value: Any) -> Any:
    return value[0] if isinstance(value, list) else value


def text(event: Any, name: str) -> str:
    """Without signs that nobody can store or see; what is written as a page is read as one."""
    said = str(_first(event.get(name, "")))[:LETTERS]
    said = "".join(letter for letter in said if letter == "\n" or category(letter) not in {"Cc", "Cs"})
    return _Page.read(said) if _TAG.search(said) else said


def line(event: Any, name: str) -> str:
    return " ".join(text(event, name).split())


class _Page(HTMLParser):
    """The words of a page, and where its links lead."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self.links: list[str] = []
        self.hidden = 0

    @classmethod
    def read(cls, said: str) -> str:
        page = cls()
        page.feed(said)
        page.close()
        lines = (" ".join(each.split()) for each in "".join(page.said).split("\n"))
        return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.hidden += tag in ("script", "style")
        if tag in _BLOCKS:
            self.said.append("\n・" if tag == "li" else "\n")
        if tag == "a":
            self.links.append(dict(attrs).get("href") or "")

    def handle_endtag(self, tag: str) -> None:
        self.hidden -= tag in ("script", "style") and self.hidden > 0
        if tag in _BLOCKS - {"br", "li"}:
            self.said.append("\n")
        if tag == "a" and self.links and (link := self.links.pop()) and link not in "".join(self.said[-1:]):
            self.said.append(f" {link} ")

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            self.said.append(data)
