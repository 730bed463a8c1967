"""Telling associations something in steps: a draft with documents, looked through, sent now or at its hour."""

import io
import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from controlplane.associations.features import Feature
from controlplane.associations.models import (
    Association,
    Bulletin,
    BulletinDraft,
    BulletinFile,
    FederationMembership,
)
from controlplane.tenancy import bound, public
from tenants.feed import bulletins
from tenants.feed.models import Attachment, Post
from tests.conftest import _cast

WORDS = {"audience": "all", "kind": "notice", "when": "now", "title": "土のうの受け取り場所", "body": "3か所あります。"}
TOMORROW = timezone.localdate() + timedelta(days=1)


@pytest.fixture
def desk(apex, city_official):
    return apex(city_official)


@pytest.fixture
def federation(tonan, fujishiro):
    """桃南会 as a federation that has paid; 藤城台自治会 takes its notices in."""
    with public():
        Association.objects.filter(pk=tonan.pk).update(kind="federation")
        tonan.refresh_from_db()
        tonan.grant(Feature.MEMBER_ASSOCIATIONS, source="city")
        FederationMembership.objects.ask(tonan, fujishiro, by="x").accept(by="役員")
    return tonan


@pytest.fixture
def pdf():
    from provisioning.documents import post_pdf

    content = post_pdf(
        association="x", title="土のう", kind="", signature="", published="", body="土のうは公園に", url="https://x.jp/",
        group="", homes=[],
    )  # fmt: skip
    return lambda name="場所.pdf", data=content: SimpleUploadedFile(name, data, "application/pdf")


def text(answer) -> str:
    return answer.content.decode()


def drafts():
    with public():
        return list(BulletinDraft.objects.order_by("changed_at"))


def hand_out() -> None:
    for uuid in bulletins.waiting():
        bulletins.receive(uuid)


def received(association):
    with bound(association):
        return {post.title: post for post in Post.objects.exclude(source="").prefetch_related("attachments")}


def test_nothing_goes_out_before_it_was_looked_through(desk, tonan):
    looked = desk.post("/city/bulletins/", WORDS)
    assert looked.url == f"/city/bulletins/drafts/{drafts()[0].pk}/check/"
    hand_out()
    assert received(tonan) == {}
    page = text(desk.get(looked.url))
    for words in ("送る前にたしかめる", WORDS["title"], "市全体", "すぐに", "2</b> 団体", "読みやすさ：よい"):
        assert words in page
    paper = desk.get(looked.url.replace("check/", "paper.pdf"))
    assert paper.content.startswith(b"%PDF-")
    desk.post(looked.url)
    hand_out()
    assert list(received(tonan)) == [WORDS["title"]]
    assert drafts() == []


def test_a_draft_is_kept_however_unfinished_and_goes_on_later(desk):
    kept = desk.post("/city/bulletins/", {"title": "まだ題だけ", "draft": "1"})
    at = kept.url
    assert "まだ題だけ" in text(desk.get("/city/bulletins/"))
    assert 'value="まだ題だけ"' in text(desk.get(at))
    refused = desk.post(at, {**WORDS, "title": "つづき", "body": ""})
    assert refused.status_code == 422
    assert drafts()[0].title == "つづき"  # what was typed is kept, what is missing is said
    assert desk.post(at, WORDS).url == f"{at}check/"
    desk.post(f"{at}discard/")
    assert drafts() == []
    assert desk.get(at).status_code == 404


def test_the_second_of_two_who_write_at_once_is_told_and_decides(desk):
    at = desk.post("/city/bulletins/", {"title": "はじめ", "draft": "1"}).url
    opened = re.search(r'name="version" value="([^"]+)"', text(desk.get(at)))[1]
    desk.post(at, {**WORDS, "title": "ひとりめ", "draft": "1", "version": opened})
    told = desk.post(at, {**WORDS, "title": "ふたりめ", "draft": "1", "version": opened})
    assert told.status_code == 409
    assert "ほかの方が、先になおしました" in text(told)
    assert "ふたりめ" in text(told)
    assert drafts()[0].title == "ひとりめ"
    again = re.search(r'name="version" value="([^"]+)"', text(told))[1]
    assert desk.post(at, {**WORDS, "title": "ふたりめ", "draft": "1", "version": again}).status_code == 302
    assert drafts()[0].title == "ふたりめ"


