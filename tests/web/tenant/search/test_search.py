"""Searching, as a member's browser sees it."""

from datetime import datetime, timedelta
from urllib.parse import quote

import pytest
from django.utils import timezone

from controlplane.tenancy import bound
from tenants.calendar.models import Event
from tenants.communities.models import HandoverRecord
from tenants.feed.models import Attachment, Post
from tenants.members.models import Seat


@pytest.fixture
def write(tonan, officer):
    def write(title, **fields):
        with bound(tonan):
            return Post.write(by=officer, title=title, **fields)

    return write


@pytest.fixture
def search(client_for, member):
    """What is found, as titles, by asking the page as a plain member."""

    def ask(**asked):
        return [str(each.thing) for each in client_for(member).get("/search/", asked).context["found"]]

    return ask


def years_ago(years, month=6):
    return timezone.make_aware(datetime(timezone.localdate().year - years, month, 15, 10))


def test_posts_and_events_are_found_by_every_word(search, write, tonan, officer):
    write("夏まつりの手伝い", body="テントの係をさがしています")
    write("夏まつりの写真")
    start = timezone.now() + timedelta(days=9)
    with bound(tonan):
        Event.plan(by=officer, title="夏まつり", place="テント前", starts_at=start, ends_at=start + timedelta(hours=2))
    assert search(q="夏まつり　テント") == ["夏まつり", "夏まつりの手伝い"]


@pytest.mark.parametrize("words", ["ごみ", "ゴミ", "ｺﾞﾐ", "ごみ　PTA", "ＰＴＡ", "ｐｔａ", "ご", "ゴミの PTA"])
def test_kana_width_and_case_make_no_difference(search, write, words):
    write("ゴミの日が変わります", body="PTAからのお願い")
    assert search(q=words) == ["ゴミの日が変わります"]


def test_the_words_are_marked_where_they_stand(client_for, member, write):
    write("<b>ゴミ</b>の日", body="あいさつ。" * 40 + "この日はｺﾞﾐを出さないでください")
    page = client_for(member).get("/search/", {"q": "ごみ"}).content.decode()
    assert "&lt;b&gt;<mark>ゴミ</mark>&lt;/b&gt;の日" in page
    assert "この日は<mark>ｺﾞﾐ</mark>を出さないで" in page


def test_documents_are_found_by_what_they_say(search, write, tonan, officer):
    with bound(tonan):
        file = {"kind": "document", "name": "規約.pdf", "content_type": "application/pdf", "size": 9, "key": "k"}
        document = Attachment.objects.create(owner=officer, text="第三条　会費は月額三百円とする", **file)
    write("総会のあとに", attachments=[document])
    assert search(q="月額三百円") == search(q="規約", kind="document") == ["規約.pdf"]
    assert search(q="月額三百円", kind="notice") == []


def test_a_kind_alone_lists_all_of_it(search, write):
    write("見てください", kind=Post.Kind.CIRCULAR)
    assert search(kind="circular") == ["見てください"]
    assert search(kind="community") == ["防災の会"]
    assert search(kind="event") == ["公園の清掃"]


def test_years_and_months_narrow(search, write):
    write("ことしの話", publish_at=min(years_ago(0), timezone.now()))
    write("きょねんの話", publish_at=years_ago(1))
    write("おととしの話", publish_at=years_ago(2))
    year = timezone.localdate().year
    assert search(q="の話", when="last") == ["きょねんの話"]
    assert search(q="しの話", when="this") == ["ことしの話"]
    assert search(q="の話", since=f"{year - 2}-06", until=f"{year - 1}-06") == ["きょねんの話", "おととしの話"]
    assert search(q="の話", until=f"{year - 2}年6月") == ["おととしの話"]
    assert search(q="の話", since=f"{year - 1}-07", until=f"{year - 1}-12") == []


def test_who_speaks_narrows_by_seat_or_person(search, write, tonan, officer, client_for, member):
    with bound(tonan):
        chair = Seat.objects.get(title="会長")
    write("役職として言う話", as_seat=chair)
    write("ひとりとして言う話")
    assert search(q="言う話", author=f"seat:{chair.pk}") == ["役職として言う話"]
    assert search(q="言う話", author=f"member:{officer.pk}") == ["ひとりとして言う話"]
    page = client_for(member).get("/search/", {"author": f"member:{member.pk}"})
    assert "選択肢" in page.content.decode() or page.context["form"].errors  # nobody is named who wrote nothing


