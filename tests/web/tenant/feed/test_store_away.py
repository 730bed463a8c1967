"""The object store hangs or refuses: words go out all the same, a photo is told about, nobody else waits."""

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import timedelta

import pytest
from django.conf import settings
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.db.models import F
from django.test import Client
from django.utils import timezone

from controlplane.associations.models import Association
from controlplane.dispatch.models import Wakeup
from controlplane.tenancy import bound, public
from tenants.feed.models import Attachment, Post, Room, Upload
from tenants.feed.models.uploads import SWEEPING, clear_uploads
from tenants.feed.tasks import clear_uploads_everywhere
from tenants.members.models import Member
from tests.outside import hung, refused
from tests.stored import default_storage
from tests.tenants.feed.hostile.pictures import drawn
from tests.web.tenant.feed.test_writing import TYPED

SENTENCE = "いま受け取れません。文章だけ先に出すか、あとでもう一度ためしてください。"


@contextmanager
def store_at(port):
    """The store's clients are made anew, and lead there."""
    store = storages["default"]
    kept = store._resources, store.endpoint_url
    store._resources, store.endpoint_url = {}, f"http://127.0.0.1:{port}"
    try:
        yield
    finally:
        store._resources, store.endpoint_url = kept


@pytest.fixture(params=["hung", "refused"])
def away(request):
    """How often the store was called, where that can be told."""
    with hung() as server, store_at(server.port if request.param == "hung" else refused()):
        yield server.calls


def photo(name="夏.jpg"):
    return SimpleUploadedFile(name, drawn(), "image/jpeg")


def form(**more):
    return TYPED | {"title": "写真つき", "body": "川の掃除をしました。"} | more


def test_the_form_comes_back_with_its_words_and_a_sentence_about_the_photo(client_for, officer, tonan, away):
    answer = client_for(officer).post("/posts/new/", form(photos=[photo(), photo("秋.jpg")]))
    assert (answer.status_code, answer["Retry-After"]) == (503, "60")
    assert SENTENCE in answer.content.decode()
    assert "川の掃除をしました。" in answer.content.decode()
    assert away() <= 1  # one wait, however many photos
    with bound(tonan):
        assert not Post.objects.filter(title="写真つき").exists()
        assert not Attachment.objects.filter(name__startswith="夏").exists()


def test_words_alone_go_out(client_for, officer, tonan, away):
    assert client_for(officer).post("/posts/new/", form()).status_code == 302
    assert away() == 0
    with bound(tonan):
        assert Post.objects.filter(title="写真つき").exists()


def test_urgent_news_goes_out_without_its_photo_and_says_so(client_for, officer, tonan, away):
    client = client_for(officer)
    answer = client.post("/posts/new/", form(kind="urgent", photos=[photo()]), follow=True)
    assert "写真は、いま受け取れないので、のせませんでした。" in answer.content.decode()
    with bound(tonan):
        assert not Post.objects.get(title="写真つき").attachments.exists()


def test_the_api_says_503_and_when_to_come_again(client_for, member, away):
    answer = client_for(member).post("/api/v1/attachments/", {"file": photo()})
    assert (answer.status_code, answer["Retry-After"]) == (503, "60")
    assert SENTENCE in answer.json()["detail"]
    assert answer["Content-Type"] == "application/problem+json"


def test_a_piece_of_a_file_is_refused_in_a_sentence_and_the_file_goes_on_later(client_for, member, tonan):
    with bound(tonan):
        upload = Upload.objects.begin(by=member, name="x.jpg", length=9)
    client, tus = client_for(member), {"Tus-Resumable": "1.0.0", "Upload-Offset": "0"}

    def send():
        kind = "application/offset+octet-stream"
        return client.patch(f"/uploads/{upload.pk}/", b"123456789", content_type=kind, headers=tus)

    with store_at(refused()):
        answer = send()
    assert (answer.status_code, SENTENCE in answer.content.decode()) == (503, True)
    assert send().status_code == 204


def test_what_could_not_be_kept_takes_no_room_and_is_swept(client_for, member, tonan):
    with bound(tonan):
        used = Room.now().used
    with store_at(refused()):
        client_for(member).post("/api/v1/attachments/", {"file": photo()})
    with bound(tonan):
        assert Room.now().used == used
        assert Upload.objects.count() == 1
        clear_uploads()
        assert not Upload.objects.exists()


def test_a_copy_whose_row_never_came_is_swept_with_its_objects(
    member, tonan, monkeypatch, django_capture_on_commit_callbacks
):
    def killed(*_args, **_named):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, suppress(KeyboardInterrupt), bound(tonan):
        patched.setattr("tenants.feed.models.attachments.AttachmentQuerySet._name", killed)
        Attachment.objects.receive(photo(), by=member)
    with bound(tonan):
        place = Upload.objects.get()
        assert default_storage.exists(place.key)
        Upload.objects.update(expires_at=timezone.now() - timedelta(minutes=1))
    with public():
        assert Wakeup.objects.filter(association=tonan, purpose=SWEEPING).update(due_at=F("due_at") - timedelta(days=2))
    with django_capture_on_commit_callbacks(execute=True):
        clear_uploads_everywhere()
    with bound(tonan):
        assert not Upload.objects.exists()
        assert not default_storage.exists(place.key)
        assert not default_storage.exists(f"{place.key}-preview")


def test_where_nobody_sent_anything_the_store_is_not_asked(tonan, caplog):
    with store_at(refused()):
        clear_uploads_everywhere.apply(throw=True)
    assert "clearing_uploads_failed" not in caplog.text


def test_a_neighbour_cannot_take_hold_of_room_that_is_only_reserved(client_for, member, tonan):
    with bound(tonan):
        place = Upload.objects.reserve(100, by=member)
    assert client_for(member).delete(f"/uploads/{place.pk}/", headers={"Tus-Resumable": "1.0.0"}).status_code == 404


@pytest.fixture
def house(django_db_setup, django_db_blocker):
    """桃南会 as other connections see it."""
    with django_db_blocker.unblock():
        with public():
            association = Association.objects.get(slug="tonan")
        yield association
        with bound(association):
            Upload.objects.all().delete()
            Attachment.objects.all().forget()
        with public():
            Wakeup.objects.filter(purpose=SWEEPING).delete()
        connection.close()


def test_while_the_store_hangs_nobody_else_of_the_association_waits(house):
    """Real connections: one photo waits for the store, and the room's lock is free for another's."""

    def client():
        signed_in = Client(HTTP_HOST=f"tonan.{settings.APEX_HOST}")
        with bound(house):
            signed_in.force_login(Member.objects.get(user__email="member@tonan.example.jp").user)
        return signed_in

    def send():
        try:
            return client().post("/api/v1/attachments/", {"file": photo()}).status_code
        finally:
            connection.close()

    with hung() as server, store_at(server.port), ThreadPoolExecutor(1) as pool:
        sending = pool.submit(send)
        until = time.monotonic() + 20
        while _reserved(house) == 0 and time.monotonic() < until:
            time.sleep(0.05)
        with bound(house):
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL lock_timeout = '500ms'")
            Room.hold(1)
        assert client().get("/").status_code == 200
        assert _open_transactions() == 0
        assert not sending.done()
        assert sending.result(timeout=20) == 503


def _reserved(house):
    with bound(house):
        return Upload.objects.filter(key__startswith="attachments/").count()


def _open_transactions():
    """Sessions of this database that hold a transaction and do nothing."""
    with public(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND state LIKE 'idle in transaction%'"
        )
        return cursor.fetchone()[0]