def test_an_empty_form_leaves_no_draft(desk):
    assert desk.post("/city/bulletins/", {"audience": "all", "kind": "notice", "when": "now"}).status_code == 422
    assert drafts() == []


def test_what_cannot_be_sent_is_said_and_nothing_is_sent(desk, tonan):
    at = desk.post("/city/bulletins/", {"title": "本文がない", "draft": "1"}).url
    assert "このままでは届けられません" in text(desk.get(f"{at}check/"))
    assert desk.post(f"{at}check/").status_code == 422
    hand_out()
    assert received(tonan) == {}


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"title": "あ" * 121}, "title"),
        ({"body": "あ" * 20_001}, "body"),
        ({"body": "\0"}, "body"),
        ({"url": "javascript:alert(1)"}, "url"),
        ({"audience": "members"}, "audience"),
        ({"audience": "ward", "wards": ["火星区"]}, "wards"),
        ({"audience": "federation", "to_federation": "x"}, "to_federation"),
        ({"when": "later"}, "publish_on"),
        ({"when": "later", "publish_on": "2020-01-01"}, "publish_on"),
        ({"when": "later", "publish_on": "2099-01-01"}, "publish_on"),
        ({"kind": ["x", "y"]}, "kind"),
    ],
)
def test_what_makes_no_sense_is_said_beside_its_field(desk, wrong, field):
    answer = desk.post("/city/bulletins/", {**WORDS, **wrong})
    assert answer.status_code == 422
    assert answer.context["form"].errors[field]


def test_several_wards_are_reached_and_no_other(desk, kyoto, tonan, fujishiro):
    with public():
        for ward in ("左京区", "西京区"):
            kyoto.offices.create(name=f"{ward}役所", kind="ward", ward=ward, tel="075", position=9)
        Association.objects.filter(pk=fujishiro.pk).update(ward="左京区")
    looked = desk.post("/city/bulletins/", {**WORDS, "audience": "ward", "wards": ["伏見区", "西京区"]})
    assert "伏見区・西京区" in text(desk.get(looked.url))
    desk.post(looked.url)
    hand_out()
    assert (list(received(tonan)), list(received(fujishiro))) == ([WORDS["title"]], [])
    none = desk.post("/city/bulletins/", {**WORDS, "audience": "ward", "wards": ["西京区"]})
    assert none.status_code == 422
    assert "まだ受け取る団体がありません" in text(none)


def test_documents_pass_the_safe_intake_and_hang_on_every_copy(desk, pdf, client_for, member, tonan):
    looked = desk.post("/city/bulletins/", {**WORDS, "documents": [pdf(), pdf("地図.pdf")]})
    assert "場所.pdf" in text(desk.get(looked.url))
    with public():
        first = BulletinFile.objects.first()
    assert desk.get(f"/city/bulletins/{first.bulletin}/files/{first.pk}/").status_code == 302
    desk.post(looked.url)
    hand_out()
    post = received(tonan)[WORDS["title"]]
    assert [each.name for each in post.documents] == ["場所.pdf", "地図.pdf"]
    assert [each.owner for each in post.documents] == [None, None]
    client = client_for(member)
    assert "場所.pdf" in text(client.get(f"/posts/{post.pk}/"))
    assert "/public/bulletins/" in client.get(f"/attachments/{post.documents[0].pk}/").url
    assert WORDS["title"] in text(client.get("/search/?q=公園に"))  # the document's own words
    with bound(tonan):
        assert Attachment.objects.total_size() == 0  # the room of an association is its own
    assert desk.get(f"/city/bulletins/{post.source_id}/files/{first.pk}/").status_code == 302


