"""Errors: problem details everywhere below /api/, and nothing that tells a forbidden thing from a missing one."""

import re

import pytest
from django.core.cache import caches
from django.test import Client
from rest_framework import exceptions, fields

from api.v1.plans import Plans
from api.v1.posts import Posts
from controlplane import rates
from controlplane.tenancy import bound, public
from tenants.feed.models import Post
from web.errors import csrf_failure

FIELDS = [
    fields.CharField(),
    fields.BooleanField(),
    fields.UUIDField(),
    fields.DateTimeField(),
    fields.DateField(),
    fields.FloatField(),
    fields.IntegerField(),
    fields.ListField(),
    fields.DictField(),
    fields.ChoiceField(choices=["a"]),
    fields.DurationField(),
    fields.BigIntegerField(),
]


def problem(answer, status):
    assert answer.status_code == status, answer.content.decode()
    assert answer["Content-Type"] == "application/problem+json"
    said = answer.json()
    assert (said["type"], said["status"]) == ("about:blank", status)
    assert said["title"]
    assert "detail" in said
    return said


def test_each_kind_has_the_shape(api, member, officer):
    assert problem(api().get("posts/"), 401)
    assert problem(api(member).get("posts/9999/"), 404)
    assert problem(api(member).put("posts/"), 405)
    assert set(problem(api(officer).post("posts/"), 400)["errors"]) == {"title"}
    body = api(officer).client.post(
        "/api/v1/posts/", "{", content_type="application/json", headers=api(officer).headers
    )
    assert problem(body, 400)["detail"]
    form = api(officer).client.post("/api/v1/posts/", "x", content_type="text/plain", headers=api(officer).headers)
    assert problem(form, 415)


def test_the_anonymous_are_told_how_to_sign_in(api):
    assert api().get("posts/")["WWW-Authenticate"] == "Token"


def test_forbidden_and_missing_are_the_same_answer(api, tonan, member):
    with bound(tonan):
        secret = Post.objects.get(title="役員だけ")
    assert api(member).get(f"posts/{secret.pk}/").content == api(member).get("posts/9999/").content


@pytest.mark.parametrize("path", ["", "nothing/", "posts/x/", "posts/99999999999999999999999/"])
def test_paths_that_are_none_are_problems_too(api, apex_api, member, operator, path):
    problem(api(member).get(path), 404)
    problem(apex_api(operator).get(path), 404)
    problem(apex_api().post(path), 404)


def test_a_forgotten_slash_is_put_right(api, member):
    assert api(member).get("posts")["Location"].endswith("/api/v1/posts/")


def test_too_much_is_429_and_says_for_how_long(apex_api, monkeypatch, settings):
    settings.RATE_FACTOR = 1
    monkeypatch.setattr(rates, "now", lambda: 3_000_000.0)  # no new minute begins half way
    monkeypatch.setattr(rates, "_own", rates._Own())
    for _time in range(120):
        assert apex_api().get("plans/").status_code == 200
    answer = apex_api().get("plans/")
    problem(answer, 429)
    assert int(answer["Retry-After"]) > 0


def test_with_the_cache_down_people_still_read(api, member, cache_at):
    program = api(member)
    cache_at(1)
    assert program.get("posts/").status_code == 200


def test_a_host_that_nobody_has_is_a_problem(db):
    answer = Client(HTTP_HOST="nobody.kairan.localhost").get("/api/v1/posts/")
    assert problem(answer, 404)["title"] == "この住所のページはありません"
    assert Client(HTTP_HOST="nobody.kairan.localhost").get("/").headers["Content-Type"].startswith("text/html")


def test_a_host_that_is_none_is_a_problem(db):
    problem(Client(HTTP_HOST="a b").get("/api/v1/posts/"), 400)


def test_a_site_that_is_stopped_is_a_problem(api, member, tonan):
    with public():
        tonan.suspend(by="tests", reason="相談中")
    caches["routing"].clear()
    assert int(api(member).get("posts/")["Retry-After"]) > 0
    problem(api(member).get("posts/"), 503)


@pytest.mark.parametrize("at", ["apex", "site"])
def test_our_own_fault_is_a_problem(api, apex_api, member, monkeypatch, at):
    def broken(*_args, **_options):
        raise RuntimeError("秘密の中身")

    monkeypatch.setattr(Plans, "get", broken)
    monkeypatch.setattr(Posts, "get", broken)
    program, path = (apex_api(), "plans/") if at == "apex" else (api(member), "posts/")
    program.client.raise_request_exception = False
    answer = program.get(path, page_size=5)
    assert problem(answer, 500)["detail"] == ""
    assert "秘密" not in answer.content.decode()


def test_a_form_without_its_token_is_a_problem_below_the_api_and_a_page_elsewhere(rf):
    assert csrf_failure(rf.post("/api/v1/x/"))["Content-Type"] == "application/problem+json"
    assert csrf_failure(rf.post("/posts/"))["Content-Type"].startswith("text/html")


JAPANESE = re.compile(r"[ぁ-んァ-ン一-龥]")


def test_every_detail_is_japanese(api, apex_api, member, officer, operator):
    """Also where Django, the framework or Python would speak English."""
    json = {"content_type": "application/json"}
    client, headers = api(officer).client, api(officer).headers
    answers = [
        api().get("posts/"),
        api(member).get("posts/9999/"),
        apex_api(operator).get("runs/9999/"),
        api(member).put("posts/"),
        client.post("/api/v1/posts/", "{", headers=headers, **json),
        client.post("/api/v1/posts/", "x", content_type="text/plain", headers=headers),
        client.get("/api/v1/posts/", headers=headers | {"Accept": "image/png"}),
        client.get("/api/v1/posts/", headers={"Authorization": "Token wrong"}),
        api(member).get("posts/", cursor="wrong"),
    ]
    details = [answer.json()["detail"] for answer in answers]
    assert [detail for detail in details if not JAPANESE.search(detail)] == []


def test_every_word_about_a_field_is_japanese(api, officer):
    wrong = {"title": {"a": 1}, "body": [], "pinned": "maybe", "attachments": "x", "publish_at": "soon", "group": "x"}
    errors = problem(api(officer).post("posts/", **wrong), 400)["errors"]
    assert len(errors) >= 4
    assert [text for texts in errors.values() for text in texts if not JAPANESE.search(text)] == []


def test_the_framework_s_own_words_all_have_a_translation():
    for error in (
        exceptions.Throttled(wait=5),
        *(exceptions.APIException(text) for field in FIELDS for text in field.error_messages.values()),
    ):
        assert JAPANESE.search(str(error.detail)), error.detail


def test_what_is_sent_to_an_address_without_its_slash_goes_along_to_the_right_one(api, officer):
    program = api(officer)
    answer = program.client.post(
        "/api/v1/posts?x=1",
        {"title": "清掃", "body": "日曜の朝です。"},
        content_type="application/json",
        headers=program.headers,
        follow=True,
    )
    assert answer.redirect_chain == [("/api/v1/posts/?x=1", 308)]
    assert (answer.status_code, answer.json()["title"]) == (201, "清掃")