def test_a_group_narrows_to_what_was_written_to_it(search, write, tonan, member):
    write("2組への話", audience=Post.Audience.GROUP, group=member.household.group)
    write("2組への話ではない")
    assert search(q="への話", group=member.household.group_id) == ["2組への話"]


def test_chips_keep_the_rest_of_the_question(client_for, member, write):
    page = client_for(member).get("/search/", {"q": "清掃", "kind": "event", "when": "last"}).content.decode()
    assert f"?q={quote('清掃')}&amp;when=last&amp;kind=circular" in page
    assert f"?q={quote('清掃')}&amp;kind=event&amp;when=this" in page
    assert f"?q={quote('清掃')}&amp;kind=event&quot;" not in page
    assert "しぼらずに、ことばだけでさがす" in page


def test_a_long_answer_goes_on_and_repeats_nothing(client_for, member, write):
    for number in range(45):
        write(f"連番の話{number}", publish_at=timezone.now() - timedelta(hours=number // 3))
    client, query, titles = client_for(member), "q=連番の話", []
    while query:
        page = client.get(f"/search/?{query}")
        titles += [each.thing.title for each in page.context["found"]]
        query = page.context["more"]
    assert len(titles) == len(set(titles)) == 45
    fragment = client.get("/search/?q=連番の話&after=9999999999999999_1", headers={"HX-Request": "true"})
    assert "<main" not in fragment.content.decode()
    assert fragment.content.decode().count("<article") == 20


def test_finding_nothing_is_said_kindly(client_for, member):
    client = client_for(member)
    assert "見つかりませんでした" in client.get("/search/", {"q": "存在しないことば"}).content.decode()
    assert "ことばでさがせます" in client.get("/search/").content.decode()
    assert "しぼらずに" in client.get("/search/", {"q": "清掃", "when": "last"}).content.decode()


@pytest.mark.parametrize(
    "words",
    [
        "%",
        "_",
        "\\",
        "'; --",
        '"',
        "字" * 10_000,
        "\0",
        "   ",
        "　",
        "\u202e\u200f",
        "🙂",
        "👨‍👩‍👧",
        "\ufeff",
        "𠮷",
        "()",
        "*",
        "｡",
    ],
)
def test_hostile_words_find_nothing_and_break_nothing(client_for, member, words):
    page = client_for(member).get("/search/", {"q": words})
    assert page.status_code == 200
    assert [str(each.thing) for each in page.context["found"]] == []


@pytest.mark.parametrize(
    "asked",
    [
        {"kind": "nothing"},
        {"when": "x"},
        {"since": "2025-13", "until": "1"},
        {"author": "seat:x"},
        {"author": "member:²"},
        {"group": "9" * 30},
        {"after": "x_y"},
        {"after": "9" * 39},
        {"after": f"{10**30}_1"},
        {"after": f"1_{2**70}"},
        {"since": "2025-06", "until": "2025-01"},
    ],
)
def test_a_question_that_cannot_be_read_is_no_server_error(client_for, member, asked):
    assert client_for(member).get("/search/", {"q": "清掃", **asked}).status_code == 200


def test_the_outsider_finds_nothing_of_it(client_for, outsider, write, browser, tonan):
    write("桃南会の中の話")
    assert not client_for(outsider).get("/search/", {"q": "桃南"}).context["found"]
    assert browser(tonan).get("/search/", {"q": "桃南"}).status_code == 302


def test_a_record_is_found_and_opened_by_who_may_read_it(client_for, leader, member, outsider, tonan):
    with bound(tonan):
        seat = Seat.objects.get(title="1組 組長")
        record = HandoverRecord.write(by=leader, seat=seat, problem="防犯灯の球切れ", handling="市に電話した。")
    page = client_for(leader).get("/search/", {"q": "球切れ"}).content.decode()
    assert f'href="/handover/{record.pk}/"' in page
    assert "引き継ぎの記録" in page
    assert "1組 組長" in page
    for person in (member, outsider):
        answer = client_for(person).get("/search/", {"q": "球切れ"})
        assert "防犯灯" not in answer.content.decode()