def test_a_document_that_is_none_is_refused_and_the_rest_is_kept(desk, pdf, png):
    answer = desk.post("/city/bulletins/", {**WORDS, "documents": [pdf(), pdf("x.pdf", b"<html>"), png]})
    assert answer.status_code == 422
    errors = " ".join(answer.context["form"].errors["documents"])
    assert "x.pdf" in errors
    assert "のせられるのは書類" in errors
    with public():
        assert [each.name for each in BulletinFile.objects.all()] == ["場所.pdf"]


@pytest.fixture
def png():
    from PIL import Image

    file = io.BytesIO()
    Image.new("RGB", (40, 30), "green").save(file, "PNG")
    return SimpleUploadedFile("絵.png", file.getvalue(), "image/png")


def test_five_documents_and_no_more_and_one_can_be_taken_off(desk, pdf):
    at = desk.post("/city/bulletins/", {"title": "書類", "stay": "1", "documents": [pdf() for _n in range(5)]}).url
    full = desk.post(at, {"title": "書類", "stay": "1", "documents": [pdf()]})
    assert "5つまで" in text(full)
    with public():
        first = BulletinFile.objects.first()
    desk.post(at, {"title": "書類", "draft": "1", "drop": [str(first.pk), "x", ""]})
    with public():
        assert BulletinFile.objects.count() == 4


def test_it_waits_for_its_hour_and_then_goes_out_by_itself(desk, tonan):
    later = {"when": "later", "publish_on": TOMORROW.isoformat(), "publish_time": "08:00"}
    looked = desk.post("/city/bulletins/", {**WORDS, **later})
    assert "この日時に届ける" in text(desk.get(looked.url))
    assert "決めた日時に届けます" in text(desk.post(looked.url, follow=True))
    hand_out()
    assert received(tonan) == {}
    (draft,) = drafts()
    assert draft.is_settled
    assert "に届きます" in text(desk.get(f"/city/bulletins/drafts/{draft.pk}/"))
    with public():
        BulletinDraft.objects.update(send_at=timezone.now() - timedelta(minutes=1))
    for _time in range(2):
        hand_out()
    assert list(received(tonan)) == [WORDS["title"]]
    with public():
        assert Bulletin.objects.get().pk == draft.pk


def test_correcting_what_waits_takes_it_back_until_it_was_looked_through_again(desk, tonan):
    later = {"when": "later", "publish_on": TOMORROW.isoformat()}
    looked = desk.post("/city/bulletins/", {**WORDS, **later})
    desk.post(looked.url)
    desk.post(looked.url.removesuffix("check/"), {**WORDS, **later, "title": "べつの題"})
    with public():
        BulletinDraft.objects.update(send_at=timezone.now() - timedelta(minutes=1))
    hand_out()
    assert received(tonan) == {}


def test_what_is_a_day_too_late_is_given_back_with_its_reason(desk, tonan):
    looked = desk.post("/city/bulletins/", {**WORDS, "when": "later", "publish_on": TOMORROW.isoformat()})
    desk.post(looked.url)
    with public():
        BulletinDraft.objects.update(send_at=timezone.now() - timedelta(days=2))
    hand_out()
    assert received(tonan) == {}
    assert "1日よりすぎてしまいました" in text(desk.get("/city/bulletins/"))


def test_officers_alone_are_told_what_is_for_officers(desk, client_for, officer, member, tonan):
    desk.post(desk.post("/city/bulletins/", {**WORDS, "officers_only": "on"}).url)
    hand_out()
    assert WORDS["title"] in text(client_for(officer).get("/"))
    assert WORDS["title"] not in text(client_for(member).get("/"))


def test_the_page_it_leads_to_stands_at_the_end(desk, client_for, member, tonan):
    desk.post(desk.post("/city/bulletins/", {**WORDS, "url": "https://www.city.example.jp/donou"}).url)
    hand_out()
    post = received(tonan)[WORDS["title"]]
    assert 'href="https://www.city.example.jp/donou"' in text(client_for(member).get(f"/posts/{post.pk}/"))


