"""Room for photos and documents: said before it is full, never in the way of words or of reading."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from controlplane.associations.features import Feature
from controlplane.associations.models import Association, Grant
from controlplane.audit.models import Entry
from controlplane.tenancy import bound, public
from tenants.communities.models import Community
from tenants.feed.models import Attachment, Post, Room
from tests.stored import default_storage
from tests.tenants.feed.hostile.pictures import drawn

TYPED = {"audience": "everyone", "title": "川の水が増えています", "body": "橋を通らないでください", "when": "now"}


def photo():
    return SimpleUploadedFile("kawa.jpg", drawn())


@pytest.fixture
def used(tonan):
    """Somebody has used so much: one row that says so, without its bytes."""

    def used(member, size, **fields):
        with bound(tonan):
            post = Post.write(by=member, title="大きい写真", **fields)
            more = {"kind": "photo", "name": "大きい.webp", "content_type": "image/webp", "key": "attachments/x"}
            for _ in range(-(-size // 2_000_000_000)):
                part = min(size, 2_000_000_000)
                Attachment.objects.create(post=post, owner=member, size=part, **more)
                size -= part
            return post

    return used


def grant(tonan, feature):
    with public():
        Association.objects.get(pk=tonan.pk).grant(feature, source=Grant.Source.SELF_HOSTED)


def test_an_officer_sees_what_is_left_and_what_is_large(client_for, officer, member, leader, outsider, tonan, used):
    used(officer, 800_000_000)
    text = client_for(officer).get("/menu/room/").content.decode()
    assert "あと 1.2 GB" in text
    assert "0.8 GB / 2.0 GB" in text
    assert "大きい.webp" in text
    assert "800 MB" in text
    assert "置き場は、あと" not in text
    for other in (member, leader, outsider):
        assert client_for(other).get("/menu/room/").status_code == 404


def test_a_larger_plan_gives_more_and_its_end_takes_no_file(client_for, officer, tonan, used):
    post = used(officer, 8_000_000_000)
    grant(tonan, Feature.STORAGE_20)
    grant(tonan, Feature.STORAGE_100)
    with bound(tonan):
        assert Room.now().limit == 100_000_000_000
    with public():
        Association.objects.get(pk=tonan.pk).revoke(Feature.STORAGE_100, source=Grant.Source.SELF_HOSTED)
    assert "あと 12.0 GB" in client_for(officer).get("/menu/room/").content.decode()
    with public():
        Association.objects.get(pk=tonan.pk).revoke(Feature.STORAGE_20, source=Grant.Source.SELF_HOSTED)
    assert "あと 0.0 GB" in client_for(officer).get("/menu/room/").content.decode()
    assert client_for(officer).get(f"/posts/{post.pk}/").status_code == 200
    with bound(tonan):
        assert client_for(officer).get(f"/attachments/{post.attachments.first().pk}/").status_code == 302


def test_it_is_said_from_eighty_percent_on(client_for, officer, used):
    used(officer, 1_600_000_000)
    for path in ("/menu/room/", "/posts/new/"):
        assert "置き場は、あと 0.4 GB です" in client_for(officer).get(path).content.decode()


def test_when_it_is_full_a_photo_is_refused_and_the_words_stay(client_for, officer, used, tonan):
    used(officer, 2_000_000_000)
    client = client_for(officer)
    assert "置き場が、いっぱいです" in client.get("/posts/new/").content.decode()
    answer = client.post("/posts/new/", {**TYPED, "kind": "notice", "photos": [photo()]})
    assert answer.status_code == 422
    assert "置き場が、いっぱいです" in answer.context["form"].errors["photos"][0]
    assert "橋を通らないでください" in answer.content.decode()
    assert client.post("/posts/new/", {**TYPED, "kind": "notice"}).status_code == 302


def test_urgent_news_goes_out_without_the_photo_that_does_not_fit(client_for, officer, member, used):
    used(officer, 2_000_000_000)
    answer = client_for(officer).post("/posts/new/", {**TYPED, "kind": "urgent", "photos": [photo()]}, follow=True)
    assert "文は、届けました" in answer.content.decode()
    assert "川の水が増えています" in client_for(member).get("/").content.decode()
    bad = SimpleUploadedFile("x.jpg", b"<html>")
    assert client_for(officer).post("/posts/new/", {**TYPED, "kind": "urgent", "photos": [bad]}).status_code == 422


def test_a_program_and_a_piece_are_told_too(client_for, api_upload, officer, used):
    used(officer, 2_000_000_000)
    assert "いっぱい" in api_upload(officer, drawn()).content.decode()
    said = {"Tus-Resumable": "1.0.0", "Upload-Length": "9"}
    answer = client_for(officer).post("/uploads/", headers=said)
    assert answer.status_code == 507
    assert "いっぱい" in answer.content.decode()


@pytest.fixture
def api_upload(client_for):
    def upload(member, content):
        return client_for(member).post("/api/v1/attachments/", {"file": SimpleUploadedFile("x.jpg", content)})

    return upload


def test_taking_away_asks_first_and_frees(
    client_for, officer, member, outsider, tonan, django_capture_on_commit_callbacks
):
    client = client_for(officer)
    client.post("/posts/new/", {**TYPED, "kind": "notice", "photos": [photo()]})
    with bound(tonan):
        file = Attachment.objects.latest("pk")
        before = Room.now().used
        assert default_storage.exists(file.key)
    for other in (member, outsider):
        assert client_for(other).post(f"/attachments/{file.pk}/removal/").status_code == 404
    assert "消しますか" in client.get(f"/attachments/{file.pk}/removal/").content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(f"/attachments/{file.pk}/removal/").status_code == 302
    with bound(tonan):
        assert Room.now().used == before - file.size - file.preview_size
        assert not default_storage.exists(file.key)
        assert not default_storage.exists(file.preview_key)
        assert Entry.objects.get(verb="attachment.remove").data["name"] == "kawa.webp"
        assert Post.objects.filter(title=TYPED["title"]).exists()
    assert client.post(f"/attachments/{file.pk}/removal/").status_code == 404


def test_what_lies_in_a_room_the_officer_is_not_in_is_not_named(client_for, officer, member, tonan, used):
    with bound(tonan):
        club = Community.objects.get(name="防災の会")
        officer.memberships.filter(community=club).delete()
    used(member, 1000, audience=Post.Audience.COMMUNITY, community=club)
    text = client_for(officer).get("/menu/room/").content.decode()
    assert "大きい.webp" not in text
