"""Files and last year's events on their pages: looked at first, then taken over. Officers only."""

import base64
from datetime import datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from controlplane.tenancy import bound
from tenants.calendar.models import Event

CALENDAR = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:x
BEGIN:VEVENT
UID:a@elsewhere
SUMMARY:夏まつり
DTSTART;TZID=Asia/Tokyo:20310802T160000
DTEND;TZID=Asia/Tokyo:20310802T203000
END:VEVENT
BEGIN:VEVENT
UID:b@elsewhere
SUMMARY:読めない予定
DTSTART:20310802T160000
RRULE:FREQ=SECONDLY
END:VEVENT
END:VCALENDAR
""".encode()


def upload(client, content=CALENDAR):
    return client.post("/calendar/import/", {"file": SimpleUploadedFile("x.ics", content)})


def count(tonan, **fields):
    with bound(tonan):
        return Event.objects.filter(**fields).count()


def test_a_file_is_shown_first_and_taken_over_with_ticks(client_for, officer, member, tonan):
    client = client_for(officer)
    page = upload(client)
    text = page.content.decode()
    assert "夏まつり" in text
    assert "取り込めない予定 1件" in text
    assert count(tonan, title="夏まつり") == 0
    fields = {"content": page.context["content"], "uid": ["a@elsewhere", "b@elsewhere"], "audience": "everyone"}
    assert "1件の予定を" in client.post("/calendar/import/take/", fields, follow=True).content.decode()
    assert "夏まつり" in client_for(member).get("/calendar/?month=2031-08").content.decode()
    assert "1件は、もうカレンダーにあります" in upload(client).content.decode()
    client.post("/calendar/import/take/", fields)
    assert count(tonan, title="夏まつり") == 1


@pytest.mark.parametrize("content", [b"x", b"\x00" * 100, b"X" * 600_000], ids=["text", "zeros", "huge"])
def test_what_is_no_calendar_is_told(client_for, officer, content):
    answer = upload(client_for(officer), content)
    assert answer.status_code == 422
    assert answer.context["form"].errors["file"]


@pytest.mark.parametrize(
    "change", [{"uid": []}, {"audience": "community"}, {"content": "%%"}, {"content": base64.b64encode(b"x").decode()}]
)
def test_a_tampered_form_takes_nothing_over(client_for, officer, tonan, change):
    content = base64.b64encode(CALENDAR).decode()
    fields = {"content": content, "uid": ["a@elsewhere"], "audience": "everyone"} | change
    assert client_for(officer).post("/calendar/import/take/", fields).status_code in (302, 422)
    assert count(tonan, title="夏まつり") == 0


def test_a_year_is_looked_through_and_copied(client_for, officer, plan, tonan):
    event = plan("運動会", timezone.make_aware(datetime(2031, 10, 12, 9)))
    other = plan("花見", timezone.make_aware(datetime(2031, 4, 6, 9)))
    client = client_for(officer)
    text = client.get("/calendar/copy/?year=2031").content.decode()
    assert "前は 2031年10月12日（日）" in text
    assert 'value="2032-10-10"' in text
    fields = {"event": [event.pk], f"day-{event.pk}": "2032-10-17", f"day-{other.pk}": "x"}
    client.post("/calendar/copy/?year=2031", fields)
    assert count(tonan, title="運動会", starts_at__date="2032-10-17") == 1
    assert count(tonan, title="花見") == 1
    assert "1件は、もう写してあります" in client.get("/calendar/copy/?year=2031").content.decode()


@pytest.mark.parametrize("typed", ["x", "0001-01-01", "9999-12-31", ""])
def test_an_odd_day_is_told_and_nothing_is_copied(client_for, officer, plan, tonan, typed):
    event = plan("運動会", timezone.make_aware(datetime(2031, 10, 12, 9)))
    chosen = {} if typed == "" else {"event": [event.pk], f"day-{event.pk}": typed}
    answer = client_for(officer).post("/calendar/copy/?year=2031", chosen)
    assert answer.status_code == 422
    assert "まだ写していません" in answer.content.decode()
    assert count(tonan, title="運動会") == 1


@pytest.mark.parametrize("year", ["x", "1", "99999999999999999999", "-1", "２０３１"])
def test_a_broken_year_is_no_trouble(client_for, officer, year):
    assert client_for(officer).get("/calendar/copy/", {"year": year}).status_code == 200


def test_neither_members_nor_leaders_nor_outsiders_bring_anything_in(client_for, leader, member, outsider, tonan):
    for who in (leader, member, outsider):
        client = client_for(who)
        if who is not outsider:
            assert client.get("/calendar/copy/").status_code == 404
            assert upload(client).status_code == 404
            assert client.post("/calendar/import/take/", {}).status_code == 404
    assert client_for(outsider).get("/calendar/copy/").status_code == 404
    assert count(tonan, title="夏まつり") == 0


def test_what_is_left_aside_or_read_otherwise_is_said_before_anything_is_taken(client_for, officer, tonan):
    old = "BEGIN:VEVENT\nUID:a@elsewhere\nSUMMARY:古い夏まつり\nDTSTART:20310801T070000Z\nEND:VEVENT\n"
    added = "RDATE;TZID=Asia/Tokyo:20310809T160000\nSEQUENCE:1\nEND:VEVENT\n"
    content = CALENDAR.decode().replace("END:VEVENT\n", added, 1).replace("BEGIN:VEVENT\n", old + "BEGIN:VEVENT\n", 1)
    text = upload(client_for(officer), content.encode()).content.decode()
    assert "古い版は使いません：古い夏まつり" in text
    assert "決まりのない1日は、1日ずつ別の行事になります。" in text
    assert count(tonan, title="夏まつり") == 0
