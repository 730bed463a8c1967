"""The Host table: which headers lead where. Anything odd is refused before a query is made."""

import pytest
from django.conf import settings
from django.core.cache import caches
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from controlplane.associations.models import Association, Domain
from controlplane.tenancy import public, routing

LEADS_TO_TONAN = [
    "tonan.kairan.localhost",
    "TONAN.kairan.LOCALHOST",
    "tonan.kairan.localhost.",
    "tonan.kairan.localhost:8000",
    "tonan.kairan.localhost.:443",
]
UNKNOWN = [
    "nobody.kairan.localhost",
    "a.tonan.kairan.localhost",
    "tonan.kairan.localhost.evil.example",
    "tonan.evil.example",
    "kairan.localhost.evil.example",
    "localhost",
    "127.0.0.1",
    "www.kairan.localhost",
    "tonan.kairan.localhost.kairan.localhost",
    "tonankairan.localhost",
    "xn--tonan-xyz.kairan.localhost",
    "0x7f000001",
    "2130706433",
    "unbound",
    "public.kairan.localhost",
]
ODD = [
    "",
    "tonan.kairan.localhost, fujishiro.kairan.localhost",
    "tonan.kairan.localhost fujishiro.kairan.localhost",
    "tonan.kairan.localhost:80:80",
    "tonan.kairan.localhost:port",
    "tonan.kairan.localhost/../",
    "tonan.kairan.localhost@evil.example",
    "[::1]",
    "[::1]:8000",
    "..",
    "-tonan.kairan.localhost",
    "tonan_.kairan.localhost",
    "ｔｏｎａｎ.kairan.localhost",
    "tonan\x00.kairan.localhost",
    "a" * 300,
    "tonan.kairan.localhost:",
    " tonan.kairan.localhost ",
    f"{'a' * 64}.kairan.localhost",
    f"{'a.' * 127}kairan.localhost",
    "tonan@tonan.kairan.localhost",
    "tonan:password@tonan.kairan.localhost",
    "http://tonan.kairan.localhost",
    "//tonan.kairan.localhost",
    "tonan.kairan.localhost,fujishiro.kairan.localhost",  # what the server makes of two Host headers
    "tonan.kairan.localhost%00",
    "tonan%2ekairan.localhost",
    "tonan.kairan.localhost?x",
    "tonan.kairan.localhost#x",
    "tonan.kairan.localhost;",
    "tonan.kairan.localhost\\x",
    "tonan.kairan.localhost\t",
    "tonan.kairan.localhost\n",
    "tonan.kairan.localhost\r\nHost: fujishiro.kairan.localhost",
    "tonan.kairan.localhost..",
    "tonan..kairan.localhost",
    ".tonan.kairan.localhost",
    "tonan-.kairan.localhost",
    "*.kairan.localhost",
    "tonan.kairan.localhost:-80",
    "tonan.kairan.localhost:８０",
    "tonan.kairan.localhost: 80",
    "tonan。kairan。localhost",
    "tonan.\u212aairan.localhost",  # the sign for kelvin, whose lower case is a k
    "t\u043enan.kairan.localhost",  # a Cyrillic o
    "桃南.kairan.localhost",
    "::1",
    "[::ffff:127.0.0.1]",
    "fe80::1%eth0",
]


@pytest.mark.parametrize("host", LEADS_TO_TONAN)
def test_the_same_site_however_its_host_is_spelled(tonan, host):
    page = Client().get("/sign-in/", HTTP_HOST=host)
    assert page.status_code == 200
    assert tonan.name in page.content.decode()


@pytest.mark.parametrize("host", UNKNOWN)
def test_an_unknown_host_says_so(tonan, host):
    page = Client().get("/", HTTP_HOST=host)
    assert page.status_code == 404
    assert "桃南会" not in page.content.decode()


@pytest.mark.parametrize("host", ODD)
def test_an_odd_host_is_refused(tonan, host):
    assert Client().get("/", HTTP_HOST=host).status_code == 400


@given(st.text(min_size=1, max_size=80) | st.from_regex(r"[a-z0-9.:@%/-]{1,60}", fullmatch=True))
def test_whatever_passes_is_a_plain_lower_case_name(header):
    host = routing.normalise_host(header)
    if host is not None:
        assert host == host.lower() == host.encode("ascii").decode()
        assert all(0 < len(label) <= 63 and label.strip("-") == label for label in host.split("."))
        assert header.lower().startswith(host)
        assert routing.normalise_host(host) == host


@pytest.mark.parametrize(
    "name", ["X_FORWARDED_HOST", "X_HOST", "X_FORWARDED_SERVER", "X_ORIGINAL_HOST", "FORWARDED", "X_HTTP_HOST_OVERRIDE"]
)
def test_no_other_header_leads_to_another_site(tonan, fujishiro, name):
    value = "host=fujishiro.kairan.localhost" if name == "FORWARDED" else "fujishiro.kairan.localhost"
    page = Client().get("/sign-in/", HTTP_HOST="tonan.kairan.localhost", **{f"HTTP_{name}": value})
    assert tonan.name in page.content.decode()
    assert fujishiro.name not in page.content.decode()


def test_apex_and_site_have_maps_of_their_own(tonan, browser, apex):
    assert browser(tonan).get("/operations/").status_code == 404
    assert browser(tonan).get("/city/").status_code == 404
    assert apex().get("/calendar/").status_code == 404


def test_a_site_not_live_yet_answers_503_preparing(kyoto):
    with public():
        Association.objects.create(slug="soon", name="準備中の会", city=kyoto, households=10)
    page = Client().get("/", HTTP_HOST="soon.kairan.localhost")
    assert page.status_code == 503
    assert "準備" in page.content.decode()


def test_a_suspended_site_answers_503_and_comes_back(tonan, browser, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True), public():
        tonan.suspend(by="tests", reason="料金の確認のため")
    assert browser(tonan).get("/sign-in/").status_code == 503
    with django_capture_on_commit_callbacks(execute=True), public():
        tonan.resume(by="tests")
    assert browser(tonan).get("/sign-in/").status_code == 200


def test_the_second_request_asks_no_domain_table(tonan, browser):
    browser(tonan).get("/sign-in/")
    assert caches["routing"].get("tonan.kairan.localhost").host == "tonan.kairan.localhost"
    with public():
        Domain.objects.filter(association=tonan).delete()
    assert browser(tonan).get("/sign-in/").status_code == 200


def test_sites_are_found_with_the_cache_down(tonan, browser, cache_at):
    cache_at(1)
    routing.forget("tonan.kairan.localhost")
    assert browser(tonan).get("/sign-in/").status_code == 200


def test_links_come_from_the_domain_table(tonan):
    with public():
        assert tonan.url("/x/").startswith(f"{settings.SCHEME}://tonan.kairan.localhost")


@pytest.mark.parametrize("host", ["nobody.kairan.localhost", "", "tonan.kairan.localhost", "kairan.localhost"])
def test_every_answer_carries_the_content_security_policy(tonan, host):
    page = Client().get("/sign-in/", HTTP_HOST=host)
    assert "default-src 'self'" in page["Content-Security-Policy"]
    assert page["X-Frame-Options"] == "DENY"
