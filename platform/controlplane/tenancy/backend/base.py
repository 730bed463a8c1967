"""The database backend: django-tenants' own, minus its session-level search path.

Connections open on a path that does not exist; only `tenancy.binding` changes it, local to a transaction.
"""

from time import monotonic
from typing import Any

from django.db.backends.postgresql.base import ServerBindingCursor
from django.db.backends.postgresql.introspection import DatabaseIntrospection
from django_tenants.postgresql_backend.base import DatabaseWrapper as TenantsDatabaseWrapper
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus, TransactionStatus

from controlplane.tenancy import pooler
from controlplane.tenancy.binding import UNBOUND


class DatabaseWrapper(TenantsDatabaseWrapper):  # type: ignore[misc]  # django-tenants has no types
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.introspection = DatabaseIntrospection(self)
        self._looked_at = 0.0

    def get_connection_params(self) -> dict[str, Any]:
        params: dict[str, Any] = super().get_connection_params()
        if not pooler.in_front():
            params["options"] = f"{params.get('options', '')} -c search_path={UNBOUND}".strip()
        return params

    def _configure_connection(self, connection: Any) -> bool:
        """Called by Django for each new connection, by psycopg's pool too."""
        if pooler.in_front():
            pooler.check_unbound(connection)
        commit: bool = super()._configure_connection(connection)
        return commit

    def close_if_health_check_failed(self) -> None:
        """Ask a connection that has rested for a second whether it still lives; not one that has just served."""
        if self.health_check_enabled and not self.health_check_done:
            self.health_check_done = monotonic() - self._looked_at < 1
            self._looked_at = monotonic()
        super().close_if_health_check_failed()

    def begin_with(self, statement: str) -> bool:
        """Send a transaction's first statement together with its BEGIN, in one exchange; False when it has begun."""
        session = self.connection.pgconn
        if session.transaction_status != TransactionStatus.IDLE:
            return False
        with self.wrap_database_errors:
            answer = session.exec_(b"BEGIN;" + statement.encode())
            if answer.status == ExecStatus.FATAL_ERROR:
                raise error_from_result(answer, self.connection.info.encoding)
        return True

    def prepared_cursor(self) -> Any:
        """A cursor whose statements PostgreSQL keeps prepared once they have come a few times."""
        self.ensure_connection()
        with self.wrap_database_errors:
            return self._prepare_cursor(ServerBindingCursor(self.connection))

    def _handle_search_path(self, cursor: Any = None) -> None:
        """Do nothing: the search path belongs to the transaction, not to the connection."""
