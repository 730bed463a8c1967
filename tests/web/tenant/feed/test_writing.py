"""Writing, changing and withdrawing a post; what was typed and sent survives every error."""

import io
from datetime import timedelta

import pypdfium2
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image

from controlplane.tenancy import bound
from tenants.feed.models import Attachment, Post

TYPED = {
    "kind": "notice",
    "audience": "everyone",
    "title": "朝の清掃活動です",
    "body": "8時に第1公園へ",
    "when": "now",
    "comments_open": "on",
}


def photo(name="seiso.jpg"):
    file = io.BytesIO()
    Image.new("RGB", (640, 400), "green").save(file, "JPEG")
    return SimpleUploadedFile(name, file.getvalue(), "image/jpeg")


def pdf(name="当番表.pdf"):
    file, document = io.BytesIO(), pypdfium2.PdfDocument.new()
    document.new_page(595, 842)
    document.save(file)
    return SimpleUploadedFile(name, file.getvalue(), "application/pdf")


@pytest.fixture
def latest(tonan):
    def latest():
        with bound(tonan):
            return Post.objects.select_related("as_seat", "group", "community").latest("pk")

    return latest


def test_an_officer_writes_to_everyone_signed_with_the_seat(client_for, officer, member, latest):
    client = client_for(officer)
    seat = client.get("/posts/new/").context["form"].initial["as_seat"]
    answer = client.post("/posts/new/", {**TYPED, "as_seat": seat.pk}, follow=True)
    assert "朝の清掃活動です" in answer.content.decode()
    assert latest().as_seat == seat
    assert latest().comments_open
    assert "朝の清掃活動です" in client_for(member).get("/").content.decode()


def test_a_missing_title_keeps_the_text_and_the_received_photo(client_for, officer, tonan, latest):
    client = client_for(officer)
    before = latest().pk
    answer = client.post("/posts/new/", {**TYPED, "title": "", "photos": [photo()]})
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "題名が、まだ入っていません。" in text
    assert "8時に第1公園へ" in text
    assert latest().pk == before
    [kept] = answer.context["sent"]
    client.post("/posts/new/", {**TYPED, "kept": [kept.pk]})
    with bound(tonan):
        assert list(latest().attachments.values_list("pk", flat=True)) == [kept.pk]


def test_photos_and_a_pdf_come_along(client_for, officer, member, tonan, latest):
    client_for(officer).post("/posts/new/", {**TYPED, "photos": [photo("a.jpg"), photo("b.jpg")], "document": pdf()})
    with bound(tonan):
        assert sorted(latest().attachments.values_list("kind", flat=True)) == ["document", "photo", "photo"]
    text = client_for(member).get(f"/posts/{latest().pk}/").content.decode()
    assert "当番表" in text
    assert "PDF・1ページ" in text


def test_a_file_that_is_no_photo_is_named_beside_its_field(client_for, officer):
    bad = SimpleUploadedFile("hen.jpg", b"<html><script>alert(1)</script></html>", "image/jpeg")
    answer = client_for(officer).post("/posts/new/", {**TYPED, "photos": [bad, photo()]})
    assert answer.status_code == 422
    assert answer.context["form"].errors["photos"][0].startswith("hen.jpg：")
    assert len(answer.context["sent"]) == 1


def test_a_received_photo_can_be_left_out_again(client_for, officer, tonan, latest):
    client = client_for(officer)
    early = client.post("/posts/new/", {**TYPED, "title": "", "stay": "1", "photos": [photo()]})
    assert early.status_code == 200
    assert "まだ入っていません" not in early.content.decode()
    [kept] = early.context["sent"]
    client.post("/posts/new/", {**TYPED, "kept": [kept.pk], "drop": [kept.pk]})
    with bound(tonan):
        assert not latest().attachments.exists()


def test_nobody_sends_along_what_another_received(client_for, officer, leader, tonan, latest):
    with bound(tonan):
        foreign = Attachment.objects.receive(photo(), by=leader)
    client_for(officer).post("/posts/new/", {**TYPED, "kept": [foreign.pk]})
    with bound(tonan):
        assert not latest().attachments.exists()


def test_an_attachment_leads_to_the_store_only_for_who_sees_its_post(
    client_for, officer, member, outsider, tonan, latest
):
    client_for(officer).post("/posts/new/", {**TYPED, "audience": "officers", "photos": [photo()]})
    with bound(tonan):
        pk = latest().attachments.get().pk
    answer = client_for(officer).get(f"/attachments/{pk}/?preview=1")
    assert answer.status_code == 302
    assert "Signature" in answer["Location"]
    assert "private" in answer["Cache-Control"]
    assert client_for(member).get(f"/attachments/{pk}/").status_code == 404
    assert client_for(outsider).get(f"/attachments/{pk}/").status_code == 404


