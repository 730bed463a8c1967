"""A database that is down, full or going down: 503 with words and a time to come back, and never a 500."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from django.conf import settings
from django.db import connection
from django.test import Client

from controlplane.tenancy import routing
from tenants.members.models import Member

WORDS = "こちらの都合です"
ENDED = "RESET ROLE; SELECT pg_terminate_backend(pg_backend_pid())"


@pytest.fixture
def elsewhere(db) -> Callable[..., object]:
    """Do something in a thread, whose connection is opened anew."""

    def do(act: Callable[[], object]) -> object:
        def alone() -> object:
            try:
                return act()
            finally:
                connection.close()

        with ThreadPoolExecutor(1) as pool:
            return pool.submit(alone).result()

    return do


@pytest.fixture
def database_at(monkeypatch) -> Callable[[int], None]:
    return lambda port: monkeypatch.setitem(connection.settings_dict, "PORT", str(port))


def browse(host: str, path: str, **cookies: str):
    client = Client(HTTP_HOST=host, raise_request_exception=False)
    client.cookies.load(cookies)
    return client.get(path)


SITE, APEX = f"tonan.{settings.APEX_HOST}", settings.APEX_HOST


@pytest.mark.parametrize(
    ("host", "path"),
    [(SITE, "/"), (SITE, "/api/v1/posts/"), (SITE, "/sign-in/"), (APEX, "/operations/"), (APEX, "/certz?domain=a.b")],
)
def test_a_database_that_is_refused_is_a_503_in_words(tonan, elsewhere, database_at, host, path):
    database_at(1)
    answer = elsewhere(lambda: browse(host, path, session="a" * 32))
    assert answer.status_code == 503
    assert int(answer["Retry-After"]) > 0
    assert answer["Cache-Control"] == "no-store"
    if "/api/" in path:
        assert answer["Content-Type"] == "application/problem+json"
        assert json.loads(answer.content)["status"] == 503
    else:
        assert WORDS in answer.content.decode()


def test_a_host_that_has_to_be_looked_up_is_a_503_too(tonan, elsewhere, database_at, cache_at):
    routing.forget_all()
    cache_at(1)
    database_at(1)
    assert elsewhere(lambda: browse(SITE, "/")).status_code == 503


def test_a_database_that_hangs_is_a_503(tonan, elsewhere, database_at, hung, monkeypatch):
    monkeypatch.setitem(connection.settings_dict["OPTIONS"], "connect_timeout", 2)  # the least PostgreSQL's library can
    database_at(hung.port)
    assert elsewhere(lambda: browse(SITE, "/", session="a" * 32)).status_code == 503


def test_a_database_without_room_is_a_503(tonan, elsewhere):
    given = connection.settings_dict
    where = {"host": given["HOST"], "port": given["PORT"], "user": given["USER"], "password": given["PASSWORD"]}
    with psycopg.connect(dbname="postgres", autocommit=True, **where) as owner:
        owner.execute(f'ALTER DATABASE "{given["NAME"]}" CONNECTION LIMIT 1')  # ours is the one
        try:
            answer = elsewhere(lambda: browse(SITE, "/", session="a" * 32))
        finally:
            owner.execute(f'ALTER DATABASE "{given["NAME"]}" CONNECTION LIMIT -1')
    assert answer.status_code == 503


@pytest.mark.parametrize("path", ["/", "/api/v1/me/"])
def test_a_session_ended_in_the_middle_is_a_503(client_for, member, elsewhere, monkeypatch, tonan, path):
    def ended(*_args: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute(ENDED)

    monkeypatch.setattr(Member.objects.__class__, "for_user", ended)
    monkeypatch.setattr("django.contrib.auth.get_user", lambda _request: member.user)
    assert elsewhere(lambda: browse(SITE, path)).status_code == 503


def test_what_stumbles_over_a_lost_session_is_a_503_too(member, elsewhere, monkeypatch, tonan):
    def ended_and_hidden(*_args: object) -> None:
        with connection.cursor() as cursor:
            try:
                cursor.execute(ENDED)
            except Exception:
                connection.close()
        raise ValueError

    monkeypatch.setattr(Member.objects.__class__, "for_user", ended_and_hidden)
    monkeypatch.setattr("django.contrib.auth.get_user", lambda _request: member.user)
    assert elsewhere(lambda: browse(SITE, "/")).status_code == 503


@pytest.mark.parametrize("query", ["SELECT nothing_like_it", "SET LOCAL statement_timeout = 1; SELECT pg_sleep(1)"])
def test_a_fault_of_ours_stays_a_500(member, elsewhere, monkeypatch, tonan, query):
    def wrong(*_args: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute(query)

    monkeypatch.setattr(Member.objects.__class__, "for_user", wrong)
    monkeypatch.setattr("django.contrib.auth.get_user", lambda _request: member.user)
    assert elsewhere(lambda: browse(SITE, "/")).status_code == 500


def test_the_next_request_is_served_again(tonan, elsewhere, database_at, monkeypatch):
    def both():
        with monkeypatch.context() as away:
            away.setitem(connection.settings_dict, "PORT", "1")
            first = browse(SITE, "/sign-in/", session="a" * 32)
        return first.status_code, browse(SITE, "/sign-in/").status_code

    assert elsewhere(both) == (503, 200)
