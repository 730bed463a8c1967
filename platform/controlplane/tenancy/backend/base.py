"""The database backend: django-tenants' own, minus its session-level search path.

Connections open on a path that does not exist; only `tenancy.binding` changes it, local to a transaction.
"""

from time import monotonic
from typing import Any
from weakref import WeakKeyDictionary

from django.db.backends.base.base import NO_DB_ALIAS
from django.db.backends.postgresql.base import ServerBindingCursor
from django.db.backends.postgresql.introspection import DatabaseIntrospection
from django_tenants.postgresql_backend.base import DatabaseWrapper as TenantsDatabaseWrapper
from psycopg.pq import TransactionStatus
from psycopg_pool import ConnectionPool

from controlplane.tenancy import pooler
from controlplane.tenancy.backend import prepared
from controlplane.tenancy.backend.exchange import exchange
from controlplane.tenancy.backend.schema import DatabaseSchemaEditor
from controlplane.tenancy.binding import UNBOUND

_rests_since: "WeakKeyDictionary[Any, float]" = WeakKeyDictionary()


def _check_rested(connection: Any) -> None:
    """Raise what psycopg's pool takes for dead, after asking a connection that has rested for a second."""
    if monotonic() - _rests_since.get(connection, 0.0) >= 1:
        ConnectionPool.check_connection(connection)


class DatabaseWrapper(TenantsDatabaseWrapper):  # type: ignore[misc]  # django-tenants has no types
    SchemaEditorClass = DatabaseSchemaEditor
    health_check_done: bool

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.introspection = DatabaseIntrospection(self)
        self._looked_at = 0.0
        self._binding = ""

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

    @property
    def pool(self) -> "ConnectionPool[Any] | None":
        """Django's, but for the check: a connection is asked whether it lives when it has rested, not each time."""
        options = self.settings_dict["OPTIONS"].get("pool")
        if self.alias == NO_DB_ALIAS or not options:
            return None
        if self.alias not in self._connection_pools:
            made = ConnectionPool(
                kwargs={**self.get_connection_params(), "autocommit": True},
                open=False,
                configure=self._configure_in_pool,
                check=_check_rested,
                **options,
            )
            self._connection_pools.setdefault(self.alias, made)
        pool: ConnectionPool[Any] = self._connection_pools[self.alias]
        return pool

    def _configure_in_pool(self, connection: Any) -> None:
        self._configure_connection(connection)

    def close_if_health_check_failed(self) -> None:
        """Ask a connection that has rested for a second whether it still lives; not one that has just served."""
        if self.health_check_enabled and not self.health_check_done:
            self.health_check_done = monotonic() - self._looked_at < 1
            self._looked_at = monotonic()
        super().close_if_health_check_failed()

    def bind(self, statement: str) -> None:
        """Run this when the transaction that was just opened is first used; one that is never used costs nothing.

        A transaction under way is bound at once.
        """
        self._binding = statement
        if self.connection and self.connection.pgconn.transaction_status != TransactionStatus.IDLE:
            self._settle()

    def unbind(self) -> None:
        """Forget a binding that nothing was asked under, and give a pool's connection back at once."""
        self._binding = ""
        if self.connection and self.pool:
            _rests_since[self.connection] = monotonic()
            self.close()

    def _settle(self) -> None:
        """Carry out the binding that waits, in one exchange with the transaction's BEGIN."""
        if not self._binding:
            return
        statement, self._binding = self._binding, ""
        session = self.connection.pgconn
        begun = session.transaction_status != TransactionStatus.IDLE
        with self.wrap_database_errors:
            exchange(self.connection, statement.encode() if begun else b"BEGIN;" + statement.encode())

    def _cursor(self, name: str | None = None) -> Any:
        self.ensure_connection()
        self._settle()
        return super()._cursor(name)

    def at_once(self, statement: prepared.Statement, value: str) -> list[tuple[Any, ...]] | None:
        """Binding and statement in one exchange, a transaction of its own to PostgreSQL without BEGIN and COMMIT.

        None where that cannot be: nothing waits to be bound, a transaction is under way, somebody watches what is
        sent, or a pooler lends the session out.
        """
        self.ensure_connection()
        watched = self.execute_wrappers or self.queries_logged
        idle = self.connection.pgconn.transaction_status == TransactionStatus.IDLE
        if watched or not idle or not self._binding or pooler.in_front():
            return None
        with self.wrap_database_errors:
            return prepared.execute(self.connection, self._binding, statement, value)

    def prepared_cursor(self) -> Any:
        """A cursor whose statements PostgreSQL keeps prepared once they have come a few times."""
        self.ensure_connection()
        self._settle()
        with self.wrap_database_errors:
            return self._prepare_cursor(ServerBindingCursor(self.connection))  # type: ignore[call-arg]  # psycopg 3's

    def _handle_search_path(self, cursor: Any = None) -> None:
        """Do nothing: the search path belongs to the transaction, not to the connection."""
