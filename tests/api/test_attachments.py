"""Uploads: checked, linked for five minutes, seen by whoever sees the post."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image


@pytest.fixture
def photo():
    stream = io.BytesIO()
    Image.new("RGB", (64, 48), "green").save(stream, "JPEG")
    return stream.getvalue()


def upload(program, content, name="写真.jpg"):
    return program.client.post(
        "/api/v1/attachments/", {"file": SimpleUploadedFile(name, content)}, headers=program.headers
    )


def test_a_photo_is_taken_in_and_carried_by_a_post(api, officer, member, photo, forbidden):
    answer = upload(api(officer), photo)
    assert answer.status_code == 201, answer.content.decode()
    attachment = answer.json()
    assert (attachment["state"], attachment["kind"], attachment["width"]) == ("ready", "photo", 64)
    forbidden(member, "get", f"attachments/{attachment['id']}/")
    post = api(officer).post("posts/", kind="report", title="写真", attachments=[attachment["id"]])
    assert post.status_code == 201, post.content.decode()
    carried = api(member).get(f"posts/{post.json()['id']}/").json()["attachments"]
    assert carried == [{name: attachment[name] for name in carried[0]}]
    linked = api(member).get(f"attachments/{attachment['id']}/").json()
    assert "Signature" in linked["url"]


def test_what_is_no_photo_and_no_pdf_is_400(api, officer):
    answer = upload(api(officer), b"<svg onload=alert(1)>", "x.svg")
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"


def test_somebody_else_s_upload_cannot_be_carried(api, officer, member, photo):
    attachment = upload(api(member), photo).json()
    answer = api(officer).post("posts/", title="x", attachments=[attachment["id"]])
    assert set(answer.json()["errors"]) == {"attachments"}


def test_uploads_speak_multipart_only(api, officer):
    assert api(officer).post("attachments/", file="x").status_code == 415


def test_attachments_are_closed_to_outsiders(closed, api, officer, photo):
    attachment = upload(api(officer), photo).json()
    closed("get", f"attachments/{attachment['id']}/")
    closed("post", "attachments/")
