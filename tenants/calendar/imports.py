"""Bringing in the events of an .ics file: read with suspicion, shown first, taken over once."""

import hashlib
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from unicodedata import category

import icalendar
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from controlplane.audit.models import record
from tenants.calendar import ical, rules
from tenants.calendar.models import Event, OccurrenceChange, checks
from tenants.members.models import Act, Member, only

LARGEST = 512 * 1024  # bytes
MOST, LINES = 300, 20_000  # events, and lines: sixty for each, and folded texts
TIMES = 2000  # a year, of all that is taken at once: five daily events, of the fourteen a calendar holds
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@dataclass
class Draft:
    """One event of a file, as it would be planned; `problem` says why it cannot be, `known` that it is there."""

    uid: str
    fields: dict[str, Any] = field(default_factory=dict)
    changes: list[dict[str, Any]] = field(default_factory=list)
    problem: str = ""
    known: bool = False

    @property
    def source(self) -> str:
        """Under which it is recognised when the file comes again."""
        return f"uid:{hashlib.sha256(self.uid.encode()).hexdigest()}"

    @property
    def a_year(self) -> int:
        """How often it would stand on the calendar in a year."""
        return rules.a_year(self.fields.get("rrule", ""), self.fields["starts_at"])

    @property
    def in_all(self) -> int | None:
        """As `rules.in_all`."""
        return rules.in_all(self.fields.get("rrule", ""), self.fields["starts_at"])

    @property
    def may_be_taken(self) -> bool:
        return not self.problem and not self.known


def read(content: bytes, *, by: Member, host: str) -> list[Draft]:
    """The events of a file, the earliest first. Raises ValidationError for what is no calendar, or too much of one."""
    drafts: dict[str, Draft] = {}
    moved: list[tuple[str, Any]] = []
    for component in _components(content):
        uid = _line(component, "UID", 1000)
        if "RECURRENCE-ID" in component:
            moved.append((uid, component))
        elif uid not in drafts:
            drafts[uid] = _draft(uid, component, by)
    for uid, component in moved:
        if uid in drafts and drafts[uid].fields.get("rrule"):
            drafts[uid].changes += _change(component)
    found = list(drafts.values())
    _recognise(found, host)
    return sorted(found, key=lambda draft: (str(draft.fields.get("starts_at", "?")), draft.uid))


@transaction.atomic
def take(drafts: Collection[Draft], uids: Collection[str], audience: str, *, by: Member) -> list[Event]:
    """Plan the chosen ones; what is known or has a problem is passed over, whoever else takes it at this moment.

    All of them or none: ValidationError when they are too many for one file, or for the calendar.
    """
    only(by, Act.FILL_CALENDAR)
    chosen = [draft for draft in drafts if draft.may_be_taken and draft.uid in uids]
    _check_times(chosen)
    taken = []
    for draft in chosen:
        try:
            with transaction.atomic():
                taken.append(_plan(draft, audience, by))
        except IntegrityError:  # somebody takes the same file over
            continue
    return taken


def a_year(drafts: Iterable[Draft]) -> int:
    return sum(draft.a_year for draft in drafts)


def _check_times(chosen: list[Draft]) -> None:
    times = a_year(chosen)
    if times > TIMES:
        words = {"times": f"{times:,}", "most": f"{TIMES:,}"}
        raise ValidationError(
            _("選んだ予定は、1年に%(times)s回になります。1度に取り込めるのは、1年に%(most)s回までです。") % words
        )


def _plan(draft: Draft, audience: str, by: Member) -> Event:
    event = Event.plan(by=by, source=draft.source, audience=audience, **draft.fields)
    for change in draft.changes:
        if event.occurrence_on(change["occurs_on"]) and change["ends_at"] > change["starts_at"]:
            OccurrenceChange.objects.update_or_create(
                event=event, occurs_on=change["occurs_on"], defaults=change | {"by": by}
            )
    record("event.import", event, by=by)
    return event


