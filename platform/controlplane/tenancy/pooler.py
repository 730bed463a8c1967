"""A pooler in transaction mode (pgbouncer) between the web processes and PostgreSQL: `DATABASE_POOLER=transaction`.

A binding is local to its transaction and needs nothing here. What a session would carry has to be elsewhere:

- The unbound search path. A direct connection asks for it as it opens; a pooler refuses that or, worse, ignores it. So
  `migrate` makes it the default of the login role in this database (tenancy/database.py), and a new connection is
  looked at before it is used.
- Sessions that migrations pin, and the locks of scratch schemas. `migrate`, `fleet` and the workers connect to
  PostgreSQL itself; behind the pooler this work is refused.
- Prepared statements. Django keeps psycopg's off and binds on the client's side, which suits every pgbouncer;
  server-side cursors are off in the settings.
"""

from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from controlplane.tenancy.binding import UNBOUND


class NeedsSession(RuntimeError):
    """This work holds a session, and a pooler in transaction mode gives none: connect to PostgreSQL itself."""


def in_front() -> bool:
    return bool(settings.DATABASE_POOLER == "transaction")


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
