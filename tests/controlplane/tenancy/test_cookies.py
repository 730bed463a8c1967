"""Cookies belong to one host: no Domain attribute, `__Host-` in production, never readable by scripts."""

import secrets
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]

PRINT_PRODUCTION = """
from django.conf import settings as s
print(s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME, s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE,
      s.SESSION_COOKIE_HTTPONLY, s.CSRF_COOKIE_HTTPONLY, s.SESSION_COOKIE_DOMAIN, s.CSRF_COOKIE_DOMAIN,
      s.SESSION_COOKIE_PATH, s.SECURE_SSL_REDIRECT, s.SECURE_HSTS_SECONDS > 0)
"""


def test_cookies_are_host_only_and_closed_to_scripts(browser, tonan):
    client = browser(tonan)
    client.get("/sign-in/")
    client.post("/sign-in/", {"contact": "neighbour@example.jp"})
    client.post("/menu/text/", {"size": "large"})
    assert {"session", "csrf"} <= set(client.cookies)
    for cookie in client.cookies.values():
        assert not cookie["domain"]
        assert cookie["samesite"] == "Lax"
        assert cookie["httponly"]


def test_production_uses_host_prefixed_secure_cookies():
    environment = {
        "SECRET_KEY": secrets.token_urlsafe(50),
        "DJANGO_SETTINGS_MODULE": "controlplane.settings",
        "PATH": "",
    }
    answer = subprocess.run(
        [sys.executable, "-c", PRINT_PRODUCTION], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    assert answer.stdout.split() == [
        "__Host-session",
        "__Host-csrf",
        "True",
        "True",
        "True",
        "True",
        "None",
        "None",
        "/",
        "True",
        "True",
    ]
