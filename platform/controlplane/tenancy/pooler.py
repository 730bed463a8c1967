"""A pooler in transaction mode (pgbouncer) between the web processes and PostgreSQL: `DATABASE_POOLER=transaction`.

A binding is local to its transaction and needs nothing here. What a session would carry has to be elsewhere:

- The unbound search path. A direct connection asks for it as it opens; a pooler refuses that or, worse, ignores it. So
  `migrate` makes it the default of the login role in this database, and a new connection is looked at before it is used.
- Sessions that migrations pin, and the locks of scratch schemas. `migrate`, `fleet` and the workers connect to
  PostgreSQL itself; behind the pooler this work is refused.
- Prepared statements. Django keeps psycopg's off and binds on the client's side, which suits every pgbouncer;
  server-side cursors are off in the settings.
"""

from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from psycopg import sql

from controlplane.tenancy.binding import UNBOUND

_DEFAULT_PATH = """
SELECT EXISTS (
    SELECT 1 FROM pg_db_role_setting s
      JOIN pg_database d ON d.oid = s.setdatabase
      JOIN pg_roles r ON r.oid = s.setrole
     WHERE d.datname = current_database() AND r.rolname = session_user AND %s = ANY (s.setconfig))
"""


class NeedsSession(RuntimeError):
    """This work holds a session, and a pooler in transaction mode gives none: connect to PostgreSQL itself."""


def in_front() -> bool:
    return bool(settings.DATABASE_POOLER == "transaction")


def start_unbound() -> None:
    """Let every session of the login role in this database begin unbound, whoever opens it. Repeatable."""
    with connection.cursor() as cursor:
        cursor.execute(_DEFAULT_PATH, [f"search_path={UNBOUND}"])
        if cursor.fetchone() == (True,):
            return
        cursor.execute("SELECT session_user, current_database()")
        role, database = map(sql.Identifier, cursor.fetchone())
        statement = sql.SQL("ALTER ROLE {} IN DATABASE {} SET search_path = {}")
        cursor.execute(statement.format(role, database, sql.Identifier(UNBOUND)))


def check_unbound(session: Any) -> None:
    """Refuse a psycopg connection whose transactions would begin anywhere but nowhere."""
    with session.cursor() as cursor:
        cursor.execute("SHOW search_path")
        found = cursor.fetchone()[0]
    if found != UNBOUND:
        session.close()
        raise ImproperlyConfigured(
            f"Behind the pooler a transaction begins with search_path {found!r}: run `manage.py migrate` on PostgreSQL"
            " itself, then let the pooler reconnect (RECONNECT)."
        )


def refuse_session_work() -> None:
    if in_front():
        raise NeedsSession("Not through a pooler in transaction mode: point DATABASE_URL at PostgreSQL itself.")
