"""What other programs write into their files, as people reported it: all of it is taken, or told."""

from datetime import date, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from tenants.calendar import imports
from tenants.calendar.models import Event

TOKYO = ";TZID=Asia/Tokyo"


def an_event(*lines: str, uid: str = "a@elsewhere", title: str = "清掃") -> str:
    named = [f"UID:{uid}"] if uid else []
    return "\r\n".join(["BEGIN:VEVENT", *named, f"SUMMARY:{title}", *lines, "END:VEVENT", ""])


def file(*parts: str, head: str = "") -> bytes:
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n{head}{''.join(parts)}END:VCALENDAR\r\n".encode()


def at(day: str, hours: str = "090000-100000", zone: str = TOKYO) -> tuple[str, str]:
    begins, ends = hours.split("-")
    return f"DTSTART{zone}:{day}T{begins}", f"DTEND{zone}:{day}T{ends}"


def utc(day: str) -> tuple[str, str]:
    """Eight in the morning of the day after, here."""
    return f"DTSTART:{day}T230000Z", f"DTEND:{day}T233000Z"


@pytest.fixture
def look(officer):
    def look(*parts: str | bytes, head: str = "") -> imports.Drafts:
        content = parts[0] if isinstance(parts[0], bytes) else file(*map(str, parts), head=head)
        return imports.read(content, by=officer, host="tonan.kairan.localhost")

    return look


@pytest.fixture
def taken(look, officer):
    """When what the file says takes place, once it is on the calendar."""

    def taken(*parts: str | bytes, head: str = "") -> list[str]:
        drafts = look(*parts, head=head)
        assert [draft.problem for draft in drafts] == [""] * len(drafts)
        imports.take(drafts, [draft.uid for draft in drafts], "everyone", by=officer)
        return on_the_calendar()

    return taken


def on_the_calendar(year: int = 2031) -> list[str]:
    start, end = (timezone.make_aware(datetime(each, 1, 1)) for each in (year, year + 1))
    found = [each for each in Event.objects.between(start, end) if not each.cancelled_at]
    return [f"{timezone.localtime(each.starts_at):%m-%d %H:%M} {each.event.title}" for each in found]


@pytest.mark.parametrize("end", [b"\r\n", b"\n", b"\r"])
@pytest.mark.parametrize("place", range(8, 23))
def test_a_line_folded_in_the_middle_of_a_letter_is_whole(look, place, end):
    said = "SUMMARY:春の清掃😀です".encode()
    folded = said[:place] + end + b" " + said[place:]
    whole = file(an_event(*at("20310503"), title="?")).replace(b"\r\n", end)
    drafts = look(whole.replace(b"SUMMARY:?", folded))
    assert [draft.fields["title"] for draft in drafts] == ["春の清掃😀です"]


@pytest.mark.parametrize("charset", ["utf-8-sig", "cp932", "utf-16"])
def test_a_file_in_another_charset_is_read(look, charset):
    drafts = look(file(an_event(*at("20310503"), title="資源回収")).decode().encode(charset))
    assert ([draft.fields["title"] for draft in drafts], drafts.told) == (["資源回収"], [])


def test_letters_nobody_can_read_are_told(look):
    content = file(an_event(*at("20310503"), "DESCRIPTION:軍手をお持ちください")).replace("清".encode(), b"\xe6\xb8")
    drafts = look(content)
    assert "読めない文字" in drafts.told[0]
    assert drafts[0].fields["description"] == "軍手をお持ちください"


def test_signs_at_which_lines_do_not_end_leave_the_event_whole(look):
    (draft,) = look(an_event("DESCRIPTION:上\u2028下\x0b\x1c\x85END:VEVENT", *at("20310503")))
    assert draft.fields["description"] == "上\u2028下END:VEVENT"


