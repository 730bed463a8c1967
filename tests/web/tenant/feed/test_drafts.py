"""Drafts, two editors, versions, withdrawing and bringing back; photos with words; the event in a notice."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from controlplane.tenancy import bound
from tenants.calendar.models import Event
from tenants.feed.models import Attachment, Post
from tests.web.tenant.feed.test_writing import TYPED, photo


@pytest.fixture
def latest(tonan):
    def latest():
        with bound(tonan):
            return Post.objects.latest("pk")

    return latest


def test_a_draft_is_kept_found_again_and_sent(client_for, officer, leader, member, latest):
    client = client_for(officer)
    answer = client.post("/posts/new/", {**TYPED, "title": "", "draft": "1"}, follow=True)
    assert "下書きに残しました" in answer.content.decode()
    draft = latest()
    assert draft.is_draft
    for other in (leader, member):
        assert client_for(other).get(f"/posts/{draft.pk}/").status_code == 404
        assert client_for(other).get(f"/posts/{draft.pk}/edit/").status_code == 404
    page = client.get(f"/posts/{draft.pk}/edit/").content.decode()
    assert "8時に第1公園へ" in page
    assert "この内容で届ける" in page
    assert client.post(f"/posts/{draft.pk}/edit/", {**TYPED, "title": ""}).status_code == 422
    client.post(f"/posts/{draft.pk}/edit/", {**TYPED, "title": "できました"})
    assert "できました" in client_for(member).get("/").content.decode()
    assert not client.get("/posts/drafts/").context["posts"]


def test_the_second_editor_is_told_keeps_the_text_and_sees_both(client_for, officer, tonan, latest):
    client = client_for(officer)
    client.post("/posts/new/", TYPED)
    post = latest()
    version = re.search(r'name="version" value="(\d+)"', client.get(f"/posts/{post.pk}/edit/").content.decode())[1]
    edit = f"/posts/{post.pk}/edit/"
    client.post(edit, {**TYPED, "body": "先の人の文", "version": version})
    answer = client.post(edit, {**TYPED, "body": "あとの人の文", "version": version})
    text = answer.content.decode()
    assert answer.status_code == 409
    assert "先に" in text
    assert "先の人の文" in text
    assert "あとの人の文" in text
    assert latest().body == "先の人の文"
    again = re.search(r'name="version" value="(\d+)"', text)[1]
    client.post(edit, {**TYPED, "body": "あとの人の文", "version": again})
    assert latest().body == "あとの人の文"


@pytest.mark.parametrize("version", ["x", "-1", "9" * 30, ""])
def test_a_broken_version_is_as_none(client_for, officer, latest, version):
    client = client_for(officer)
    client.post("/posts/new/", TYPED)
    client.post(f"/posts/{latest().pk}/edit/", {**TYPED, "title": "なおした題", "version": version})
    assert latest().title == "なおした題"


def test_readers_see_that_it_was_corrected_and_officers_what_it_said(client_for, officer, member, latest):
    client = client_for(officer)
    client.post("/posts/new/", TYPED)
    post = latest()
    client.post(f"/posts/{post.pk}/edit/", {**TYPED, "body": "9時に変わりました"})
    assert "なおしました" in client_for(member).get(f"/posts/{post.pk}/").content.decode()
    assert client_for(member).get(f"/posts/{post.pk}/history/").status_code == 404
    history = client.get(f"/posts/{post.pk}/history/").content.decode()
    assert history.index("9時に変わりました") < history.index("8時に第1公園へ")


def test_a_withdrawn_post_is_brought_back(client_for, officer, member, latest):
    client = client_for(officer)
    client.post("/posts/new/", TYPED)
    post = latest()
    page = client.post(f"/posts/{post.pk}/remove/", {"reason": "日にちちがい"}, follow=True).content.decode()
    assert "日にちちがい" in page
    assert client_for(member).get(f"/posts/{post.pk}/").status_code == 404
    client.post(f"/posts/{post.pk}/restoration/")
    assert client_for(member).get(f"/posts/{post.pk}/").status_code == 200
    assert client_for(member).post(f"/posts/{post.pk}/restoration/").status_code == 404


def test_photos_have_words_and_an_order(client_for, officer, member, tonan, latest):
    client = client_for(officer)
    early = client.post("/posts/new/", {**TYPED, "stay": "1", "photos": [photo("a.jpg"), photo("b.jpg")]})
    one, two = (each.pk for each in early.context["sent"])
    words = {f"caption-{two}": "みんなで<b>", f"alt-{two}": "公園の人たち", f"place-{two}": "1", f"place-{one}": "2"}
    client.post("/posts/new/", {**TYPED, "kept": [one, two], **words})
    with bound(tonan):
        assert [each.pk for each in latest().attachments.order_by("position")] == [two, one]
    text = client_for(member).get(f"/posts/{latest().pk}/").content.decode()
    assert "みんなで&lt;b&gt;" in text
    assert 'alt="公園の人たち"' in text
    album = client_for(member).get(f"/posts/{latest().pk}/photos/").content.decode()
    assert album.index(f"photo-{two}") < album.index(f"photo-{one}")
    assert client_for(member).get("/posts/1/photos/").status_code == 404


def test_another_s_photo_gets_no_words_from_me(client_for, officer, leader, tonan):
    with bound(tonan):
        foreign = Attachment.objects.receive(photo(), by=leader)
    client_for(officer).post("/posts/new/", {**TYPED, "kept": [foreign.pk], f"caption-{foreign.pk}": "いたずら"})
    with bound(tonan):
        assert Attachment.objects.get(pk=foreign.pk).caption == ""


def test_a_notice_about_an_event_shows_the_answer_buttons(client_for, officer, member, tonan, latest):
    start = timezone.now() + timedelta(days=3)
    with bound(tonan):
        event = Event.plan(by=officer, title="夜回り", starts_at=start, ends_at=start + timedelta(hours=1))
        secret = Event.plan(
            by=officer, title="役員会", starts_at=start, ends_at=start + timedelta(hours=1), audience="officers"
        )
    client = client_for(officer)
    client.post("/posts/new/", {**TYPED, "event": event.pk})
    text = client_for(member).get(f"/posts/{latest().pk}/").content.decode()
    assert "夜回り" in text
    assert f"/calendar/{event.pk}/rsvp/" in text
    client.post("/posts/new/", {**TYPED, "event": secret.pk})
    assert "役員会" not in client_for(member).get(f"/posts/{latest().pk}/").content.decode()
    assert client.post("/posts/new/", {**TYPED, "event": "999"}).status_code == 422


def test_lists_and_links_read_the_same_on_page_and_paper(client_for, officer, member, latest):
    body = "持ち物\n・軍手\n・帽子\n\nhttps://example.jp/ です"
    client_for(officer).post("/posts/new/", {**TYPED, "body": body})
    client = client_for(member)
    for page in (f"/posts/{latest().pk}/", f"/posts/{latest().pk}/paper/"):
        text = client.get(page).content.decode()
        assert "<li>軍手</li><li>帽子</li>" in text
        assert 'rel="nofollow noopener noreferrer ugc">https://example.jp/</a> です' in text
    assert client.get(f"/posts/{latest().pk}/paper.pdf").content.startswith(b"%PDF")


def test_the_preview_is_two_lines_of_text_without_a_picture(client_for, member, tonan, latest, officer):
    client_for(officer).post("/posts/new/", TYPED)
    told = {"url": "https://example.jp/", "title": "<b>市の話", "site": "京都市"}
    with bound(tonan):
        Post.objects.filter(pk=latest().pk).update(preview=told)
    text = client_for(member).get(f"/posts/{latest().pk}/").content.decode()
    card = text[text.index('class="link-card"') :].partition("</a>")[0]
    assert "&lt;b&gt;市の話" in card
    assert "<img" not in card


@pytest.mark.parametrize("path", ["drafts/", "withdrawn/", "1/history/", "1/photos/", "1/restoration/"])
def test_the_outsider_gets_nothing_of_it(client_for, outsider, browser, tonan, officer, path):
    client_for(officer).post("/posts/new/", {**TYPED, "draft": "1"})
    answer = client_for(outsider).get(f"/posts/{path}")
    assert TYPED["title"] not in answer.content.decode()
    assert browser(tonan).get(f"/posts/{path}").status_code == 302
