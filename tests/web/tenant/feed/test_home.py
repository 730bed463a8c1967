"""The home feed, as a member's browser sees them."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from controlplane.tenancy import bound
from tenants.feed.models import Post


@pytest.fixture
def write(tonan, officer):
    def write(title, **fields):
        with bound(tonan):
            return Post.write(by=officer, title=title, **fields)

    return write


def test_the_newest_stands_first_under_what_is_pinned(client_for, member, write):
    write("前の話", publish_at=timezone.now() - timedelta(hours=2))
    write("いつもの決まり", pinned=True, publish_at=timezone.now() - timedelta(days=30))
    write("きょうの話")
    text = client_for(member).get("/").content.decode()
    assert text.index("いつもの決まり") < text.index("きょうの話") < text.index("前の話")
    assert "いちばん上" in text


def test_officers_own_posts_are_not_shown_to_members(client_for, member, officer):
    assert "役員だけ" not in client_for(member).get("/").content.decode()
    assert "役員だけ" in client_for(officer).get("/").content.decode()


def test_what_was_opened_is_no_longer_unread(client_for, member, write):
    post = write("はじめての話")
    client = client_for(member)
    assert "はじめての話" in client.get("/?show=unread").content.decode()
    client.get(f"/posts/{post.pk}/")
    assert "はじめての話" not in client.get("/?show=unread").content.decode()


def test_the_tab_counts_what_this_person_has_not_opened(client_for, member, write):
    client = client_for(member)
    before = client.get("/").context["unread_count"]
    post = write("数える話")
    assert client.get("/").context["unread_count"] == before + 1
    client.get(f"/posts/{post.pk}/")
    assert client.get("/").context["unread_count"] == before
    assert client.get("/communities/").context["unread_count"] == before


def test_reading_everything_says_so(client_for, member, tonan):
    client = client_for(member)
    with bound(tonan):
        for post in Post.objects.visible_to(member).home():
            post.read_by(member)
    assert "ぜんぶ見ました。" in client.get("/?show=unread").content.decode()


def test_urgent_news_stands_above_everything_for_seven_days(client_for, member, write):
    write("川の水が増えています", kind="urgent", publish_at=timezone.now() - timedelta(days=8))
    client = client_for(member)
    assert "urgent-banner" not in client.get("/").content.decode()
    write("橋が通れません", kind="urgent")
    text = client.get("/").content.decode()
    assert text.index("urgent-banner") < text.index("segment")
    assert text.index("橋が通れません") < text.index("segment")


def test_urgent_news_is_said_once(client_for, member, write):
    write("橋が通れません", kind="urgent")
    client = client_for(member)
    assert "橋が通れません" not in [post.title for post in client.get("/").context["posts"]]
    assert "橋が通れません" in [post.title for post in client.get("/?show=unread").context["posts"]]


def test_urgent_news_is_found_behind_a_full_page(client_for, member, write):
    write("停電です", kind="urgent", publish_at=timezone.now() - timedelta(hours=30))
    for n in range(25):
        write(f"話{n}", publish_at=timezone.now() - timedelta(hours=25 - n))
    assert "停電です" in client_for(member).get("/").content.decode()


def test_expired_urgent_news_is_gone(client_for, member, write):
    now = timezone.now()
    write("終わった話", kind="urgent", publish_at=now - timedelta(days=2), expires_at=now - timedelta(days=1))
    assert "終わった話" not in client_for(member).get("/").content.decode()


def test_pages_go_on_where_they_ended_each_post_once(client_for, member, write):
    for n in range(45):
        write(f"話{n:02}。", pinned=n % 20 == 0, publish_at=timezone.now() - timedelta(minutes=n // 2))
    client, url, seen = client_for(member), "/", []
    while url:
        context = client.get(url).context
        seen += [post.pk for post in context["posts"]]
        url = f"/?after={context['next']}" if context["next"] else ""
    assert len(seen) == len(set(seen)) >= 45


def test_the_next_page_comes_as_a_fragment_to_htmx_and_whole_without(client_for, member, write):
    for n in range(21):
        write(f"話{n}")
    client = client_for(member)
    after = client.get("/").context["next"]
    part = client.get(f"/?after={after}", headers={"HX-Request": "true"})
    assert "<html" not in part.content.decode()
    assert "HX-Request" in part["Vary"]
    assert "<html" in client.get(f"/?after={after}").content.decode()


@pytest.mark.parametrize("after", ["x", "1_2", "0_99999999999999999999999_1", "0_-5_1", "_ _", "%00"])
def test_a_broken_place_is_the_beginning(client_for, member, write, after):
    write("はじめの話")
    assert client_for(member).get(f"/?after={after}").status_code == 200


def test_a_feed_of_many_costs_as_much_as_one(client_for, member, write):
    client = client_for(member)
    client.get("/")
    for n in range(15):
        write(f"話{n}")
    with CaptureQueriesContext(
        connection,
    ) as few:
        client.get("/")
    asked = [q["sql"] for q in few if not q["sql"].startswith(("SAVEPOINT", "RELEASE", "SELECT set_config"))]
    assert len(asked) <= 5, asked


def test_text_of_neighbours_is_shown_as_text(client_for, member, write):
    write("<script>alert(1)</script>", body='"><img src=x onerror=alert(1)>')
    text = client_for(member).get("/").content.decode()
    assert "<script>alert" not in text
    assert "<img src=x" not in text


def test_an_empty_home_offers_a_first_step(client_for, officer, member, tonan):
    with bound(tonan):
        Post.objects.update(withdrawn_at=timezone.now())
    assert "あいさつを書く" in client_for(officer).get("/").content.decode()
    assert "カレンダーを見る" in client_for(member).get("/").content.decode()


def test_the_outsider_sees_none_of_it(client_for, outsider, write, browser, tonan):
    write("桃南会の中の話")
    client = client_for(outsider)
    assert "桃南会の中の話" not in client.get("/").content.decode()
    assert not client.get("/search/", {"q": "桃南会の中の話"}).context["found"]
    assert browser(tonan).get("/").status_code == 302