def test_days_added_to_an_event_or_a_series_are_taken(taken):
    lone = an_event(*at("20310507"), f"RDATE{TOKYO}:20310521T090000,20310611T090000", title="回収")
    added = f"RDATE{TOKYO}:20310610T150000,20310508T090000"
    series = an_event(*at("20310501"), "RRULE:FREQ=WEEKLY;COUNT=2", added, uid="b")
    assert taken(lone, series) == [
        "05-01 09:00 清掃", "05-07 09:00 回収", "05-08 09:00 清掃", "05-21 09:00 回収",
        "06-10 15:00 清掃", "06-11 09:00 回収",
    ]  # fmt: skip


def test_an_added_day_may_have_a_length_of_its_own_and_may_be_moved_or_left_out(taken):
    lines = (
        "RDATE;VALUE=PERIOD:20310510T000000Z/PT3H,20310511T000000Z/20310511T010000Z",
        f"RDATE{TOKYO}:20310512T090000,20310513T090000",
        f"EXDATE{TOKYO}:20310512T090000",
    )
    moved = an_event(f"RECURRENCE-ID{TOKYO}:20310513T090000", *at("20310514", "120000-130000"), title="清掃（変更）")
    assert taken(an_event(*at("20310503"), *lines), moved) == [
        "05-03 09:00 清掃", "05-10 09:00 清掃", "05-11 09:00 清掃", "05-14 12:00 清掃（変更）",
    ]  # fmt: skip
    ten = Event.objects.get(starts_at__date=date(2031, 5, 10))
    assert ten.ends_at - ten.starts_at == timedelta(hours=3)


def test_an_event_with_days_of_its_own_is_recognised_as_one(look, taken):
    parts = [an_event(*at("20310507"), f"RDATE{TOKYO}:20310521T090000")]
    assert len(taken(*parts)) == 2
    assert [draft.known for draft in look(*parts)] == [True]
    assert len(taken(*parts)) == 2


def test_single_times_of_a_series_that_is_not_in_the_file_are_events(taken):
    times = [an_event(f"RECURRENCE-ID:{day}T100000Z", *at(day, "190000-200000")) for day in ("20310510", "20310610")]
    assert taken(*times) == ["05-10 19:00 清掃", "06-10 19:00 清掃"]


def test_a_single_time_of_a_series_that_is_on_the_calendar_is_told(look, taken):
    taken(an_event(*at("20310503"), "RRULE:FREQ=WEEKLY;COUNT=3"))
    (draft,) = look(an_event(f"RECURRENCE-ID{TOKYO}:20310510T090000", *at("20310511")))
    assert "もとのくり返し" in draft.problem


def test_a_time_the_series_does_not_have_is_an_event_of_its_own(taken):
    series = an_event(*at("20310503"), "RRULE:FREQ=WEEKLY;COUNT=2")
    odd = an_event(f"RECURRENCE-ID{TOKYO}:20310506T090000", *at("20310507"))
    assert taken(series, odd) == ["05-03 09:00 清掃", "05-07 09:00 清掃", "05-10 09:00 清掃"]


def test_a_time_of_a_series_that_says_something_else_keeps_what_it_says(taken):
    series = an_event(*at("20310503"), "RRULE:FREQ=WEEKLY;COUNT=3")
    other = an_event(f"RECURRENCE-ID{TOKYO}:20310510T090000", *at("20310510"), "DESCRIPTION:軍手", title="大掃除")
    assert taken(series, other) == ["05-03 09:00 清掃", "05-10 09:00 大掃除", "05-17 09:00 清掃"]
    assert Event.objects.get(title="大掃除").description == "軍手"


def test_of_revisions_the_newest_counts_and_the_older_is_told(look, taken):
    newer = an_event("SEQUENCE:10", *at("20310519"), title="花火（延期）")
    older = an_event("SEQUENCE:9", "LAST-MODIFIED:20310601T000000Z", *at("20310512"), title="花火")
    assert look(newer, older).told == look(older, newer).told
    assert "：花火" in look(older, newer).told[0]
    assert taken(newer, older) == ["05-19 09:00 花火（延期）"]


@pytest.mark.parametrize("stamp", ["LAST-MODIFIED", "DTSTAMP"])
def test_of_one_sequence_the_later_stamp_counts(taken, stamp):
    newer = an_event(f"{stamp}:20310201T000000Z", *at("20310519"))
    older = an_event(f"{stamp}:20310101T000000Z", *at("20310512"))
    assert taken(newer, older) == ["05-19 09:00 清掃"]


