"""/readyz needs PostgreSQL alone; /healthz/parts tells of the rest, to whoever may hear it."""

import pytest
from django.db import connection
from django.test import Client

from controlplane.parts.probes import Name
from controlplane.sending import keys
from controlplane.tenancy import bound


@pytest.fixture
def all_hang(cache_at, hung, settings):
    """Everything but PostgreSQL takes connections and never answers."""
    url = f"http://127.0.0.1:{hung.port}"
    cache_at(hung.port)
    settings.CELERY_BROKER_URL = f"redis://127.0.0.1:{hung.port}/0"
    files = settings.STORAGES["default"]
    elsewhere = {**files, "OPTIONS": {**files["OPTIONS"], "endpoint_url": url}}
    settings.STORAGES = {**settings.STORAGES, "default": elsewhere}
    settings.EMAIL_BACKEND = "controlplane.outbox.relay.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", hung.port
    settings.SMS_API_URL = settings.STRIPE_API_BASE = url
    settings.WAIT_PART = 0.5


@pytest.fixture
def watcher(settings):
    settings.HEALTH_TOKEN = "a long word of the watcher's"
    return Client(HTTP_AUTHORIZATION=f"Bearer {settings.HEALTH_TOKEN}")


@pytest.fixture(autouse=True)
def in_production(settings):
    settings.DEVELOPMENT = False
    settings.SECURE_SSL_REDIRECT = True


def test_the_site_is_ready_while_everything_else_hangs(db, all_hang):
    answer = Client().get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"database": "ok"})


@pytest.mark.parametrize("hangs", [False, True])
def test_it_is_not_ready_without_the_database(db, monkeypatch, settings, hung, hangs):
    settings.WAIT_PART = 0.5 if hangs else 10
    monkeypatch.setitem(connection.settings_dict["OPTIONS"], "connect_timeout", 2)
    monkeypatch.setitem(connection.settings_dict, "PORT", str(hung.port if hangs else 1))
    answer = Client().get("/readyz")
    assert (answer.status_code, answer.json()) == (503, {"database": "no answer" if hangs else "OperationalError"})


def test_who_watches_sees_every_part(db, watcher, settings):
    settings.WAIT_PART = 20
    answer = watcher.get("/healthz/parts")
    assert answer.json() == {name.value: "ok" for name in Name}
    assert answer.status_code == 200


def test_a_part_that_hangs_is_named_and_holds_no_other_up(db, watcher, settings, hung):
    settings.WAIT_PART = 5
    settings.SMS_API_URL = f"http://127.0.0.1:{hung.port}"
    answer = watcher.get("/healthz/parts")
    assert answer.status_code == 503
    assert {name for name, state in answer.json().items() if state != "ok"} == {"sms"}


def test_what_nobody_has_set_up_is_no_fault(db, watcher, settings):
    settings.WAIT_PART = 20
    settings.SMS_API_URL = settings.STRIPE_SECRET_KEY = ""
    answer = watcher.get("/healthz/parts")
    assert (answer.status_code, answer.json()["sms"], answer.json()["stripe"]) == (200, "not set up", "not set up")


@pytest.mark.parametrize("token", ["", "a long word of the watcher's"])
@pytest.mark.parametrize("shown", ["", "Bearer ", "Bearer wrong"])
def test_strangers_learn_nothing_of_the_parts(db, settings, token, shown):
    settings.HEALTH_TOKEN = token
    answer = Client(HTTP_AUTHORIZATION=shown).get("/healthz/parts")
    assert answer.status_code == 404
    assert b"database" not in answer.content


@pytest.mark.parametrize("path", ["/healthz", "/healthz/parts", "/readyz", "/certz"])
def test_nothing_is_sent_there_and_no_cookie_is_looked_at(tonan, settings, path):
    settings.WAIT_PART = 20
    with bound(tonan):
        form = {keys.NAME: f"{keys.of_page(None)}-1"}
    client = Client(HTTP_HOST="tonan.kairan.localhost", HTTP_ORIGIN="https://tonan.kairan.localhost")
    client.cookies.load({settings.SESSION_COOKIE_NAME: "a" * 32, settings.KEPT_COOKIE_NAME: "a" * 43})
    assert client.get(path).status_code in (200, 404)
    for browser in (client, Client(enforce_csrf_checks=True, HTTP_ORIGIN="https://tonan.kairan.localhost")):
        assert browser.post(path, form, secure=True).status_code == 405