def _components(content: bytes) -> Iterator[Any]:
    """Each VEVENT. Zones a file defines for itself are left out: ours are known by name, and theirs could be traps."""
    if len(content) > LARGEST:
        raise ValidationError(_("ファイルが大きすぎます。512 KBまでにしてください。"))
    lines = content.decode("utf-8-sig", "replace").replace("\0", "").splitlines()
    if len(lines) > LINES:
        raise ValidationError(_("ファイルの行が多すぎます。予定を分けて、書き出してください。"))
    text = "\r\n".join(_without_zones(lines))
    if "BEGIN:VCALENDAR" not in text[:2000].upper():
        raise ValidationError(_("予定表のファイル（.ics）ではないようです。"))
    if text.upper().count("BEGIN:VEVENT") > MOST:
        raise ValidationError(_("予定が多すぎます。%(most)s件までにしてください。") % {"most": MOST})
    try:
        return iter(icalendar.Calendar.from_ical(text).walk("VEVENT"))
    except Exception as error:  # whatever a file from anywhere makes the reader stumble over
        raise ValidationError(_("予定表のファイルが、こわれているようです。")) from error


def _without_zones(lines: list[str]) -> Iterator[str]:
    inside = False
    for line in lines:
        name = line.strip().upper()
        inside = inside or name == "BEGIN:VTIMEZONE"
        if not inside:
            yield line
        inside = inside and name != "END:VTIMEZONE"


def _draft(uid: str, component: Any, by: Member) -> Draft:
    title = _line(component, "SUMMARY", 120)
    try:
        fields = {"title": title, **_times(component), **_rule(component)}
        fields["place"] = _line(component, "LOCATION", 120)
        fields["description"] = _text(component, "DESCRIPTION")[:5000]
        if not uid or str(component.get("STATUS", "")).upper() == "CANCELLED":
            return Draft(uid, fields, problem=_("中止の予定か、しるしのない予定です。"))
        checks.check(Event(author=by, **fields), by)
    except ValidationError as error:
        return Draft(uid, {"title": title}, problem=" ".join(error.messages))
    except Exception:  # as above, for one event
        return Draft(uid, {"title": title}, problem=_("日時が読み取れません。"))
    return Draft(uid, fields)


def _times(component: Any) -> dict[str, Any]:
    begin = component["DTSTART"].dt
    all_day = not isinstance(begin, datetime)
    if "DTEND" in component:
        end = component["DTEND"].dt
    else:
        end = begin + (component["DURATION"].dt if "DURATION" in component else DAY if all_day else HOUR)
    return {"starts_at": _moment(begin), "ends_at": _moment(end), "all_day": all_day}


def _rule(component: Any) -> dict[str, Any]:
    if "RRULE" not in component:
        return {}
    left_out = component.get("EXDATE", [])
    lists = left_out if isinstance(left_out, list) else [left_out]
    days = {timezone.localdate(_moment(each.dt)).isoformat() for dates in lists for each in dates.dts}
    rule = component["RRULE"].to_ical().decode()
    if not rule:
        raise ValueError("The rule was unreadable, and left out by the reader.")
    return {"rrule": rule, "exdates": sorted(days)[:400]}


def _change(component: Any) -> list[dict[str, Any]]:
    """One time of a series that differs; one that cannot be read is not taken along."""
    try:
        times, on = _times(component), timezone.localdate(_moment(component["RECURRENCE-ID"].dt))
        off = str(component.get("STATUS", "")).upper() == "CANCELLED"
        checks.check_times(times["starts_at"], times["ends_at"])
    except Exception:
        return []
    told = {"occurs_on": on, "starts_at": times["starts_at"], "ends_at": times["ends_at"]}
    return [told | {"place": _line(component, "LOCATION", 120), "cancelled_at": timezone.now() if off else None}]


def _moment(value: date | datetime) -> datetime:
    if not isinstance(value, datetime):
        return timezone.make_aware(datetime.combine(value, time.min))
    return timezone.make_aware(value) if timezone.is_naive(value) else value


def _text(component: Any, name: str) -> str:
    text = str(component.get(name, ""))
    return "".join(letter for letter in text if letter == "\n" or category(letter) not in {"Cc", "Cs"})


def _line(component: Any, name: str, longest: int) -> str:
    return " ".join(_text(component, name).split())[:longest]


def _recognise(drafts: list[Draft], host: str) -> None:
    """Those that were taken before, and our own that come back."""
    sources = set(Event.objects.filter(source__in=[draft.source for draft in drafts]).values_list("source", flat=True))
    own = {draft.uid: ical.pk_of(draft.uid, host) for draft in drafts}
    numbers = [pk for pk in own.values() if pk is not None and pk < 2**63]
    here = set(Event.objects.filter(pk__in=numbers).values_list("pk", flat=True))
    for draft in drafts:
        draft.known = draft.source in sources or own[draft.uid] in here