def test_a_time_that_was_deleted_in_the_newer_revision_stays_deleted(taken):
    rule = "RRULE:FREQ=WEEKLY;COUNT=3"
    newer = an_event("SEQUENCE:3", *at("20311201"), rule, f"EXDATE{TOKYO}:20311208T090000")
    assert taken(newer, an_event("SEQUENCE:1", *at("20311201"), rule)) == ["12-01 09:00 清掃", "12-15 09:00 清掃"]


def test_events_without_a_uid_are_recognised_by_what_they_say(look, taken):
    parts = [an_event(*at(f"203105{day}"), uid="", title=f"会{day}") for day in (13, 14, 15)]
    assert taken(*parts) == ["05-13 09:00 会13", "05-14 09:00 会14", "05-15 09:00 会15"]
    assert [draft.known for draft in look(*parts)] == [True] * 3


@pytest.mark.parametrize(
    ("begins", "rule", "days"),
    [
        ("20310503", "FREQ=WEEKLY;COUNT=3;BYDAY=SA", "05-04 05-11 05-18"),
        ("20310503", "FREQ=WEEKLY;COUNT=4;BYDAY=SA,SU", "05-04 05-05 05-11 05-12"),
        ("20310503", "FREQ=WEEKLY;COUNT=4;INTERVAL=2;BYDAY=SA,SU", "05-04 05-05 05-18 05-19"),
        ("20310503", "FREQ=WEEKLY;UNTIL=20310510T230000Z", "05-04 05-11"),
        ("20310503", "FREQ=WEEKLY;UNTIL=20310510;BYDAY=SA", "05-04 05-11"),
        ("20310503", "FREQ=DAILY;COUNT=2", "05-04 05-05"),
        ("20310510", "FREQ=MONTHLY;COUNT=3;BYDAY=2SA", "05-11 06-15 07-13"),
        ("20310430", "FREQ=MONTHLY;COUNT=3;BYMONTHDAY=30", "05-01 05-31 07-01"),
        ("20310531", "FREQ=MONTHLY;COUNT=2;BYMONTHDAY=-1", "06-01 07-01"),
        ("20310507", "FREQ=MONTHLY;COUNT=2", "05-08 06-08"),
        ("20310507", "FREQ=YEARLY", "05-08"),
    ],
)
def test_a_rule_that_counts_in_utc_comes_round_on_the_days_it_means_here(taken, begins, rule, days):
    assert taken(an_event(*utc(begins), f"RRULE:{rule}")) == [f"{day} 08:00 清掃" for day in days.split()]


def test_days_left_out_and_moved_follow_a_rule_that_counts_in_utc(taken):
    lines = ("RRULE:FREQ=WEEKLY;COUNT=4;BYDAY=SA", "EXDATE;VALUE=DATE:20310510")
    moved = an_event("RECURRENCE-ID:20310517T230000Z", *at("20310520"))
    assert taken(an_event(*utc("20310503"), *lines), moved) == [
        "05-04 08:00 清掃",
        "05-20 09:00 清掃",
        "05-25 08:00 清掃",
    ]


def test_a_rule_on_clocks_with_summer_time_is_listed_or_told(look, taken):
    there = at("20311018", zone=";TZID=America/New_York")
    (draft,) = look(an_event(*there, "RRULE:FREQ=WEEKLY"))
    assert "日本の時刻で" in draft.problem
    assert taken(an_event(*there, "RRULE:FREQ=WEEKLY;COUNT=4")) == [
        "10-18 22:00 清掃", "10-25 22:00 清掃", "11-01 22:00 清掃", "11-08 23:00 清掃",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("zone", "hour", "told"),
    [
        ("JST", 9, False),
        ("GMT+0900", 9, False),
        ("GMT+1", 17, False),
        ("(UTC+09:00) Osaka", 9, False),
        ("/Europe/Berlin", 16, False),
        ("Somewhere Else", 9, True),
        ("(UTC-05:00) Eastern Time", 9, True),
    ],
)
def test_a_zone_is_known_or_told(look, zone, hour, told):
    (draft,) = look(an_event(*at("20310601", zone=f';TZID="{zone}"')))
    assert timezone.localtime(draft.fields["starts_at"]).hour == hour
    assert any(zone in note for note in draft.notes) == told


