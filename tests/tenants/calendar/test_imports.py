"""Files of other calendars: taken over once, and whatever is hostile or huge refused."""

import contextlib
from datetime import date, datetime

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from tenants.calendar import ical, imports
from tenants.calendar.models import Event

HOST = "tonan.kairan.localhost"
ONE = """BEGIN:VEVENT
UID:a@elsewhere
SUMMARY:夏まつり
DTSTART;TZID=Asia/Tokyo:20310802T160000
DTEND;TZID=Asia/Tokyo:20310802T203000
LOCATION:公園
END:VEVENT
"""
SERIES = """BEGIN:VEVENT
UID:b@elsewhere
SUMMARY:清掃
DTSTART;TZID=Asia/Tokyo:20310705T080000
DURATION:PT1H
RRULE:FREQ=WEEKLY;COUNT=5
EXDATE;TZID=Asia/Tokyo:20310712T080000
END:VEVENT
BEGIN:VEVENT
UID:b@elsewhere
RECURRENCE-ID;TZID=Asia/Tokyo:20310719T080000
SUMMARY:清掃
DTSTART;TZID=Asia/Tokyo:20310720T100000
DTEND;TZID=Asia/Tokyo:20310720T110000
LOCATION:集会所
END:VEVENT
"""


def file(*parts: str) -> bytes:
    return ("BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\n" + "".join(parts) + "END:VCALENDAR\n").encode()


def read(content: bytes, by) -> list[imports.Draft]:
    return imports.read(content, by=by, host=HOST)


def take(content: bytes, by) -> list[Event]:
    drafts = read(content, by)
    return imports.take(drafts, [draft.uid for draft in drafts], "everyone", by=by)


def days(event: Event) -> list[str]:
    found = event.occurrences(event.starts_at, timezone.make_aware(datetime(2031, 9, 1)))
    return [f"{timezone.localtime(each.starts_at):%m-%d %H}" for each in found]


def test_events_and_series_are_taken_over_with_their_exceptions(officer):
    single, series = sorted(take(file(ONE, SERIES), officer), key=lambda event: event.rrule)
    assert (single.title, single.place) == ("夏まつり", "公園")
    assert timezone.localtime(single.ends_at).hour == 20
    assert days(series) == ["07-05 08", "07-20 10", "07-26 08", "08-02 08"]
    assert series.occurrence_on(date(2031, 7, 19)).place == "集会所"


def test_the_same_file_again_brings_nothing_new(officer):
    assert len(take(file(ONE, SERIES), officer)) == 2
    assert [draft.known for draft in read(file(ONE, SERIES), officer)] == [True, True]
    assert take(file(ONE, SERIES), officer) == []


def test_two_who_looked_at_the_same_file_plan_its_events_once(officer):
    drafts = [read(file(ONE), officer), read(file(ONE), officer)]
    taken = [imports.take(each, ["a@elsewhere"], "everyone", by=officer) for each in drafts]
    assert [len(each) for each in taken] == [1, 0]


def test_our_own_events_come_back_recognised(officer):
    event = take(file(ONE), officer)[0]
    assert [draft.known for draft in read(ical.feed([event], name="桃南会", host=HOST), officer)] == [True]


def test_only_what_is_chosen_is_taken_and_only_by_officers(officer, leader):
    drafts = read(file(ONE, SERIES), officer)
    assert [event.title for event in imports.take(drafts, ["a@elsewhere"], "officers", by=officer)] == ["夏まつり"]
    with pytest.raises(PermissionError):
        imports.take(drafts, ["b@elsewhere"], "everyone", by=leader)


HUGE = "X" * (imports.LARGEST + 1)
MANY = "".join(ONE.replace("a@", f"{n}@") for n in range(imports.MOST + 1))


@pytest.mark.parametrize(
    "content",
    [b"", b"\x00\xff\xfe", b"PK\x03\x04zip", b"<html>", HUGE.encode(), file(MANY)],
    ids=["empty", "bytes", "zip", "html", "huge", "many"],
)
def test_what_is_no_calendar_or_too_much_of_one_is_refused(officer, content):
    with pytest.raises(ValidationError):
        read(content, officer)


@pytest.mark.parametrize("inside", ["BEGIN:X\n" * 30_000, "END:VEVENT\n", "BEGIN:VTIMEZONE\n" * 30_000, ":\n;=;\n" * 9])
def test_nested_and_broken_nonsense_brings_nothing_in(officer, inside):
    found = []
    with contextlib.suppress(ValidationError):
        found = read(file(inside), officer)
    assert found == []


@pytest.mark.parametrize(
    "line",
    [
        "RRULE:FREQ=SECONDLY",
        "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "RRULE:x",
        "DTSTART:00010101T000000Z",
        "DTSTART:99991231T235959Z",
        "DTSTART:20319999",
        "DTEND:20200101T000000Z",
        "SUMMARY:",
        "STATUS:CANCELLED",
        "DTSTART;TZID=../../etc/passwd:x",
    ],
)
def test_an_event_that_cannot_be_planned_says_why_and_the_others_are_taken(officer, line):
    name = line.split(":")[0].split(";")[0]
    lines = [each for each in ONE.splitlines() if not each.startswith(name)]
    odd = "\n".join([*lines[:-1], line, lines[-1], ""]).replace("a@elsewhere", "odd@elsewhere")
    drafts = {draft.uid: draft for draft in read(file(odd, ONE), officer)}
    assert drafts["odd@elsewhere"].problem
    assert drafts["a@elsewhere"].may_be_taken


def test_a_zone_that_a_file_defines_for_itself_is_not_believed(officer):
    zone = """BEGIN:VTIMEZONE
TZID:Asia/Tokyo
BEGIN:STANDARD
DTSTART:19700101T000000
TZOFFSETFROM:-1200
TZOFFSETTO:-1200
RRULE:FREQ=SECONDLY
END:STANDARD
END:VTIMEZONE
"""
    event = take(file(zone, ONE), officer)[0]
    assert timezone.localtime(event.starts_at).hour == 16


def test_signs_nobody_can_store_or_see_are_left_out(officer):
    odd = ONE.replace("夏まつり", "夏\x00ま\x07つり").replace("LOCATION:公園", "LOCATION:" + "公" * 500)
    event = take(file(odd), officer)[0]
    assert event.title == "夏まつり"
    assert len(event.place) == 120
