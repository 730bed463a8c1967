"""What production asks before it starts, and whom it leads to https: our own hosts, and nobody else's."""

import secrets
import subprocess
import sys
from pathlib import Path

import pytest
from django.test import Client, override_settings

from controlplane.associations.models import Domain
from controlplane.tenancy import public

ROOT = Path(__file__).resolve().parents[3]
STRONG = secrets.token_urlsafe(50)


def production(*command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    given = {"SECRET_KEY": STRONG, "APEX_HOST": "kairan.example", "PATH": "", **environment}
    return subprocess.run(
        [sys.executable, "manage.py", *command], env=given, cwd=ROOT, capture_output=True, text=True, check=False
    )


@pytest.fixture
def led_on():
    """As in production: plain http is led to https."""
    with override_settings(SECURE_SSL_REDIRECT=True, SECURE_HSTS_SECONDS=3600, SECURE_HSTS_INCLUDE_SUBDOMAINS=True):
        yield


@pytest.mark.parametrize("host", ["kairan.localhost", "tonan.kairan.localhost", "www.tonan-kai.jp"])
def test_our_hosts_lead_to_https(tonan, led_on, host):
    with public():
        Domain.objects.create(host="www.tonan-kai.jp", association=tonan)
    answer = Client(HTTP_HOST=host).get("/calendar/")
    assert answer.status_code == 301
    assert answer["Location"] == f"https://{host}/calendar/"


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("evil.example", 404),
        ("kairan.localhost.evil.example", 404),
        ("evilkairan.localhost", 404),
        ("evil.example/x", 400),
        ("evil.example@kairan.localhost", 400),
        ("", 400),
    ],
)
def test_a_host_of_others_is_led_nowhere_and_not_repeated(db, led_on, host, status):
    answer = Client(HTTP_HOST=host).get("/calendar/")
    assert answer.status_code == status
    assert "Location" not in answer
    assert "evil" not in answer.content.decode() + str(answer.headers)


def test_a_load_balancer_asks_by_plain_http_at_any_name(db, led_on):
    assert Client(HTTP_HOST="10.0.0.7").get("/healthz").status_code == 200


def test_encryption_is_promised_for_all_below_us_but_for_an_association_s_host_alone(tonan, led_on):
    with public():
        Domain.objects.create(host="www.tonan-kai.jp", association=tonan, is_primary=False)
    ours = Client(HTTP_HOST="tonan.kairan.localhost").get("/sign-in/", secure=True)
    theirs = Client(HTTP_HOST="www.tonan-kai.jp").get("/sign-in/", secure=True)
    assert ours["Strict-Transport-Security"] == "max-age=3600; includeSubDomains"
    assert theirs["Strict-Transport-Security"] == "max-age=3600"


@pytest.mark.parametrize(
    "key",
    ["", "x", "a" * 80, "ab" * 40, f"django-insecure-{STRONG}", "changeme" * 9, STRONG[:49]],
    ids=["none", "one letter", "one letter often", "two letters often", "insecure by name", "a word often", "short"],
)
def test_a_weak_secret_is_refused_at_start_in_words(key):
    answer = production("check", SECRET_KEY=key)
    assert answer.returncode != 0
    assert "50 random characters" in answer.stderr


def test_a_right_setting_up_is_looked_through_in_silence():
    answer = production("check", "--deploy", "--fail-level", "INFO")
    assert (answer.returncode, "no issues" in answer.stdout) == (0, True), answer.stdout + answer.stderr


def test_a_wrong_one_is_told():
    answer = production("check", "--deploy", "--fail-level", "WARNING", SECURE_SSL_REDIRECT="0")
    assert answer.returncode != 0
    assert "security.W008" in answer.stderr


def test_production_makes_no_people_that_anybody_knows():
    answer = production("demo")
    assert answer.returncode != 0
    assert "DEVELOPMENT=1" in answer.stderr
