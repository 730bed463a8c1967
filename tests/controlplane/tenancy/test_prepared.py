"""A hot statement and its binding in one exchange: each association reads its own, and nothing outlives it."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import ProgrammingError, connection
from psycopg.errors import DivisionByZero

from controlplane.associations.models import Association
from controlplane.tenancy import bound, prepared, public
from controlplane.tenancy.backend import prepared as kept
from tenants.feed.models import Post
from tests.conftest import CANARY

BODY = "SELECT DISTINCT body, current_user::text FROM feed_post WHERE body <> %s"
SESSION = "SELECT current_setting('search_path'), current_user::text"


@pytest.fixture
def sites(django_db_setup, django_db_blocker):
    """The two associations as committed: inside a test's own transaction every statement is bound beforehand."""
    with django_db_blocker.unblock():
        with public():
            associations = list(Association.objects.filter(slug__in=CANARY))
        yield associations
        connection.close()


def _read(site, text=BODY, value=""):
    with bound(site):
        return prepared.rows(text, value)


def _owner():
    with connection.cursor() as cursor:
        cursor.execute(SESSION)
        return cursor.fetchone()


def test_it_is_one_exchange_that_leaves_no_transaction_and_no_binding(sites):
    _read(sites[0])
    with bound(sites[0]):
        prepared.rows(BODY, "")
        assert connection.connection.pgconn.transaction_status == 0  # idle: it was begun and ended in the exchange
    path, user = _owner()
    assert (path, user.startswith("a_")) == ("unbound", False)
    with pytest.raises(ProgrammingError):
        Post.objects.exists()


def test_each_reads_its_own_in_its_own_role(sites):
    for _n in range(3):
        for site in sites:
            assert _read(site) == [(CANARY[site.slug], f"a_{site.uuid.hex}")]


def test_threads_never_read_each_other_s(sites):
    def read(number):
        site = sites[number % 2]
        try:
            return {(site.slug, *_read(site)[0]) for _n in range(60)}
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        seen = set().union(*pool.map(read, range(6)))
    assert seen == {(site.slug, CANARY[site.slug], f"a_{site.uuid.hex}") for site in sites}


@pytest.mark.parametrize("value", ["'", "\\", "'); DROP TABLE feed_post; --", "%s", "町内会 𠮷", ""])
def test_a_value_is_a_value(sites, value):
    assert _read(sites[0], "SELECT %s || ''", value) == [(value,)]


def test_a_session_that_forgot_is_told_again(sites):
    before = _read(sites[0])
    with connection.cursor() as cursor:
        cursor.execute("DEALLOCATE ALL")
    assert _read(sites[0]) == before


def test_a_statement_that_fails_once_works_the_next_time(sites):
    text = "SELECT (100 / %s::int)::text"
    with pytest.raises(Exception, match="division by zero"):
        _read(sites[0], text, "0")
    assert _read(sites[0], text, "20") == [("5",)]
    assert _owner()[0] == "unbound"


def test_a_session_keeps_a_few_only(sites, monkeypatch):
    monkeypatch.setattr(kept, "MOST", 3)
    for n in range(8):
        assert _read(sites[0], f"SELECT %s || '{n}'", "x") == [(f"x{n}",)]
    assert len(_prepared()) == 3


def _prepared() -> set[str]:
    """What the session itself has."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM pg_prepared_statements WHERE name LIKE 'k\\_%'")
        return {name for (name,) in cursor.fetchall()}


def test_an_exchange_that_fails_before_it_makes_room_forgets_none(sites, monkeypatch):
    monkeypatch.setattr(kept, "MOST", 3)
    texts = [f"SELECT %s || '{n}'" for n in range(4)]
    for text in texts[:3]:
        _read(sites[0], text)
    before = _prepared()
    for _again in range(3):
        with pytest.raises(DivisionByZero):
            kept.execute(connection.connection, "SELECT 1 / 0", kept.Statement("", "SELECT $1 || 'new'"), "")
    assert _prepared() == before == set(kept._known[connection.connection])
    assert [_read(sites[0], text) for text in texts] == [[(str(n),)] for n in range(4)]
    assert _prepared() == set(kept._known[connection.connection])


def test_an_exchange_that_fails_after_it_made_room_costs_no_more_than_that(sites, monkeypatch):
    monkeypatch.setattr(kept, "MOST", 3)
    texts = [f"SELECT (100 / %s::int + {n})::text" for n in range(5)]
    for text in texts[:3]:
        _read(sites[0], text, "1")
    for text in texts[3:]:
        with pytest.raises(Exception, match="division by zero"):
            _read(sites[0], text, "0")
    for _round in range(2):
        assert [_read(sites[0], text, "1") for text in texts] == [[(str(100 + n),)] for n in range(5)]
        assert len(_prepared()) <= 3
        assert _prepared() == set(kept._known[connection.connection])


def test_inside_a_transaction_under_way_it_is_part_of_it(sites):
    with bound(sites[0]):
        Post.objects.update(body="nobody else sees this")
        assert prepared.rows(BODY, "")[0][0] == "nobody else sees this"
        connection.set_rollback(True)
    assert _read(sites[0])[0][0] == CANARY[sites[0].slug]
