"""P1: every URL there is, with every method, tried by the wrong people of every role. New URLs need no line here.

Primary keys are equal in both associations, so that a leak would answer 200 rather than 404. Each test goes over all
URLs and names every one that gave something away.
"""

import re
from collections.abc import Iterator

import pytest
from django.http import HttpResponse
from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import RegexPattern

from tests.architecture.conftest import METHODS, ROLES, host_of
from tests.conftest import CANARY

SAMPLES = {
    "pk": "1",
    "code": "ABCD-EFGH-JKLM",
    "token": "x",
    "slug": "kyoto",
    "n": "1",
    "bulletin": "8b2f6d0e-6f0c-4c5e-9d55-0d3a1c2b4e6f",
}


def urls(urlconf: str) -> list[str]:
    return sorted(set(_walk(get_resolver(urlconf).url_patterns, "/")))


def _walk(patterns: list[URLPattern | URLResolver], prefix: str) -> Iterator[str]:
    for pattern in patterns:
        # The catch-all of unknown paths is a regular expression; any path stands for it.
        route = prefix + ("nowhere/" if isinstance(pattern.pattern, RegexPattern) else str(pattern.pattern))
        if isinstance(pattern, URLResolver):
            yield from _walk(pattern.url_patterns, route)
        else:
            yield re.sub(r"<(?:[a-z]+:)?([a-z_]+)>", lambda m: SAMPLES.get(m[1], "1"), route)


SITE_URLS = urls("controlplane.urls.tenant")
APEX_URLS = [url for url in urls("controlplane.urls.public") if not url.startswith("/dev/")]
DOORS = {"operator": "/operations/", "official": "/city/"}

# Pages of a site that anybody may open: ways in, and what carries its own key. All others turn strangers away.
OPEN = {
    "/sign-in/",
    "/sign-in/code/",
    "/sign-out/",
    "/register/",
    "/waiting/",
    "/i/ABCD-EFGH-JKLM/",
    "/menu/text/",
    "/language/",
    "/calendar.ics",
    "/news/stop/x/",
    "/robots.txt",
    "/.well-known/security.txt",
    "/favicon.ico",
    "/sw.js",
    "/app.webmanifest",
    "/offline/",
    "/api/v1/auth/code/",
    "/api/v1/auth/token/",
    "/api/v1/calendar.ics",
    "/api/v1/schema/",
    "/api/v1/docs/",
}
WIDEST = {"waiting", "representative"}  # who may do least and most at home; what the others do is among it
OWN_PAGES = {"/waiting/", "/api/v1/me/"}  # one's own name carries the canary

DIRECTIONS = [("tonan", "fujishiro"), ("fujishiro", "tonan")]
FOREIGNERS = [
    *[pytest.param(home, away, role, id=f"{role}-of-{home}") for home, away in DIRECTIONS for role in ROLES],
    *[pytest.param("apex", away, role, id=f"{role}-at-{away}") for away in CANARY for role in DOORS],
    *[pytest.param("nowhere", away, "stranger", id=f"stranger-at-{away}") for away in CANARY],
]
AT_THE_APEX = [
    ("nowhere", "stranger"),
    *[("apex", role) for role in DOORS],
    *[("halfway", f"{role} by code alone") for role in DOORS],  # the second factor not shown yet
    ("tonan", "representative"),
]
AT_HOME = [pytest.param(home, away, role, id=f"{role}-of-{home}") for home, away in DIRECTIONS for role in ROLES]


@pytest.mark.parametrize(("home", "away", "role"), FOREIGNERS)
def test_foreigners_get_nothing_of_an_association(visitor_from, home, away, role):
    """With their own session and token, on the foreign host."""
    visitor, wrong = visitor_from(home, role), []
    for url in SITE_URLS:
        for visit, answer in visitor.visits(host_of(away), url):
            if answer.status_code >= 500 or CANARY[away] in body(answer):
                wrong.append(f"{visit}: {answer.status_code}, {body(answer)[:300]}")
            if url not in OPEN and not turned_away(answer):
                wrong.append(f"{visit}: {answer.status_code} is not being turned away")
    assert wrong == []


@pytest.mark.parametrize(("home", "away", "role"), AT_HOME)
def test_nobody_sees_another_association_at_home(visitor_from, home, away, role):
    visitor, wrong = visitor_from(home, role), []
    methods = METHODS if role in WIDEST else ("get",)
    for url in SITE_URLS:
        for visit, answer in visitor.visits(host_of(home), url, methods):
            if answer.status_code >= 500 or CANARY[away] in body(answer):
                wrong.append(f"{visit}: {answer.status_code}, {body(answer)[:300]}")
            if role == "waiting" and url not in OWN_PAGES and CANARY[home] in body(answer):
                wrong.append(f"{visit}: shows something to a person not yet admitted")
    assert wrong == []


@pytest.mark.parametrize(("home", "role"), AT_THE_APEX)
def test_operations_and_city_open_no_door_of_each_other(visitor_from, home, role):
    """A stranger and a member of some association are led to sign in; who works at one desk finds no other."""
    visitor, expected = visitor_from(home, role), ({404, 405} if home == "apex" else {302, 401})
    guarded = [url for url in APEX_URLS if url.startswith(tuple(DOORS.values()))]
    wrong = [
        f"{visit}: {answer.status_code}"
        for url in guarded
        if not url.startswith(DOORS.get(role, "nobody's"))
        for visit, answer in visitor.visits(host_of("apex"), url)
        if answer.status_code not in expected
    ]
    assert wrong == []


@pytest.mark.parametrize(("home", "role"), AT_THE_APEX)
def test_the_apex_host_shows_nothing_of_any_association(visitor_from, home, role):
    visitor = visitor_from(home, role)
    wrong = [
        f"{visit}: {answer.status_code}, {body(answer)[:300]}"
        for url in APEX_URLS
        for visit, answer in visitor.visits(host_of("apex"), url)
        if answer.status_code >= 500 or any(canary in body(answer) for canary in CANARY.values())
    ]
    assert wrong == []


def test_a_crawl_finds_a_page_that_opens_to_anybody(visitor_from, rf):
    """The measure itself can fail: an answer of 200, or a word of the other side, is not being turned away."""
    assert not turned_away(HttpResponse("…"))
    assert not turned_away(HttpResponse(status=302, headers={"Location": "/posts/1/"}))
    assert turned_away(HttpResponse(status=404))
    visits = list(visitor_from("tonan", "member").visits(host_of("tonan"), "/"))
    assert any(CANARY["tonan"] in body(answer) for _visit, answer in visits)


def turned_away(answer: HttpResponse) -> bool:
    if answer.status_code == 302:
        return answer["Location"].startswith("/sign-in/")
    return answer.status_code in {401, 404, 405}


def body(answer: HttpResponse) -> str:
    return answer.content.decode(errors="replace") + str(answer.headers)
