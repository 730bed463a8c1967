"""Errors: problem details everywhere below /api/, and nothing that tells a forbidden thing from a missing one."""

import pytest
from django.core.cache import caches
from redis.exceptions import RedisError

from controlplane.tenancy import bound
from tenants.feed.models import Post


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


def test_too_much_is_429_and_says_for_how_long(apex_api):
    for _time in range(120):
        assert apex_api().get("plans/").status_code == 200
    answer = apex_api().get("plans/")
    problem(answer, 429)
    assert int(answer["Retry-After"]) > 0


def test_with_the_cache_down_people_still_read(api, member, monkeypatch):
    def down(*_args, **_options):
        raise RedisError("down")

    program = api(member)
    monkeypatch.setattr(type(caches["default"]), "get", down)
    assert program.get("posts/").status_code == 200
