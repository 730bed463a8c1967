"""How dates, numbers and names read on Kairan's pages."""

import datetime as dt

import pytest
from django.utils import timezone

from web.templatetags import figures, kairan

JST = dt.timezone(dt.timedelta(hours=9))


@pytest.fixture(autouse=True)
def in_july_2026(monkeypatch, settings):
    settings.TIME_ZONE = "Asia/Tokyo"
    monkeypatch.setattr(kairan, "today", lambda: dt.date(2026, 7, 18))
    with timezone.override("Asia/Tokyo"):
        yield


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (dt.date(2026, 7, 26), "7月26日（日）"),
        (dt.date(2026, 7, 20), "7月20日（月・祝）"),
        (dt.date(2027, 4, 1), "2027年4月1日（木）"),
        (dt.datetime(2026, 7, 25, 23, 30, tzinfo=dt.UTC), "7月26日（日）"),
        (None, ""),
    ],
)
def test_a_date_has_its_weekday_and_its_year_only_when_it_is_another(day, words):
    assert kairan.date_ja(day) == words


def test_a_moment_is_read_in_japan_on_the_24_hour_clock():
    assert kairan.datetime_ja(dt.datetime(2026, 7, 25, 23, 5, tzinfo=dt.UTC)) == "7月26日（日）8:05"


def test_a_range_says_the_day_of_its_end_only_over_midnight():
    start = dt.datetime(2026, 8, 1, 16, 0, tzinfo=JST)
    assert kairan.time_range(start, start.replace(hour=20, minute=30)) == "16:00〜20:30"
    assert kairan.time_range(start, start + dt.timedelta(hours=10)) == "16:00〜8月2日（日）2:00"
    assert kairan.time_range(start, None) == "16:00"


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (dt.date(2026, 4, 1), "令和8年度"),
        (dt.date(2027, 3, 31), "令和8年度"),
        (2019, "令和元年度"),
        (dt.date(2019, 3, 31), "平成30年度"),
    ],
)
def test_the_fiscal_year_turns_on_the_first_of_april(value, words):
    assert kairan.era_year(value) == words


def test_days_have_the_colour_of_a_japanese_calendar():
    kinds = [kairan.day_kind(dt.date(2026, 7, day)) for day in (18, 19, 20, 21)]
    assert kinds == ["sat", "sun", "sun", ""]
    assert kairan.weekday_ja(dt.date(2026, 7, 26)) == "日曜日"
    assert kairan.weekday_ja(dt.date(2026, 7, 20)) == "月・祝"


def test_numbers_carry_their_unit_without_a_space():
    assert kairan.yen(2000) == "2,000円"
    assert kairan.households(1400) == "1,400世帯"
    assert kairan.unit(18, "部") == "18部"
    assert kairan.unit(6, "GB") == "6 GB"
    assert kairan.households(None) == ""
    assert kairan.households(0) == "0世帯"


def test_sizes_of_files():
    assert [kairan.bytes_ja(size) for size in (980, 340_000, 6_400_000_000)] == ["980 B", "340 KB", "6.4 GB"]


def test_the_initial_keeps_its_variation_selector():
    assert kairan.initial("防災の会") == "防"
    assert kairan.initial("葛\U000e0100城") == "葛\U000e0100"
    assert kairan.initial("  ") == ""


def test_paragraphs_escape_what_people_type():
    assert kairan.linebreaks_ja("一行目\n二行目\n\n<b>") == "<p>一行目<br>二行目</p><p>&lt;b&gt;</p>"


def test_the_reach_bar_adds_up_to_a_hundred():
    bar = figures.reach_bar(93, 18, 9)
    assert (bar.reached, bar.paper, bar.unknown) == ("77.5", "15", "7.5")
    assert bar.unknown_from == "92.5"
    assert figures.reach_bar(0, 0, 0).reached == "0"


def test_a_share_stays_between_nothing_and_everything():
    assert [figures.share_of(part, 20) for part in (0, 6.4, 40)] == ["0", "32", "100"]
    assert figures.share_of(1, 0) == "0"
    assert figures.percent_of(27, 100) == "27%"
    assert figures.percent_of(1, 0) == "—"


def test_a_chart_has_a_round_scale_and_says_its_last_value():
    chart = figures.line_chart([("5月", 10.0), ("6月", 20.0), ("7月", 27.0)], "%")
    assert [tick.label for tick in chart.ticks] == ["0%", "10%", "20%", "30%"]
    assert chart.end_label == "27%"
    assert [(mark.label, mark.now) for mark in chart.marks] == [("5月", False), ("6月", False), ("7月", True)]
    assert len(chart.line.split()) == 3


def test_charts_of_nothing_and_of_zero_do_not_fail():
    assert figures.line_chart([]).line == ""
    assert figures.line_chart([("7月", 0)]).end_label == "0"
    assert figures.spark_line([]).points == ""
    assert figures.spark_line([0, 0]).points == "4,28 103,28"
