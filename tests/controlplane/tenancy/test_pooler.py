"""P2 behind a pooler, in small: `python -m tests.pooler --reads 1000000` is the long one."""

import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection

from controlplane.tenancy import database, pooler, template

ROOT = Path(__file__).resolve().parents[3]
SERVERS = ("DATABASE_URL", "REDIS_URL", "S3_ENDPOINT_URL", "OUTBOX_URL", "STRIPE_API_BASE")


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "reads"), [("pgbouncer", 20_000), ("psycopg", 4_000)])
def test_nobody_reads_a_foreign_row_through_shared_connections(kind, reads):
    environment = {name: value for name, value in os.environ.items() if name not in SERVERS}
    command = [sys.executable, "-m", "tests.pooler", "--reads", str(reads), "--pooler", kind]
    answer = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert answer.returncode == 0, answer.stdout + answer.stderr[-2000:]
    told = {line.rsplit(maxsplit=1)[0].strip(): line.split()[-1] for line in answer.stdout.splitlines() if line}
    assert told["foreign"] == told["unbound answered"] == "0"
    assert told["terminated"] != "0"
    assert told["unbound refused"] != "0"


def test_migrate_lets_every_session_of_the_login_role_begin_unbound(db):
    """Even one that asks for nothing, as a pooler's own connections do."""
    with _plain_session() as session:
        assert session.execute("SHOW search_path").fetchone() == ("unbound",)
        with pytest.raises(psycopg.errors.UndefinedTable):
            session.execute("SELECT 1 FROM associations_association")


def test_doing_it_again_changes_nothing(db):
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_db_role_setting")
        before = cursor.fetchone()
        database.prepare()
        cursor.execute("SELECT count(*) FROM pg_db_role_setting")
        assert cursor.fetchone() == before


def test_a_session_that_begins_elsewhere_is_refused_and_closed(db):
    with _plain_session(options="-c search_path=public") as session:
        with pytest.raises(ImproperlyConfigured, match="migrate"):
            pooler.check_unbound(session)
        assert session.closed


def test_behind_a_pooler_nothing_is_asked_for_as_a_connection_opens(db, settings):
    assert "search_path=unbound" in connection.get_connection_params()["options"]
    settings.DATABASE_POOLER = "transaction"
    assert "options" not in connection.get_connection_params()


def test_what_holds_a_session_is_refused_behind_a_pooler(db, settings):
    settings.DATABASE_POOLER = "transaction"
    with pytest.raises(pooler.NeedsSession), template.pinned("public"):
        pass
    with pytest.raises(pooler.NeedsSession), template.scratch("scratch_anything"):
        pass


def _plain_session(**more: str) -> psycopg.Connection:
    given = connection.settings_dict
    where = {"dbname": given["NAME"], "user": given["USER"], "password": given["PASSWORD"]}
    return psycopg.connect(host=given["HOST"], port=given["PORT"], autocommit=True, **where, **more)
