"""Schemas and roles: made, migrated, measured and dropped. Called by provisioning and the management commands only.

All of it is idempotent and looks at the catalog, never at a memory of what was done.
"""

from uuid import UUID

from django.conf import settings
from django.db import connection
from psycopg import sql

from controlplane.tenancy import template
from controlplane.tenancy.binding import schema_name


class ForeignSchema(RuntimeError):
    """A schema of this name exists and was not made by Kairan for this association."""


def build(uuid: UUID) -> None:
    """Role, schema and tables at once; what a run does in three verified steps."""
    create_role(uuid)
    create_schema(uuid)
    make_tables(uuid)


def create_role(uuid: UUID) -> None:
    """Create the association's NOLOGIN role, unless roles are off (Citus) or it is there."""
    if not settings.ASSOCIATION_ROLES or role_exists(uuid):
        return
    name = sql.Identifier(schema_name(uuid))
    _execute(sql.SQL("CREATE ROLE {} NOLOGIN").format(name))
    _execute(sql.SQL("GRANT USAGE ON SCHEMA extensions TO {}").format(name))


def role_exists(uuid: UUID) -> bool:
    if not settings.ASSOCIATION_ROLES:
        return True
    return _one("SELECT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = %s)", [schema_name(uuid)])


def create_schema(uuid: UUID) -> None:
    """Create the schema, stamped with the association's uuid; a planted schema of the same name is never adopted."""
    name = schema_name(uuid)
    if schema_stamp(uuid) is None:
        _execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(name)))
        _execute(sql.SQL("COMMENT ON SCHEMA {} IS {}").format(sql.Identifier(name), sql.Literal(_stamp(uuid))))
    if schema_stamp(uuid) != _stamp(uuid):
        raise ForeignSchema(f"Schema {name} exists but carries no stamp of this association; it is left alone.")
    grant(uuid)


def schema_ready(uuid: UUID) -> bool:
    return schema_stamp(uuid) == _stamp(uuid)


def schema_stamp(uuid: UUID) -> str | None:
    """Return the schema's comment, '' when it has none, None when there is no such schema."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(obj_description(oid, 'pg_namespace'), '') FROM pg_namespace WHERE nspname = %s",
            [schema_name(uuid)],
        )
        row = cursor.fetchone()
    return row[0] if row else None


def grant(uuid: UUID) -> None:
    """Let the association's role use its own schema: rows yes, definitions no."""
    if not settings.ASSOCIATION_ROLES:
        return
    name = sql.Identifier(schema_name(uuid))
    for statement in (
        "GRANT USAGE ON SCHEMA {0} TO {0}",
        "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {0} TO {0}",
        "ALTER DEFAULT PRIVILEGES IN SCHEMA {0} GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {0}",
    ):
        _execute(sql.SQL(statement).format(name))


def make_tables(uuid: UUID) -> None:
    """Bring the schema's tables to this release: an empty one by the compiled template, any other by its migrations."""
    name = schema_name(uuid)
    ddl = template.compiled() if not _has_tables(name) else None
    if ddl:
        template.replay(name, ddl)
    else:
        template.migrate(name)


def applied_migrations(uuid: UUID) -> frozenset[tuple[str, str]]:
    """Return the (app, name) of every migration the association's schema has applied."""
    name = schema_name(uuid)
    if not _one("SELECT to_regclass(%s) IS NOT NULL", [f'"{name}".django_migrations']):
        return frozenset()
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("SELECT app, name FROM {}").format(sql.Identifier(name, "django_migrations")))
        return frozenset(cursor.fetchall())


def missing_migrations(uuid: UUID) -> frozenset[tuple[str, str]]:
    """Return the release's migrations that the association's schema has not applied."""
    return template.release() - applied_migrations(uuid)


def _has_tables(name: str) -> bool:
    return _one(
        "SELECT EXISTS (SELECT 1 FROM pg_class WHERE relnamespace = %s::regnamespace AND relkind = 'r')", [name]
    )


def drop(uuid: UUID) -> None:
    """Drop the schema and role of an association that never went live. Refuses a schema without our stamp."""
    if schema_stamp(uuid) is not None:
        if not schema_ready(uuid):
            raise ForeignSchema(f"Schema {schema_name(uuid)} is not ours; it is left alone.")
        _execute(sql.SQL("DROP SCHEMA {} CASCADE").format(sql.Identifier(schema_name(uuid))))
    if settings.ASSOCIATION_ROLES and role_exists(uuid):
        _execute(sql.SQL("REVOKE USAGE ON SCHEMA extensions FROM {}").format(sql.Identifier(schema_name(uuid))))
        _execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(schema_name(uuid))))


def _stamp(uuid: UUID) -> str:
    return f"kairan:{uuid}"


def _execute(statement: sql.Composed) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def _one(query: str, params: list[str]) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(query, params)
        row = cursor.fetchone()
    return bool(row and row[0])
