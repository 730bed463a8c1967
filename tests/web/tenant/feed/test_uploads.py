"""Uploads in pieces (tus 1.0): they go on where they broke, are their sender's alone, and become attachments once."""

import base64
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from controlplane.tenancy import bound
from infra.dev.doubles.clamd import EICAR
from tenants.feed.models import Attachment, Upload
from tests.stored import default_storage
from tests.tenants.feed.hostile.pictures import drawn

PHOTO = drawn(size=(640, 400), quality=95)
TUS = {"Tus-Resumable": "1.0.0"}


def begin(client, length=None, name="夏まつり.jpg", **headers):
    length = len(PHOTO) if length is None else length
    metadata = "filename " + base64.b64encode(name.encode()).decode()
    said = {**TUS, "Upload-Length": str(length), "Upload-Metadata": metadata, **headers}
    return client.post("/uploads/", headers=said)


def place(answer):
    assert answer.status_code == 201, answer.content.decode()
    return "/uploads/" + answer["Location"].split("/uploads/")[1]


def patch(client, url, content, at, content_type="application/offset+octet-stream"):
    return client.patch(url, content, content_type=content_type, headers={**TUS, "Upload-Offset": str(at)})


def finish(client, url):
    return client.post(f"{url}attachment/", headers=TUS)


def sent(client, content=PHOTO, name="夏まつり.jpg"):
    url = place(begin(client, len(content), name))
    assert patch(client, url, content, 0).status_code == 204
    return url


def test_what_the_server_can_do_is_asked_first(client_for, member):
    answer = client_for(member).options("/uploads/")
    assert answer["Tus-Version"] == "1.0.0"
    assert set(answer["Tus-Extension"].split(",")) == {"creation", "termination", "expiration"}
    assert int(answer["Tus-Max-Size"]) == 20 * 1024 * 1024


def test_another_version_is_told_ours(client_for, member):
    answer = client_for(member).post("/uploads/", headers={"Tus-Resumable": "0.2.2"})
    assert (answer.status_code, answer["Tus-Version"]) == (412, "1.0.0")


def test_a_photo_comes_in_pieces_and_goes_on_where_the_line_broke(client_for, officer, tonan):
    client = client_for(officer)
    url = place(begin(client))
    assert patch(client, url, PHOTO[:1000], 0)["Upload-Offset"] == "1000"
    head = client_for(officer).head(url, headers=TUS)  # the phone was off meanwhile
    assert (head["Upload-Offset"], head["Upload-Length"]) == ("1000", str(len(PHOTO)))
    assert head["Cache-Control"] == "no-store"
    assert "GMT" in head["Upload-Expires"]
    assert finish(client, url).status_code == 409
    assert patch(client, url, PHOTO[1000:], 1000).status_code == 204
    answer = finish(client, url)
    assert answer.status_code == 200
    with bound(tonan):
        attachment = Attachment.objects.latest("pk")
        assert (attachment.name, attachment.width, attachment.owner_id) == ("夏まつり.webp", 640, officer.pk)
    assert f'name="kept" value="{attachment.pk}"' in answer.content.decode()


def test_finishing_twice_makes_one_attachment_and_leaves_no_piece(
    client_for, officer, tonan, django_capture_on_commit_callbacks
):
    client = client_for(officer)
    url = sent(client)
    with django_capture_on_commit_callbacks(execute=True):
        first = finish(client, url).content
    assert finish(client, url).content == first
    with bound(tonan):
        upload = Upload.objects.get(attachment__isnull=False)
        assert not default_storage.exists(f"{upload.key}/{upload.pieces[0]}")


