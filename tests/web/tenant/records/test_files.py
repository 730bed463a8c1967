"""Photos and documents beside a handover record: seen by those who read it, put there while its year lasts."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from controlplane.tenancy import bound
from tenants.communities.models import Community, HandoverRecord
from tenants.feed.models import Attachment, Post
from tenants.feed.models import attachments as limits
from tenants.feed.tasks import clear_uploads_everywhere
from tenants.members.models import Seat
from tests.stored import default_storage
from tests.tenants.feed.hostile.documents import pdf
from tests.web.tenant.feed.test_writing import photo

WORDS = {"problem": "倉庫の鍵", "handling": "合鍵を作った。"}


@pytest.fixture
def record(tonan, leader) -> HandoverRecord:
    with bound(tonan):
        return HandoverRecord.write(by=leader, seat=Seat.objects.get(title="1組 組長"), **WORDS)


def send(client, record, *files):
    return client.post(f"/handover/{record.pk}/files/", {"chosen": list(files)})


def kept(tonan, record) -> list[Attachment]:
    with bound(tonan):
        return list(record.attachments.order_by("pk"))


def test_photos_and_documents_stand_beside_the_words(client_for, leader, officer, member, outsider, record, tonan):
    client = client_for(leader)
    assert send(client, record, photo("鍵.jpg"), SimpleUploadedFile("見積書.pdf", pdf())).status_code == 302
    one, other = kept(tonan, record)
    assert {one.kind, other.kind} == {"photo", "document"}
    for reader in (client, client_for(officer)):
        page = reader.get(f"/handover/{record.pk}/").content.decode()
        assert f"/attachments/{one.pk}/" in page
        assert "見積書.pdf" in page
        assert reader.get(f"/attachments/{one.pk}/").status_code == 302
    for person in (member, outsider):
        assert client_for(person).get(f"/attachments/{one.pk}/").status_code == 404
        assert send(client_for(person), record, photo()).status_code == 404


def test_what_is_refused_says_why_and_the_rest_is_kept(client_for, leader, record, tonan):
    bad = SimpleUploadedFile("絵.svg", b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', "image/svg+xml")
    answer = send(client_for(leader), record, bad, photo())
    assert answer.status_code == 422
    assert "絵.svg：" in answer.content.decode()
    assert [file.kind for file in kept(tonan, record)] == ["photo"]
    assert send(client_for(leader), record).status_code == 422


def test_there_is_an_end_to_them(client_for, leader, record, tonan, monkeypatch):
    monkeypatch.setattr(limits, "MAX_IN_RECORD", 1)
    assert "あわせて10まで" in send(client_for(leader), record, photo("a.jpg"), photo("b.jpg")).content.decode()
    assert len(kept(tonan, record)) == 1
    with bound(tonan):
        assert not Attachment.objects.loose().exists()


def test_a_file_is_taken_away_for_good(client_for, leader, officer, record, tonan):
    client = client_for(leader)
    send(client, record, photo())
    [file] = kept(tonan, record)
    path = f"/handover/{record.pk}/files/{file.pk}/removal/"
    assert "この写真を消しますか" in client.get(path).content.decode()
    assert client_for(officer).post(path).status_code == 404
    assert "を消しました" in client.post(path, follow=True).content.decode()
    assert kept(tonan, record) == []


def test_after_its_year_files_are_read_and_stay(client_for, leader, record, tonan):
    client = client_for(leader)
    send(client, record, photo())
    [file] = kept(tonan, record)
    with bound(tonan):
        HandoverRecord.objects.update(fiscal_year=2019)
    assert client.get(f"/attachments/{file.pk}/").status_code == 302
    assert "写真や書類を足す" not in client.get(f"/handover/{record.pk}/").content.decode()
    assert send(client, record, photo()).status_code == 404
    assert client.post(f"/handover/{record.pk}/files/{file.pk}/removal/").status_code == 404
    assert kept(tonan, record) == [file]


def test_what_a_record_carries_is_not_loose(client_for, leader, record, tonan, django_capture_on_commit_callbacks):
    send(client_for(leader), record, photo())
    with bound(tonan):
        record.attachments.update(created_at=timezone.now() - timedelta(days=3))
    with django_capture_on_commit_callbacks(execute=True):
        clear_uploads_everywhere()
    [file] = kept(tonan, record)
    with bound(tonan):
        assert default_storage.exists(file.key)
        post = Post.write(by=leader, title="1組へ", audience="group", group_id=1)
        with pytest.raises(limits.ValidationError):
            file.attach_to(post, by=leader)


def test_a_person_s_own_go_with_them_and_a_seat_s_stay(
    client_for, leader, officer, member, record, tonan, django_capture_on_commit_callbacks
):
    with bound(tonan):
        own = HandoverRecord.write(by=member, community=Community.objects.get(name="防災の会"), **WORDS)
    send(client_for(member), own, photo())
    send(client_for(leader), record, photo())
    with django_capture_on_commit_callbacks(execute=True), bound(tonan):
        member.erase(by=officer)
        leader.erase(by=officer)
    assert (len(kept(tonan, own)), len(kept(tonan, record))) == (0, 1)
