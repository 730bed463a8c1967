"""Nobody keeps an answer unless it says so itself, at every URL of every host. New URLs need no line here."""

import pytest
from django.http import HttpResponse
from django.test import Client

from controlplane.tenancy import public
from tests.architecture.conftest import host_of
from tests.architecture.test_crawl import APEX_URLS, DOORS, SITE_URLS

# What may be kept, and by whom: it is nobody's in particular, or a link that lives for minutes.
KEPT = {
    "/robots.txt": "public, max-age=86400",
    "/favicon.ico": "public, max-age=86400",
    "/sw.js": "no-cache",
    "/app.webmanifest": "max-age=3600",
    "/attachments/1/": "private, max-age=300",
}
CASES = [
    *[pytest.param("tonan", role, "tonan", SITE_URLS, id=role) for role in ("member", "representative", "stranger")],
    *[pytest.param("apex", role, "apex", APEX_URLS, id=role) for role in DOORS],
    pytest.param("nowhere", "stranger", "apex", APEX_URLS, id="stranger at the apex"),
]


@pytest.mark.parametrize(("home", "role", "at", "urls"), CASES)
def test_no_answer_is_kept_unless_it_says_so(visitor_from, home, role, at, urls):
    visitor, wrong = visitor_from(home, role), []
    for url in urls:
        for visit, answer in visitor.visits(
            host_of(at), url, ("get", "post") if role == "representative" else ("get",)
        ):
            if not kept_by_nobody(answer) and answer["Cache-Control"] != KEPT.get(url):
                wrong.append(f"{visit}: {answer.status_code} {answer['Cache-Control']}")
            if url.startswith("/api/") and "authorization" not in answer["Vary"].lower():
                wrong.append(f"{visit}: does not say that it depends on who asks")
    assert wrong == []


@pytest.mark.parametrize(("host", "path"), [("nobody", "/"), ("tonan", "/no/such/page"), ("tonan", "/api/v1/nothing/")])
def test_nor_is_what_is_said_instead_of_a_page(db, host, path):
    assert kept_by_nobody(Client(HTTP_HOST=host_of(host)).get(path))


def test_nor_is_an_error_of_ours(tonan, member, client_for, monkeypatch):
    def fails(*_args, **_kwargs):
        raise RuntimeError

    client = client_for(member)
    client.raise_request_exception = False
    monkeypatch.setattr("tenants.feed.models.feeds.PostQuerySet.visible_to", fails)
    answer = client.get("/")
    assert answer.status_code == 500
    assert kept_by_nobody(answer)


def test_nor_is_the_short_cut_of_the_feed(tonan, visitor_from):
    token = visitor_from("tonan", "member").token
    answer = Client(HTTP_HOST=host_of("tonan"), HTTP_AUTHORIZATION=f"Token {token}").get("/api/v1/posts/")
    assert answer.status_code == 200
    assert kept_by_nobody(answer)
    assert "Authorization" in answer["Vary"]


def test_a_site_that_is_not_open_is_not_kept_either(fujishiro):
    with public():
        fujishiro.suspend(by="運営 1", reason="お休み")
    assert kept_by_nobody(Client(HTTP_HOST=host_of("fujishiro")).get("/"))


def kept_by_nobody(answer: HttpResponse) -> bool:
    return "no-store" in answer.get("Cache-Control", "")