def test_a_piece_from_elsewhere_is_refused_and_the_offset_told(client_for, officer):
    client = client_for(officer)
    url = place(begin(client))
    patch(client, url, PHOTO[:500], 0)
    for at in (0, 499, 501):
        answer = patch(client, url, PHOTO[500:], at)
        assert (answer.status_code, answer["Upload-Offset"]) == (409, "500")
    assert client.head(url, headers=TUS)["Upload-Offset"] == "500"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Upload-Length": "0"}, 422),
        ({"Upload-Length": str(20 * 1024 * 1024 + 1)}, 413),
        ({"Upload-Length": "-1"}, 400),
        ({"Upload-Length": "many"}, 400),
        ({"Upload-Length": "９"}, 400),
        ({"Upload-Length": "9" * 400}, 400),
        ({"Upload-Length": "", "Upload-Defer-Length": "1"}, 400),
        ({"Upload-Metadata": "filename ###"}, 400),
        ({"Upload-Metadata": "filename //79"}, 400),
    ],
)
def test_nonsense_at_the_beginning_is_refused_in_a_sentence(client_for, member, headers, status):
    answer = begin(client_for(member), **headers)
    assert answer.status_code == status
    assert answer["Content-Type"].startswith("text/plain")
    assert answer.content.decode().endswith("。")


@pytest.mark.parametrize(
    "name", ["", "../../etc/passwd", "a\0b\r\nSet-Cookie: x.jpg", "\u202egpj.exe", "長" * 900, "<b>"]
)
def test_a_hostile_name_does_no_harm(client_for, member, name, tonan):
    client = client_for(member)
    url = sent(client, name=name)
    assert finish(client, url).status_code == 200
    with bound(tonan):
        kept = Attachment.objects.latest("pk").name
    assert kept.endswith(".webp")
    assert not set(kept) & set("\0\r\n/\\<>\u202e")


def test_nonsense_in_the_middle_is_refused(client_for, member):
    client = client_for(member)
    url = place(begin(client, 10))
    assert patch(client, url, b"x", 0, "application/json").status_code == 415
    assert client.patch(url, b"x", content_type="application/offset+octet-stream", headers=TUS).status_code == 400
    assert patch(client, url, b"x" * 11, 0).status_code == 422
    assert client.head(url, headers=TUS)["Upload-Offset"] == "0"


def test_thousands_of_crumbs_are_refused(client_for, member, monkeypatch):
    monkeypatch.setattr("tenants.feed.models.uploads.MOST_PIECES", 3)
    client = client_for(member)
    url = place(begin(client, 10))
    assert [patch(client, url, b"x", at).status_code for at in range(5)] == [204, 204, 204, 422, 409]


def test_too_many_at_once_are_refused(client_for, member, monkeypatch):
    monkeypatch.setattr("tenants.feed.models.uploads.AT_ONCE", 2)
    client = client_for(member)
    assert [begin(client).status_code for _ in range(3)] == [201, 201, 422]


@pytest.mark.parametrize(("content", "said"), [(b"<html><script>", "ウェブページ"), (PHOTO + EICAR, "あぶないもの")])
def test_what_is_refused_says_why_and_is_gone(client_for, member, content, said):
    client = client_for(member)
    url = sent(client, content)
    answer = finish(client, url)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert client.head(url, headers=TUS).status_code == 404


def test_giving_up_takes_it_away(client_for, member):
    client = client_for(member)
    url = sent(client)
    assert client.delete(url, headers=TUS).status_code == 204
    assert client.delete(url, headers=TUS).status_code == 404
    assert finish(client, url).status_code == 404


def test_after_a_day_it_is_over(client_for, member, tonan):
    client = client_for(member)
    url = sent(client)
    with bound(tonan):
        Upload.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    for answer in (client.head(url, headers=TUS), patch(client, url, b"", 0), finish(client, url)):
        assert answer.status_code == 404


def test_an_upload_is_its_sender_s_alone(client_for, officer, member, outsider):
    url = sent(client_for(officer))
    for other in (client_for(member), client_for(outsider)):
        for answer in (
            other.head(url, headers=TUS),
            patch(other, url, b"", 0),
            finish(other, url),
            other.delete(url, headers=TUS),
        ):
            assert answer.status_code == 404
    assert client_for(officer).head(url, headers=TUS).status_code == 200


def test_every_step_needs_the_form_s_token(client_for, officer):
    client = client_for(officer)
    url = place(begin(client))
    strict = Client(enforce_csrf_checks=True, HTTP_HOST=client.defaults["HTTP_HOST"])
    strict.cookies = client.cookies
    assert begin(strict).status_code == 403
    assert patch(strict, url, b"x", 0).status_code == 403
    assert finish(strict, url).status_code == 403
    assert strict.delete(url, headers=TUS).status_code == 403
