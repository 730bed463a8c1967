"""How much may be planned: in times a year and in series, by hand and by file, by officers and in a community."""

from datetime import date, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from controlplane.tenancy import bound
from tenants.calendar import imports
from tenants.calendar.models import Event
from tenants.calendar.models.fullness import A_COMMUNITY, ALL
from tenants.communities.models import Community


def at(*parts: int) -> datetime:
    return timezone.make_aware(datetime(*parts))


def plan(by, **fields) -> Event:
    starts = fields.pop("starts_at", at(2027, 5, 8, 8))
    return Event.plan(by=by, title="会", starts_at=starts, ends_at=starts + timedelta(hours=1), **fields)


def fill(by, many: int, **fields) -> None:
    """As many as that, past the verb that would refuse the last of them."""
    starts = fields.pop("starts_at", at(2027, 1, 1, 7))
    Event.objects.bulk_create(
        Event(title="体操", starts_at=starts, ends_at=starts + timedelta(hours=1), author=by, **fields)
        for _ in range(many)
    )


@pytest.fixture
def club():
    return Community.objects.get(name="防災の会")


def test_daily_events_planned_one_by_one_come_to_an_end(officer):
    fill(officer, ALL.times // 366 - 1, rrule="FREQ=DAILY")
    event = plan(officer, rrule="FREQ=DAILY")
    for rule in ("FREQ=DAILY", "FREQ=YEARLY;INTERVAL=5;BYMONTHDAY=" + ",".join(map(str, range(1, 32)))):
        with pytest.raises(ValidationError) as refused:
            plan(officer, rrule=rule)
        assert "1年に5,000回" in " ".join(refused.value.messages)
    event.change(by=officer, title="夏だけの体操", rrule="FREQ=DAILY;UNTIL=20270831")
    assert plan(officer, rrule="FREQ=YEARLY")


def test_what_has_ended_and_what_is_years_away_takes_no_room(officer):
    fill(officer, 40, rrule="FREQ=DAILY;UNTIL=20200101", starts_at=at(2019, 1, 1, 7))
    fill(officer, 40, rrule="FREQ=DAILY;COUNT=300", starts_at=at(2019, 1, 1, 7))
    fill(officer, ALL.times, starts_at=at(2030, 5, 8, 8))
    assert plan(officer)
    with pytest.raises(ValidationError):
        plan(officer, starts_at=at(2030, 5, 8, 8))


def test_a_series_that_had_ended_is_weighed_anew_when_it_is_to_go_on(officer):
    event = plan(officer, starts_at=at(2019, 1, 1, 7), rrule="FREQ=DAILY;UNTIL=20200101")
    fill(officer, ALL.times // 366, rrule="FREQ=DAILY")
    with pytest.raises(ValidationError):
        event.change(by=officer, rrule="FREQ=DAILY")


def test_series_are_counted_also_when_one_is_cut_in_two(officer):
    event = plan(officer, rrule="FREQ=WEEKLY;COUNT=9")
    fill(officer, ALL.series - 1, rrule="FREQ=YEARLY")
    with pytest.raises(ValidationError) as refused:
        plan(officer, rrule="FREQ=YEARLY")
    assert "くり返しは500件" in " ".join(refused.value.messages)
    with pytest.raises(ValidationError):
        event.change_from(date(2027, 5, 22), by=officer, title="夏の会")
    assert Event.objects.filter(title="夏の会").count() == 0
    assert plan(officer)


def test_a_community_s_members_do_not_keep_the_officers_from_planning(officer, member, club):
    inside = {"audience": "community", "community": club}
    fill(member, A_COMMUNITY.series, rrule="FREQ=YEARLY", **inside)
    with pytest.raises(ValidationError) as refused:
        plan(member, rrule="FREQ=YEARLY", **inside)
    assert "このコミュニティの行事が多すぎます" in " ".join(refused.value.messages)
    assert plan(officer, rrule="FREQ=DAILY")


def test_another_association_s_calendar_has_its_own_room(officer, outsider, fujishiro):
    fill(officer, ALL.times // 366, rrule="FREQ=DAILY")
    with bound(fujishiro), pytest.raises((ValidationError, PermissionError)) as refused:
        plan(outsider, rrule="FREQ=DAILY")
    assert refused.type is PermissionError  # a plain member there, not a full calendar


def file(*rules: str) -> bytes:
    events = "".join(
        f"BEGIN:VEVENT\nUID:{n}@elsewhere\nSUMMARY:体操{n}\nDTSTART;TZID=Asia/Tokyo:20310705T080000\n"
        f"DURATION:PT1H\nRRULE:{rule}\nEND:VEVENT\n"
        for n, rule in enumerate(rules)
    )
    return f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\n{events}END:VCALENDAR\n".encode()


def test_a_file_says_how_often_each_event_would_come_and_not_too_much_is_taken_at_once(officer):
    drafts = imports.read(file(*["FREQ=DAILY"] * 6, "FREQ=WEEKLY;COUNT=5"), by=officer, host="x")
    assert sorted((draft.a_year, draft.in_all or 0) for draft in drafts)[0] == (5, 5)
    uids = [draft.uid for draft in drafts]
    with pytest.raises(ValidationError) as refused:
        imports.take(drafts, uids, "everyone", by=officer)
    assert "1年に2,201回" in " ".join(refused.value.messages)
    assert not Event.objects.filter(title__startswith="体操").exists()
    assert len(imports.take(drafts, uids[:5], "everyone", by=officer)) == 5


def test_a_file_of_hostile_rules_is_judged_rule_by_rule(officer):
    nasty = [f"FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30;INTERVAL={n + 1}" for n in range(imports.MOST)]
    drafts = imports.read(file(*nasty), by=officer, host="x")
    assert len(drafts) == imports.MOST
    assert not any(draft.may_be_taken for draft in drafts)


def test_a_file_of_more_lines_than_events_need_is_refused(officer):
    with pytest.raises(ValidationError):
        imports.read(
            file("FREQ=DAILY").replace(b"DURATION", b"X:1\n" * imports.LINES + b"DURATION"), by=officer, host="x"
        )
