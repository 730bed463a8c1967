"""What programs ask of any host before they look around."""

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.dateparse import parse_datetime

APEX, SITE = "kairan.localhost", "tonan.kairan.localhost"


def lines(host: str, path: str) -> list[str]:
    return Client(HTTP_HOST=host).get(path).content.decode().splitlines()


def test_search_engines_may_have_the_public_pages_and_nothing_of_a_site(tonan):
    assert lines(SITE, "/robots.txt") == ["User-agent: *", "Disallow: /"]
    assert lines(APEX, "/robots.txt") == [
        "User-agent: *",
        "Allow: /$",
        "Allow: /apply/$",
        "Allow: /static/",
        "Disallow: /",
    ]


@pytest.mark.parametrize("host", [APEX, SITE])
def test_whom_to_tell_of_a_hole_is_said_where_somebody_is_named(tonan, settings, host):
    assert Client(HTTP_HOST=host).get("/.well-known/security.txt").status_code == 404
    settings.SECURITY_CONTACT = "mailto:security@example.jp"
    said = dict(line.split(": ", 1) for line in lines(host, "/.well-known/security.txt"))
    assert said["Contact"] == "mailto:security@example.jp"
    assert parse_datetime(said["Expires"]) > timezone.now()


@pytest.mark.parametrize("host", [APEX, SITE])
def test_an_icon_is_where_browsers_look_for_one(tonan, host):
    assert Client(HTTP_HOST=host).get("/favicon.ico")["Location"].endswith("logo.svg")


def test_the_browser_offers_an_officer_no_address_of_their_own_for_another_home(client_for, officer):
    page = client_for(officer).get("/members/households/add/").content.decode()
    for name in ("postal_code", "address"):
        field = page[page.index(f'name="{name}"') :].partition(">")[0]
        assert 'autocomplete="off"' in field
