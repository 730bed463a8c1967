"""What was sent in and never used is cleared away, with its objects; what a post carries stays."""

from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import F
from django.utils import timezone

from controlplane.dispatch.models import Wakeup
from controlplane.tenancy import bound, public
from tenants.feed.models import Attachment, Post, Upload
from tenants.feed.models.uploads import SWEEPING
from tenants.feed.tasks import clear_uploads_everywhere, clear_uploads_of_everybody
from tests.stored import default_storage
from tests.tenants.feed.hostile.pictures import drawn


@pytest.fixture
def clear(tonan, django_capture_on_commit_callbacks):
    def clear():
        with public():
            Wakeup.objects.filter(purpose=SWEEPING).update(due_at=F("due_at") - timedelta(days=2))
        with django_capture_on_commit_callbacks(execute=True):
            clear_uploads_everywhere()

    return clear


def receive(member):
    return Attachment.objects.receive(SimpleUploadedFile("x.jpg", drawn()), by=member)


def test_a_photo_no_post_carries_goes_after_a_day(officer, tonan, clear):
    with bound(tonan):
        loose, fresh, carried = receive(officer), receive(officer), receive(officer)
        Post.write(by=officer, title="写真", attachments=[carried])
        yesterday = timezone.now() - timedelta(hours=25)
        Attachment.objects.filter(pk__in=[loose.pk, carried.pk]).update(created_at=yesterday)
    clear()
    with bound(tonan):
        assert set(Attachment.objects.values_list("pk", flat=True)) >= {fresh.pk, carried.pk}
        assert not Attachment.objects.filter(pk=loose.pk).exists()
        assert [default_storage.exists(each.key) for each in (loose, fresh, carried)] == [False, True, True]
        assert not default_storage.exists(loose.preview_key)


def test_an_upload_that_ran_out_goes_with_its_pieces(officer, tonan, clear):
    with bound(tonan):
        upload = Upload.objects.begin(by=officer, name="x", length=9)
        upload.append(b"1234", at=0)
        running = Upload.objects.begin(by=officer, name="y", length=9)
        Upload.objects.filter(pk=upload.pk).update(expires_at=timezone.now() - timedelta(minutes=1))
    clear()
    with bound(tonan):
        assert list(Upload.objects.values_list("pk", flat=True)) == [running.pk]
        assert not default_storage.exists(f"{upload.key}/{upload.pieces[0]}")


def test_a_piece_whose_row_was_never_kept_goes_too(tonan, clear, monkeypatch):
    with bound(tonan):
        default_storage.save("uploads/stray/0", ContentFile(b"x"))
    clear_uploads_of_everybody.apply(throw=True)
    clear()
    with bound(tonan):
        assert default_storage.exists("uploads/stray/0")
    clear_uploads_of_everybody.apply(throw=True)
    monkeypatch.setattr("tenants.feed.models.uploads.LIFETIME", timedelta(hours=-2))
    clear()
    with bound(tonan):
        assert not default_storage.exists("uploads/stray/0")


def test_who_is_erased_leaves_no_piece(member, tonan, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True), bound(tonan):
        upload = Upload.objects.begin(by=member, name="x", length=9)
        upload.append(b"1234", at=0)
        member.erase(by="tests")
    with bound(tonan):
        assert not Upload.objects.exists()
        assert not default_storage.exists(f"{upload.key}/{upload.pieces[0]}")