def test_a_date_to_come_waits_in_the_list_of_what_is_scheduled(client_for, officer, member, latest):
    day = timezone.localdate() + timedelta(days=3)
    client = client_for(officer)
    typed = {**TYPED, "when": "later", "publish_on": day, "publish_time": "07:30"}
    answer = client.post("/posts/new/", typed, follow=True)
    assert answer.redirect_chain[-1][0] == "/posts/scheduled/"
    assert "7:30 に届きます" in answer.content.decode()
    assert client_for(member).get(f"/posts/{latest().pk}/").status_code == 404
    assert "朝の清掃活動です" not in client_for(member).get("/posts/scheduled/").content.decode()
    client.post(f"/posts/{latest().pk}/edit/", {**typed, "when": "now"})
    assert client_for(member).get(f"/posts/{latest().pk}/").status_code == 200


def test_a_date_to_come_needs_a_day(client_for, officer):
    answer = client_for(officer).post("/posts/new/", {**TYPED, "when": "later"})
    assert "届ける日が、まだ入っていません。" in answer.content.decode()


def test_the_last_day_counts_to_its_end(client_for, officer, latest):
    today = timezone.localdate()
    client_for(officer).post("/posts/new/", {**TYPED, "expires_at": today})
    assert timezone.localtime(latest().expires_at).date() == today + timedelta(days=1)
    answer = client_for(officer).post("/posts/new/", {**TYPED, "expires_at": today - timedelta(days=2)})
    assert answer.context["form"].errors["expires_at"]


def test_a_group_must_be_named_and_the_others_do_not_see(client_for, officer, member, latest):
    client = client_for(officer)
    assert client.post("/posts/new/", {**TYPED, "audience": "group"}).context["form"].errors["group"]
    client.post("/posts/new/", {**TYPED, "audience": "group", "group": 1})
    assert client_for(member).get(f"/posts/{latest().pk}/").status_code == 404


def test_a_member_writes_into_communities_only(client_for, member, latest, tonan):
    client = client_for(member)
    form = client.get("/posts/new/?community=2").context["form"]
    assert [value for value, _label in form.fields["audience"].choices] == ["community"]
    assert "pinned" not in form.fields
    typed = {**TYPED, "audience": "community", "community": 2, "pinned": "on"}
    client.post("/posts/new/", typed)
    assert latest().community.name == "防災の会"
    assert not latest().pinned
    assert client.post("/posts/new/", TYPED).status_code == 422
    assert client.post("/posts/new/", {**typed, "community": 1}).status_code == 422


def test_a_member_of_no_community_is_shown_the_way(client_for, member, tonan):
    with bound(tonan):
        member.memberships.all().delete()
    assert "コミュニティに入ると" in client_for(member).get("/posts/new/").content.decode()


def test_a_leader_writes_to_groups_and_seats(client_for, leader):
    form = client_for(leader).get("/posts/new/").context["form"]
    assert [value for value, _label in form.fields["audience"].choices] == ["group", "seats"]


def test_a_post_is_corrected_with_its_photos(client_for, officer, tonan, latest):
    client = client_for(officer)
    client.post("/posts/new/", {**TYPED, "photos": [photo("a.jpg"), photo("b.jpg")]})
    post = latest()
    page = client.get(f"/posts/{post.pk}/edit/")
    assert page.context["form"].initial["title"] == post.title
    first, second = page.context["sent"]
    typed = {**TYPED, "title": "なおした題", "kept": [first.pk, second.pk], "drop": [first.pk]}
    text = client.post(f"/posts/{post.pk}/edit/", typed, follow=True).content.decode()
    assert "なおした題" in text
    with bound(tonan):
        assert list(post.attachments.values_list("pk", flat=True)) == [second.pk]


def test_the_seat_that_signed_stays_when_another_officer_corrects(client_for, officer, leader, tonan, latest):
    with bound(tonan):
        seat = leader.seats().get()
        post = Post.write(by=leader, as_seat=seat, title="組の話", audience="group", group_id=1)
    typed = {**TYPED, "audience": "group", "group": 1, "title": "組の話（なおし）"}
    assert client_for(officer).post(f"/posts/{post.pk}/edit/", typed).status_code == 302
    assert latest().as_seat == seat
    assert latest().title == "組の話（なおし）"


def test_withdrawing_asks_first(client_for, officer, member, tonan, latest):
    client = client_for(officer)
    client.post("/posts/new/", TYPED)
    post = latest()
    assert "取り下げますか" in client.get(f"/posts/{post.pk}/remove/").content.decode()
    assert client_for(member).get(f"/posts/{post.pk}/").status_code == 200
    client.post(f"/posts/{post.pk}/remove/")
    assert client_for(member).get(f"/posts/{post.pk}/").status_code == 404


def test_members_change_only_their_own(client_for, member, officer, tonan, latest, outsider):
    client_for(officer).post("/posts/new/", TYPED)
    for path in ("edit/", "remove/"):
        assert client_for(member).get(f"/posts/{latest().pk}/{path}").status_code == 404
        assert client_for(member).post(f"/posts/{latest().pk}/{path}", TYPED).status_code == 404
        assert client_for(outsider).post(f"/posts/{latest().pk}/{path}", TYPED).status_code == 404