def test_long_sentences_are_shown_before_sending(desk):
    looked = desk.post("/city/bulletins/", {**WORDS, "body": "とても長い文です" * 10 + "。短い文。"})
    assert "長い文があります" in text(desk.get(looked.url))


def test_the_reach_follows_what_is_chosen(desk, kyoto):
    page = text(desk.get("/city/bulletins/reach/?audience=all"))
    assert "2</b> 団体" in page
    assert "320</b> 世帯" in page
    assert "まだ受け取る団体がありません" in text(desk.get("/city/bulletins/reach/?audience=ward"))
    for odd in ("?audience=x", "", "?wards=%00&audience=ward", "?audience=federation&to_federation=1"):
        assert desk.get(f"/city/bulletins/reach/{odd}").status_code == 200


def test_a_federation_s_officers_write_in_the_same_steps(client_for, officer, federation, fujishiro, pdf):
    client, other = client_for(officer), client_for(_cast(fujishiro).member)
    looked = client.post("/federation/bulletins/new/", {**WORDS, "documents": [pdf()]})
    page = text(client.get(looked.url))
    assert "1</b> 団体" in page
    assert "場所.pdf" in page
    assert client.get(looked.url.replace("check/", "paper.pdf")).content.startswith(b"%PDF-")
    assert "書きかけと、これから届くもの" in text(client.get("/federation/"))
    client.post(looked.url)
    assert client.post(looked.url).status_code == 302  # pressed twice
    hand_out()
    post = received(fujishiro)[WORDS["title"]]
    assert "場所.pdf" in text(other.get(f"/posts/{post.pk}/"))
    assert other.get(f"/attachments/{post.documents[0].pk}/").status_code == 302
    with public():
        assert Bulletin.objects.get().federation_id == federation.pk


def test_a_federation_whose_plan_has_ended_is_told_so_and_sends_nothing(client_for, officer, federation, fujishiro):
    client = client_for(officer)
    looked = client.post("/federation/bulletins/new/", {**WORDS, "when": "later", "publish_on": TOMORROW.isoformat()})
    client.post(looked.url)
    with public():
        federation.revoke(Feature.MEMBER_ASSOCIATIONS, source="city")
        BulletinDraft.objects.update(send_at=timezone.now() - timedelta(minutes=1))
    hand_out()
    assert received(fujishiro) == {}
    assert "連合会プランがいります" in drafts()[0].trouble


def test_nobody_opens_another_s_draft_or_its_documents(
    desk, apex, operator, client_for, officer, member, outsider, federation, pdf
):
    of_city = desk.post("/city/bulletins/", {**WORDS, "draft": "1", "documents": [pdf()]}).url
    client = client_for(officer)
    ours = client.post("/federation/bulletins/new/", {**WORDS, "draft": "1", "documents": [pdf()]}).url
    city_file, our_file = (
        re.search(r"/(?:city|federation)/bulletins/[0-9a-f-]+/files/\d+/", text(page))[0]
        for page in (desk.get(of_city), client.get(ours))
    )
    swapped = [
        ours.replace("federation", "city"), our_file.replace("federation", "city"),
    ]  # fmt: skip
    for path in (of_city, f"{of_city}check/", city_file):
        assert apex(operator).get(path).status_code == 404
        assert apex().get(path).status_code == 302
    for path in swapped:
        assert desk.get(path).status_code == 404
    for path in (of_city.replace("city", "federation"), city_file.replace("city", "federation")):
        assert client.get(path).status_code == 404
    for person in (member, outsider):
        for path in (ours, f"{ours}check/", our_file, "/federation/bulletins/reach/"):
            assert client_for(person).get(path).status_code == 404
        assert client_for(person).post(f"{ours}discard/").status_code == 404
    assert len(drafts()) == 2
