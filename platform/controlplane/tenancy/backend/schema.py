"""What migrations make: Django's own for PostgreSQL, without the second index for LIKE that no query here asks for."""

from typing import Any

from django.db.backends.postgresql.schema import DatabaseSchemaEditor as PostgresSchemaEditor


class DatabaseSchemaEditor(PostgresSchemaEditor):
    def _create_like_index_sql(self, model: Any, field: Any) -> None:
        """None: each would cost every association a file, a dozen catalog rows and a part of each write."""