@pytest.mark.parametrize(
    ("lines", "shown"),
    [
        (("DTSTART;VALUE=DATE:20310605", "DTEND;VALUE=DATE:20310605"), "05 00:00 06 00:00 True"),
        (("DTSTART;VALUE=DATE:20310607", "DTEND;VALUE=DATE:20310610"), "07 00:00 10 00:00 True"),
        (("DTSTART;VALUE=DATE:20310605", "DURATION:PT1H"), "05 00:00 06 00:00 True"),
        (("DTSTART:20310605T080000Z", "DTEND:20310605T080000Z"), "05 17:00 05 18:00 False"),
        (("DTSTART:20310605T080000Z", "DURATION:PT0S"), "05 17:00 05 18:00 False"),
        (("DTSTART:20310605T080000Z",), "05 17:00 05 18:00 False"),
        (
            ("X-MICROSOFT-CDO-ALLDAYEVENT:TRUE", "DTSTART:20310610T150000Z", "DTEND:20310611T150000Z"),
            "11 00:00 12 00:00 True",
        ),
    ],
)
def test_what_has_no_length_is_some_while_and_a_whole_day_is_one(look, lines, shown):
    (draft,) = look(an_event(*lines))
    begins, ends = (timezone.localtime(draft.fields[name]) for name in ("starts_at", "ends_at"))
    assert (draft.problem, f"{begins:%d %H:%M} {ends:%d %H:%M} {draft.fields['all_day']}") == ("", shown)


def test_a_description_written_as_a_page_is_read_as_words_with_their_addresses(look):
    page = '<html-blob><p>筆記<b>用具</b><br>申込：<a href="https://example.jp/?a=1&amp\\;b=2">こちら</a></p><ul><li>徒歩</li>'
    hidden = "<style>p{}</style><script>x</script></ul></html-blob>"
    (draft,) = look(an_event(*at("20310801"), f"DESCRIPTION:{page}{hidden}"))
    assert draft.fields["description"] == "筆記用具\n申込：こちら https://example.jp/?a=1&b=2\n\n・徒歩"


@pytest.mark.parametrize("plain", ["3 < 5 & 7 > 6", "<東門> に集合", "a&amp\\;b"])
def test_a_description_that_only_looks_like_a_page_stays(look, plain):
    (draft,) = look(an_event(*at("20310801"), f"DESCRIPTION:{plain}"))
    assert draft.fields["description"] == plain.replace("\\", "")


def test_the_address_of_an_event_is_kept(look):
    (draft,) = look(an_event(*at("20310801"), "DESCRIPTION:要予約", "URL:https://example.jp/f"))
    assert draft.fields["description"] == "要予約\n\nhttps://example.jp/f"


def test_of_too_many_events_those_to_come_are_taken_and_the_rest_is_told(look):
    past = [an_event(*at("20200503"), uid=f"p{n}") for n in range(imports.MOST)]
    drafts = look(*past, an_event(*at("20310503")))
    assert [draft.uid for draft in drafts] == ["a@elsewhere"]
    assert f"過ぎた予定{imports.MOST}件" in drafts.told[0]
    with pytest.raises(ValidationError, match="期間を短く"):
        look(*[an_event(*at("20310503"), uid=f"p{n}") for n in range(imports.MOST + 1)])


