"""The database backend: django-tenants' own, minus its session-level search path.

Connections open on a path that does not exist; only `tenancy.binding` changes it, local to a transaction.
"""

from typing import Any

from django.db.backends.postgresql.introspection import DatabaseIntrospection
from django_tenants.postgresql_backend.base import DatabaseWrapper as TenantsDatabaseWrapper

from controlplane.tenancy import pooler
from controlplane.tenancy.binding import UNBOUND


class DatabaseWrapper(TenantsDatabaseWrapper):  # type: ignore[misc]  # django-tenants has no types
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.introspection = DatabaseIntrospection(self)

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

    def _handle_search_path(self, cursor: Any = None) -> None:
        """Do nothing: the search path belongs to the transaction, not to the connection."""
