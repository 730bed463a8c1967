"""Idempotency-Key on every POST: the same thing again is answered as the first time, and done once."""

import re
from typing import Any

import pytest
import yaml
from django.core.files.uploadedfile import SimpleUploadedFile

from controlplane.sending.models import Taken
from controlplane.tenancy import bound
from tenants.feed.models import Attachment, Comment, Post
from tenants.members.models import Invitation
from tests.api.conftest import Api, token_of
from tests.conftest import browser_at
from tests.tenants.feed.hostile.pictures import drawn

POST = {"title": "夏まつりの、お手伝いの募集", "kind": "notice", "audience": "everyone", "body": "本文です。"}


def send(program: Api, path: str, body: dict[str, Any], key: str, **options: Any) -> Any:
    headers = {**program.headers, "Idempotency-Key": key}
    options.setdefault("content_type", "application/json")
    return program.client.post(f"/api/v1/{path}", body, headers=headers, **options)


def test_a_post_sent_twice_is_one_post(api, officer, tonan):
    first, again = (send(api(officer), "posts/", POST, '"8e03978e-40d5"') for _n in range(2))
    assert first.status_code == again.status_code == 201, first.content.decode()
    assert first.json() == again.json()
    assert send(api(officer), "posts/", POST, "8e03978e-40d5").json() == first.json(), "quotes are only its clothes"
    with bound(tonan):
        assert Post.objects.filter(title=POST["title"]).count() == 1


def test_another_body_or_path_under_the_same_key_is_refused(api, officer, tonan):
    send(api(officer), "posts/", POST, "k")
    for path, body in (("posts/", POST | {"title": "べつ"}), ("communities/", {"name": "花の会"})):
        answer = send(api(officer), path, body, "k")
        assert answer.status_code == 422
        assert answer["Content-Type"] == "application/problem+json"
        assert "Idempotency-Key" in answer.json()["detail"]


def test_a_refusal_is_not_remembered(api, officer):
    assert send(api(officer), "posts/", POST | {"title": ""}, "k").status_code == 400
    assert send(api(officer), "posts/", POST, "k").status_code == 201


def test_a_key_is_its_account_s_own(api, officer, leader, outsider, tonan, fujishiro):
    away = Api(browser_at(fujishiro), token_of(fujishiro, outsider.user))
    send(api(officer), "posts/", POST, "k")
    for program, association in ((api(leader), tonan), (away, fujishiro)):
        assert send(program, "posts/1/comments/", {"body": "はい"}, "k").status_code == 201
        with bound(association):
            assert Comment.objects.filter(body="はい").count() == 1


def test_an_upload_sent_twice_is_kept_once(api, member, tonan):
    picture = drawn("PNG")

    def upload(content: bytes) -> Any:
        file = SimpleUploadedFile("a.png", content, "image/png")
        return api(member).client.post(
            "/api/v1/attachments/", {"file": file}, headers={**api(member).headers, "Idempotency-Key": "k"}
        )

    first, again = upload(picture), upload(picture)
    assert first.status_code == again.status_code == 201
    assert first.json()["id"] == again.json()["id"]
    assert upload(picture + b"\0").status_code == 422
    with bound(tonan):
        assert Attachment.objects.count() == 1


def test_what_only_its_maker_may_see_is_kept_sealed(api, officer, tonan):
    made, again = (send(api(officer), "invitations/", {}, "k") for _n in range(2))
    assert made.status_code == 201, made.content.decode()
    assert made.json() == again.json()
    with bound(tonan):
        assert Invitation.objects.count() == 1
        assert all(made.json()["code"] not in taken.sealed for taken in Taken.objects.all())


@pytest.mark.parametrize("key", ['"', '"a', 'a"b c', "あ".encode().decode("latin-1"), "k" * 256, '""'])
def test_a_key_that_is_none_is_refused(api, officer, key):
    assert send(api(officer), "posts/", POST, key).status_code == 400


@pytest.mark.parametrize("host", ["site", "apex"])
def test_the_document_offers_a_key_for_every_post(api, apex_api, host):
    program = {"site": api, "apex": apex_api}[host]()
    paths = yaml.safe_load(program.get("schema/").content)["paths"]
    without = [
        path
        for path, operations in paths.items()
        if "post" in operations and not re.search("Idempotency-Key", str(operations["post"].get("parameters")))
    ]
    assert without == []
