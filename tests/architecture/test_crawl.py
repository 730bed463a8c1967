"""Every URL there is, tried by the wrong people. New URLs are covered without anyone adding them.

Primary keys are equal in both associations, so that a leak would answer 200 rather than 404.
"""

import re
from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import RegexPattern

from tests.conftest import CANARY

METHODS = ("get", "post", "put", "patch", "delete")
SAMPLES = {"pk": "1", "code": "ABCD-EFGH-JKLM", "token": "x", "slug": "kyoto", "n": "1"}


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
APEX_URLS = urls("controlplane.urls.public")
GUARDED_PREFIXES = ("/operations/", "/city/")


# Pages of a site that anybody may open: ways in, and what carries its own key. All others turn strangers away.
OPEN = {
    "/sign-in/",
    "/sign-in/code/",
    "/sign-out/",
    "/register/",
    "/waiting/",
    "/i/ABCD-EFGH-JKLM/",
    "/menu/text/",
    "/calendar.ics",
    "/api/v1/auth/code/",
    "/api/v1/auth/token/",
    "/api/v1/calendar.ics",
    "/api/v1/schema/",
    "/api/v1/docs/",
}


def body(response) -> str:
    return response.content.decode(errors="replace") + str(response.headers)


@pytest.mark.parametrize("url", SITE_URLS)
@pytest.mark.parametrize("method", METHODS)
def test_the_outsider_gets_nothing_of_another_association(client_for, outsider, tonan, url, method):
    """With their own cookies, on the foreign host."""
    foreign = Client(HTTP_HOST="tonan.kairan.localhost", raise_request_exception=False)
    foreign.cookies = client_for(outsider).cookies
    answer = getattr(foreign, method)(url)
    assert answer.status_code < 500, body(answer)[:300]
    assert CANARY["tonan"] not in body(answer)


@pytest.mark.parametrize("url", [url for url in SITE_URLS if url not in OPEN])
@pytest.mark.parametrize("method", METHODS)
def test_a_stranger_is_turned_away_from_every_page_that_is_not_open(browser, tonan, url, method):
    answer = getattr(browser(tonan), method)(url)
    assert answer.status_code in {302, 401, 404, 405}, f"{method} {url}: {answer.status_code}"
    if answer.status_code == 302:
        assert answer["Location"].startswith("/sign-in/"), f"{method} {url} leads to {answer['Location']}"


@pytest.mark.parametrize("url", SITE_URLS)
def test_nobody_sees_another_association_at_home(client_for, outsider, tonan, url):
    answer = client_for(outsider).get(url)
    assert CANARY["tonan"] not in body(answer)


@pytest.mark.parametrize("url", SITE_URLS)
@pytest.mark.parametrize("method", METHODS)
def test_a_person_not_yet_admitted_sees_nothing(client_for, waiting, url, method):
    client = client_for(waiting)
    client.raise_request_exception = False
    answer = getattr(client, method)(url)
    assert answer.status_code < 500, body(answer)[:300]
    if url not in OWN_PAGES:
        assert CANARY["tonan"] not in body(answer)


OWN_PAGES = {"/waiting/", "/api/v1/me/"}  # one's own name carries the canary


@pytest.mark.parametrize("url", [u for u in APEX_URLS if u.startswith(GUARDED_PREFIXES)])
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("who", ["anonymous", "operator", "city_official"])
def test_operations_and_city_do_not_open_each_other_s_doors(apex, request, url, method, who):
    user = None if who == "anonymous" else request.getfixturevalue(who)
    home = {"operator": "/operations/", "city_official": "/city/"}.get(who)
    if home and url.startswith(home):
        return
    client = apex(user)
    client.raise_request_exception = False
    answer = getattr(client, method)(url)
    assert answer.status_code in ({302} if who == "anonymous" else {404, 405}), f"{who} {method} {url}"


@pytest.mark.parametrize("url", [u for u in APEX_URLS if not u.startswith("/dev/")])
def test_the_apex_host_shows_nothing_of_any_association(apex, operator, city_official, url):
    for user in (None, operator, city_official):
        client = apex(user)
        client.raise_request_exception = False
        answer = client.get(url)
        assert answer.status_code < 500, body(answer)[:300]
        assert not any(canary in body(answer) for canary in CANARY.values())