def test_an_old_series_that_goes_on_is_taken_from_this_year_on(taken, look):
    lines = ("DTSTART;VALUE=DATE:19750401", "DTEND;VALUE=DATE:19750402", "RRULE:FREQ=YEARLY")
    assert taken(an_event(*lines)) == ["04-01 00:00 清掃"]
    assert Event.objects.get(title="清掃", rrule="FREQ=YEARLY").starts_at.year == timezone.localdate().year
    ended = an_event(*lines[:2], "RRULE:FREQ=YEARLY;COUNT=20", uid="b")
    single = an_event(*lines[:2], uid="c")
    assert {draft.uid: draft.problem for draft in look(ended, single)} == {
        "b": "もう終わった、くり返しの予定です。",
        "c": "西暦2000年より前の予定は、取り込めません。",
    }


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (["EXRULE:FREQ=WEEKLY;INTERVAL=2"], "くり返しの決まり"),
        (["EXDATE:" + ",".join(["20310510T090000"] * 401)], "多すぎます"),
        (["STATUS:CANCELLED"], "中止"),
        (["RRULE:FREQ=WEEKLY;BYDAY=MO"], "はじめの日"),
    ],
)
def test_what_cannot_be_taken_as_it_is_meant_is_told(look, lines, told):
    (draft,) = look(an_event(*at("20310503"), *([] if "RRULE" in lines[0] else ["RRULE:FREQ=WEEKLY"]), *lines))
    assert told in draft.problem


def test_a_series_that_changes_from_a_day_on_is_told(look):
    change = an_event(f"RECURRENCE-ID;RANGE=THISANDFUTURE{TOKYO}:20310510T090000", *at("20310511"))
    (draft,) = look(an_event(*at("20310503"), "RRULE:FREQ=WEEKLY;COUNT=3"), change)
    assert "途中から変わる" in draft.problem


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (["CLASS:PRIVATE"], "非公開"),
        (["LOCATION:" + "あ" * 121], "途中まで"),
        (["RRULE:FREQ=WEEKLY;COUNT=2", f"EXDATE{TOKYO}:20310510T120000"], "のぞく日"),
        ([f"RDATE{TOKYO}:20310510T120000"], "1日ずつ別の行事"),
    ],
)
def test_what_is_taken_otherwise_than_it_was_written_is_told(look, lines, told):
    (draft,) = look(an_event(*at("20310503"), *lines))
    assert draft.may_be_taken
    assert told in draft.notes[0]


def test_what_a_file_holds_beside_events_is_told(look):
    drafts = look("BEGIN:VTODO\r\nUID:t\r\nSUMMARY:買う\r\nEND:VTODO\r\n", an_event(*at("20310503")))
    assert len(drafts) == 1
    assert "1件" in drafts.told[0]


def test_several_calendars_in_one_file_are_read(look):
    assert len(look(file(an_event(*at("20310503"))) + file(an_event(*at("20310504"), uid="b")))) == 2


def test_a_file_that_was_cut_short_is_told(look):
    whole = file(an_event(*at("20310503")), an_event(*at("20310504"), uid="b"))
    drafts = look(whole[: whole.rindex(b"DTEND")])
    assert len(drafts) == 2
    assert "途中で切れて" in drafts.told[0]


@pytest.mark.parametrize("method", ["CANCEL", "REPLY"])
def test_a_message_about_an_event_is_no_calendar(look, method):
    with pytest.raises(ValidationError, match="中止や返事"):
        look(an_event(*at("20310503")), head=f"METHOD:{method}\r\n")


def test_words_of_old_phones_are_refused_with_a_way_on(look):
    with pytest.raises(ValidationError, match="iCalendar"):
        look(an_event(*at("20310503"), "DESCRIPTION;ENCODING=QUOTED-PRINTABLE:=E5=85=AC"))


def test_a_known_event_that_the_file_has_at_another_time_is_told(look, taken):
    taken(an_event(*at("20310503")))
    drafts = look(an_event("SEQUENCE:2", *at("20310510")))
    assert drafts[0].known
    assert "日時がちがいます：清掃" in drafts.told[0]


def test_more_days_than_one_event_may_have_are_told(look):
    days = ",".join(f"2031{month:02}{day:02}T090000" for month in (6, 7, 8) for day in range(1, 29))
    (draft,) = look(an_event(*at("20310503"), f"RDATE{TOKYO}:{days}"))
    assert "60日まで" in draft.problem
