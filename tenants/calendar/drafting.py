"""What would be planned of one event of an .ics file: a series, its times that differ, and days that no rule says."""

import hashlib
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from tenants.calendar import elsewhere, received, recurring, rules
from tenants.calendar.models import Event, checks
from tenants.calendar.received import Clock, Entry, line, text
from tenants.members.models import Member

ALONE = 60  # days of one event that no rule says, each an event of its own
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LONGEST = {"title": 120, "place": 120, "description": 5000}
OLDEST = 2000  # years before are none of the calendar


@dataclass
class Draft:
    """One event of a file, as it would be planned; `problem` says why it cannot be, `known` that it is there.

    `alone` are its times that no rule of ours says, each planned as an event; `notes`, what is left out or meant.
    """

    uid: str
    fields: dict[str, Any] = field(default_factory=dict)
    changes: list[dict[str, Any]] = field(default_factory=list)
    alone: list[dict[str, Any]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    problem: str = ""
    known: bool = False
    series: str = ""  # the UID of which it is a single time

    @property
    def source(self) -> str:
        """Under which it is recognised when the file comes again."""
        return source_of(self.uid)

    @property
    def a_year(self) -> int:
        """How often it would stand on the calendar in a year, at most."""
        return rules.a_year(self.fields.get("rrule", ""), self.fields["starts_at"]) + len(self.alone)

    @property
    def in_all(self) -> int | None:
        """As `rules.in_all`."""
        times = rules.in_all(self.fields.get("rrule", ""), self.fields["starts_at"])
        return None if times is None else times + len(self.alone)

    @property
    def may_be_taken(self) -> bool:
        return not self.problem and not self.known


def source_of(uid: str) -> str:
    return f"uid:{hashlib.sha256(uid.encode()).hexdigest()}"


def draft_of(entry: Entry, by: Member, series: str = "") -> Draft:
    draft = Draft(entry.uid, {"title": line(entry.event, "SUMMARY")[:120]}, series=series)
    try:
        _fill(draft, entry)
        checks.check(Event(author=by, **draft.fields), by)
        for each in draft.alone:
            checks.check(Event(author=by, **each), by)
    except ValidationError as error:
        draft.problem = " ".join(error.messages)
    except Exception:  # whatever one event makes its reader stumble over
        draft.problem = _("日時が読み取れません。")
    if draft.problem:
        draft.fields, draft.alone = {"title": draft.fields["title"]}, []
    draft.notes = list(dict.fromkeys(draft.notes))
    return draft


def _fill(draft: Draft, entry: Entry) -> None:
    event = entry.event
    if _is_off(event):
        raise ValidationError(_("中止の予定です。"))
    if "EXRULE" in event:
        raise ValidationError(_("くり返しの決まりが読み取れません。"))
    if any("RANGE" in each["RECURRENCE-ID"].params for each in entry.times):
        raise ValidationError(_("途中から変わるくり返しは、取り込めません。2つの予定に分けてください。"))
    _note(draft, entry)
    begins = Clock(event, "DTSTART").moment
    span = _span(event)
    rule = _rule(event)
    said = _readable(elsewhere.said_here, rule, begins) if rule and isinstance(begins, datetime) else rule
    if said:
        _fill_series(draft, entry, span, said)
    else:
        _fill_days(draft, entry, span, rule)


def _rule(event: Any) -> str:
    if "RRULE" not in event:
        return ""
    rule: str = event["RRULE"].to_ical().decode()
    if not rule:
        raise ValueError("The rule was unreadable, and left out by the reader.")
    return rule


def _readable(read: Any, *args: Any) -> Any:
    try:
        return read(*args)
    except ValueError as error:
        raise ValidationError(_("くり返しの決まりが読み取れません。")) from error


def _fill_series(draft: Draft, entry: Entry, span: dict[str, Any], rule: str) -> None:
    """A rule of ours, days it leaves out, times that differ, and what is beside it."""
    event = entry.event
    begins = Clock(event, "DTSTART").moment
    draft.fields = _said(event) | span | {"rrule": rule, "exdates": []}
    since = _begin_later(draft)
    starts_at, rule = draft.fields["starts_at"], draft.fields["rrule"]
    draft.fields["exdates"] = left_out = _left_out(draft, event, begins)
    named: dict[str, Any] = {}
    for each in entry.times:
        if since and _span(each)["starts_at"] < since:
            continue
        on = _day_named(draft, each, begins)
        if on is None or on.isoformat() in left_out or not _is_like(each, event):
            left_out += [on.isoformat()] if on else []
            _add_alone(draft, each, event)
        else:
            change = _said(each) | _span(each)
            checks.check_times(change["starts_at"], change["ends_at"])
            off = timezone.now() if _is_off(each) else None
            kept = {name: change[name] for name in ("starts_at", "ends_at", "place")}
            named[on.isoformat()] = kept | {"occurs_on": on, "cancelled_at": off}
    draft.changes = list(named.values())
    excluded = {received.moment_of(moment) for moment, _end in received.dates(event, "EXDATE", begins)}
    for fields in _added(event, span, begins):
        day = timezone.localdate(fields["starts_at"])
        by_rule = any(rules.days(rule, rules.naive(starts_at), day, day)) and _at(draft, day) == fields["starts_at"]
        if not by_rule and fields["starts_at"] not in excluded and not (since and fields["starts_at"] < since):
            draft.alone.append(_said(event) | fields)
    draft.fields["exdates"] = sorted(set(left_out))
    _check_alone(draft)


def _begin_later(draft: Draft) -> datetime | None:
    """One from before our years, that goes on: from this year on, and what is before is over."""
    starts_at, rule = draft.fields["starts_at"], draft.fields["rrule"]
    if starts_at.year >= OLDEST:
        return None
    begins = rules.naive(starts_at)
    read = _readable(recurring.read, rule, begins.date())
    since = date(timezone.localdate().year, 1, 1)
    day = next((day for day in rules.days(rule, begins, since, recurring.END)), None)
    if day is None or not any(read.days(begins.date(), begins.date() + DAY)):
        raise ValidationError(_("もう終わった、くり返しの予定です。"))
    later = timezone.make_aware(datetime.combine(day, begins.time()))
    draft.fields |= {"ends_at": later + (draft.fields["ends_at"] - starts_at), "starts_at": later}
    draft.fields["rrule"] = rules.from_later(rule, starts_at, later)
    draft.notes.append(_("昔からのくり返しなので、今年の分から取り込みます。"))
    return later


def _left_out(draft: Draft, event: Any, begins: date | datetime) -> list[str]:
    """The days of EXDATEs that name one of the series' own times: as a day, as its moment, or as its midnight."""
    days: set[str] = set()
    for moment, _end in received.dates(event, "EXDATE", begins):
        on = _day_of(draft, moment, begins)
        if on is None:
            draft.notes.append(_("のぞく日のうち、くり返しの時刻と合わないものは、使いません。"))
        else:
            days.add(on.isoformat())
    return sorted(days)


def _day_named(draft: Draft, change: Any, begins: date | datetime) -> date | None:
    """Which of the series' own times a RECURRENCE-ID names."""
    on = _day_of(draft, _on_clock(change, begins), begins)
    rule, starts_at = draft.fields["rrule"], rules.naive(draft.fields["starts_at"])
    return on if on is not None and any(rules.days(rule, starts_at, on, on)) else None


def _on_clock(change: Any, begins: date | datetime) -> date | datetime:
    value = change["RECURRENCE-ID"].dt
    if isinstance(value, datetime) and timezone.is_naive(value) and "TZID" not in change["RECURRENCE-ID"].params:
        return value.replace(tzinfo=begins.tzinfo) if isinstance(begins, datetime) else value
    return Clock(change, "RECURRENCE-ID").moment


def _day_of(draft: Draft, moment: date | datetime, begins: date | datetime) -> date | None:
    """The day here on which the series' own time begins that is named so; None when it begins at another."""
    if not isinstance(begins, datetime):
        return moment.date() if isinstance(moment, datetime) else moment
    if not isinstance(moment, datetime) or moment.time() == time.min:
        moment = datetime.combine(moment, begins.time(), begins.tzinfo)
    on = timezone.localdate(moment)
    return on if draft.fields["all_day"] or _at(draft, on) == moment else None


def _at(draft: Draft, day: date) -> datetime:
    """When the series' time of this day begins."""
    return timezone.make_aware(datetime.combine(day, rules.naive(draft.fields["starts_at"]).time()))


def _fill_days(draft: Draft, entry: Entry, span: dict[str, Any], rule: str) -> None:
    """Days without a rule of ours: one, or some, each an event of its own."""
    event = entry.event
    begins = Clock(event, "DTSTART").moment
    spans = {span["starts_at"]: span}
    if rule and isinstance(begins, datetime):
        listed = _readable(elsewhere.listed, rule, begins, ALONE)
        if listed is None:
            raise ValidationError(
                _("外国の時刻で書かれた、ここの日付にできないくり返しです。日本の時刻で書き出してください。")
            )
        length = span["ends_at"] - span["starts_at"]
        spans |= {each: span | {"starts_at": each, "ends_at": each + length} for each in listed}
    spans |= {each["starts_at"]: each for each in _added(event, span, begins)}
    all_fields = {moment: _said(event) | each for moment, each in spans.items()}
    for moment, _end in received.dates(event, "EXDATE", begins):
        _take_out(all_fields, moment, begins)
    for each in entry.times:
        _take_out(all_fields, _on_clock(each, begins), begins)
    for each in entry.times:
        if _is_off(each):
            draft.notes.append(_("中止になった日は、取り込みません。"))
        else:
            fields = _own(each, event)
            all_fields[fields["starts_at"]] = fields
    if not all_fields:
        raise ValidationError(_("中止の予定です。"))
    draft.fields, *draft.alone = [all_fields[moment] for moment in sorted(all_fields)]
    _check_alone(draft)


def _take_out(fields: dict[datetime, dict[str, Any]], named: date | datetime, begins: date | datetime) -> None:
    """What begins at this moment, or on this day of the event's own clock."""
    if isinstance(named, datetime) and isinstance(begins, datetime):
        fields.pop(named, None)
        return
    zone = begins.tzinfo if isinstance(begins, datetime) else timezone.get_default_timezone()
    day = named.date() if isinstance(named, datetime) else named
    for each in [each for each in fields if each.astimezone(zone).date() == day]:
        del fields[each]


def _added(event: Any, span: dict[str, Any], begins: date | datetime) -> list[dict[str, Any]]:
    """The times of RDATEs, as long as the event's own unless they say how long."""
    length = span["ends_at"] - span["starts_at"]
    found = []
    for start, end in received.dates(event, "RDATE", begins):
        if isinstance(begins, datetime) and not isinstance(start, datetime):
            start = datetime.combine(start, begins.time(), begins.tzinfo)
        starts_at = received.moment_of(start)
        ends_at = received.moment_of(end) if end else starts_at + length
        found.append({"starts_at": starts_at, "ends_at": ends_at, "all_day": span["all_day"]})
    return found


def _add_alone(draft: Draft, change: Any, event: Any) -> None:
    """A time that a series of ours cannot say, as an event of its own."""
    if _is_off(change):
        draft.notes.append(_("中止になった日は、取り込みません。"))
    else:
        draft.alone.append(_own(change, event))


def _own(change: Any, event: Any) -> dict[str, Any]:
    said = _said(change) | _span(change)
    return said | {"title": said["title"] or _said(event)["title"]}


def _check_alone(draft: Draft) -> None:
    if len(draft.alone) > ALONE:
        raise ValidationError(_("決まりのない日が多すぎます。%(most)s日までにしてください。") % {"most": ALONE})
    if draft.alone:
        draft.notes.append(_("決まりのない%(n)s日は、1日ずつ別の行事になります。") % {"n": len(draft.alone)})


def _span(event: Any) -> dict[str, Any]:
    """When it is. Without an end, or with one at its beginning, it is some while: a day, or an hour."""
    begin = Clock(event, "DTSTART").moment
    all_day = not isinstance(begin, datetime)
    if "DTEND" in event:
        end = Clock(event, "DTEND").moment
    else:
        end = begin + (event["DURATION"].dt if "DURATION" in event else timedelta())
    starts_at, ends_at = received.moment_of(begin), received.moment_of(end)
    if starts_at == ends_at:
        ends_at += DAY if all_day else HOUR
    flags = {line(event, "X-MICROSOFT-CDO-ALLDAYEVENT").upper(), line(event, "X-FUNAMBOL-ALLDAY").upper()}
    midnights = {rules.naive(starts_at).time(), rules.naive(ends_at).time()} == {time.min}
    if not 1 < starts_at.year < 2101 or not 1 < ends_at.year < 2101:
        raise ValidationError(_("年が読み取れません。"))
    if starts_at.year < OLDEST and "RRULE" not in event:
        raise ValidationError(_("西暦2000年より前の予定は、取り込めません。"))
    return {
        "starts_at": starts_at,
        "ends_at": ends_at,
        "all_day": all_day or (midnights and bool(flags & {"TRUE", "1"})),
    }


def _said(event: Any) -> dict[str, Any]:
    return {name: words[: LONGEST[name]] for name, words in _words(event).items()}


def _words(event: Any) -> dict[str, str]:
    title, place, description = line(event, "SUMMARY"), line(event, "LOCATION"), text(event, "DESCRIPTION")
    description = description or text(event, "X-ALT-DESC")
    url = line(event, "URL")
    if url and url not in description:
        description = f"{description}\n\n{url}".strip()
    return {"title": title, "place": place, "description": description}


def _is_like(change: Any, event: Any) -> bool:
    """Whether a time of a series says what the series says, as ours do: only when and where may differ."""
    said, own = _said(change), _said(event)
    return all(said[name] in ("", own[name]) for name in ("title", "description"))


def _is_off(event: Any) -> bool:
    return line(event, "STATUS").upper() == "CANCELLED"


def _note(draft: Draft, entry: Entry) -> None:
    """What is read in a way that its writer may not have meant."""
    every = [entry.event, *entry.times]
    if any(len(words) > LONGEST[name] for each in every for name, words in _words(each).items()):
        draft.notes.append(_("長い言葉は、途中までになります。"))
    if line(entry.event, "CLASS").upper() in ("PRIVATE", "CONFIDENTIAL"):
        draft.notes.append(_("もとの予定表では「非公開」の予定です。"))
    unknown = {Clock(each, name).unknown for each in every for name in ("DTSTART", "DTEND") if name in each} - {""}
    for zone in sorted(unknown):
        draft.notes.append(_("「%(zone)s」という時間帯がわからないので、日本の時刻として読みました。") % {"zone": zone})
