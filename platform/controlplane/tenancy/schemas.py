"""Schemas and roles: made, handed out, measured and dropped. Called by provisioning and the management commands only.

All of it is idempotent and looks at the catalog, never at a memory of what was done.
"""

from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from psycopg import sql

from controlplane.tenancy import proof, template
from controlplane.tenancy.binding import schema_name


class ForeignSchema(RuntimeError):
    """A schema of this name exists and was not made by Kairan for this association."""


def build(uuid: UUID) -> None:
    """Role, schema and tables in one transaction, or what is missing of them."""
    with transaction.atomic():
        create_role(uuid)
        create_schema(uuid)
        make_tables(uuid)


def create_role(uuid: UUID) -> None:
    """Create the association's NOLOGIN role, unless roles are off (Citus) or it is there."""
    if settings.ASSOCIATION_ROLES and not role_exists(uuid):
        _execute(_CREATE_ROLE, schema_name(uuid))


def role_exists(uuid: UUID) -> bool:
    if not settings.ASSOCIATION_ROLES:
        return True
    return _one("SELECT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = %s)", [schema_name(uuid)])


def create_schema(uuid: UUID) -> None:
    """Create the schema, stamped with the association's uuid; a planted schema of the same name is never adopted."""
    name, found = schema_name(uuid), schema_stamp(uuid)
    if found is None:
        _execute("CREATE SCHEMA {0}; COMMENT ON SCHEMA {0} IS {stamp}", name, stamp=stamp(uuid))
        _let_in(name)
    elif found == stamp(uuid):
        grant(uuid)
    else:
        raise ForeignSchema(f"Schema {name} exists but carries no stamp of this association; it is left alone.")


def schema_ready(uuid: UUID) -> bool:
    return schema_stamp(uuid) == stamp(uuid)


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
    """Let the association's role use its own schema, as it is and as it will be: rows yes, definitions no."""
    _let_in(schema_name(uuid))
    if settings.ASSOCIATION_ROLES:
        _execute("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {0} TO {0}", schema_name(uuid))


def _let_in(name: str) -> None:
    """The same for a schema without tables: PostgreSQL looks for those through the whole catalog."""
    if settings.ASSOCIATION_ROLES:
        _execute(_RIGHTS, name)


def make_tables(uuid: UUID) -> None:
    """Bring the schema's tables to this release: an empty one by the compiled template, any other by its migrations."""
    name = schema_name(uuid)
    ddl = template.compiled() if not _has_tables(name) else None
    if ddl:
        template.replay(name, ddl)
    else:
        template.migrate(name)


def make_spare(uuid: UUID) -> None:
    """Make a schema and role nobody lives in yet, with this release's tables, in one transaction."""
    ddl = template.compiled()
    if ddl is None:
        raise RuntimeError("The release's template is not compiled; run `manage.py migrate`.")
    name = spare_name(uuid)
    with transaction.atomic():
        if settings.ASSOCIATION_ROLES:
            _execute(_CREATE_ROLE, name)
        _execute("CREATE SCHEMA {0}; COMMENT ON SCHEMA {0} IS {stamp}", name, stamp=f"kairan:spare:{uuid}")
        _let_in(name)
        template.replay(name, ddl)


def untouched(uuid: UUID) -> bool:
    """Whether nothing of this association has been made yet, and nobody else took the name."""
    known = "SELECT FROM pg_namespace WHERE nspname = %(name)s UNION ALL SELECT FROM pg_roles WHERE rolname = %(name)s"
    return _one(f"SELECT NOT EXISTS ({known})", {"name": schema_name(uuid)})


def hand_out(spare: UUID, uuid: UUID) -> None:
    """Rename a spare into the association's own schema and role; rights follow the role. Call in a transaction.

    Its commit does not wait for the disk: PostgreSQL writes in order, so what the run notes afterwards is there only
    with the rename, and a run whose rename a crash undid finds nothing made and goes on from there.
    """
    names = {"spare": sql.Identifier(spare_name(spare)), "own": sql.Identifier(schema_name(uuid))}
    roles = "ALTER ROLE {spare} RENAME TO {own};" if settings.ASSOCIATION_ROLES else ""
    statement = f"""{roles} ALTER SCHEMA {{spare}} RENAME TO {{own}}; COMMENT ON SCHEMA {{own}} IS {{stamp}};
        SET LOCAL synchronous_commit = off"""
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL(statement).format(**names, stamp=sql.Literal(stamp(uuid))))


def drop_spare(uuid: UUID) -> None:
    """Drop a spare and its role, if they are there."""
    name = spare_name(uuid)
    _execute("DROP SCHEMA IF EXISTS {0} CASCADE", name)
    if _one("SELECT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = %s)", [name]):
        _execute(_DROP_ROLE, name)


def spare_name(uuid: UUID) -> str:
    return f"spare_{uuid.hex}"


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
    """Whether it has been begun: every way of making tables begins with this one, and finding it costs one look."""
    return _one("SELECT to_regclass(%s) IS NOT NULL", [f'"{name}".django_migrations'])


@transaction.atomic
def drop(uuid: UUID) -> None:
    """Drop schema and role: of an association that was never live, or with the proof that `tenancy.proof` demands.

    Refuses a schema without our stamp.
    """
    proof.demand(uuid)
    name = schema_name(uuid)
    if schema_stamp(uuid) is not None:
        if not schema_ready(uuid):
            raise ForeignSchema(f"Schema {name} is not ours; it is left alone.")
        _execute("DROP SCHEMA {0} CASCADE", name)
    if settings.ASSOCIATION_ROLES and role_exists(uuid):
        _execute(_DROP_ROLE, name)


# No grant on `extensions`, which everybody may use: its one row in the catalog would be written by all at once.
_CREATE_ROLE = "CREATE ROLE {0} NOLOGIN"
_DROP_ROLE = "DROP ROLE {0}"
_RIGHTS = (
    "GRANT USAGE ON SCHEMA {0} TO {0};"
    "ALTER DEFAULT PRIVILEGES IN SCHEMA {0} GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {0}"
)


def stamp(uuid: UUID) -> str:
    """What the schema of an association says of itself, in its comment."""
    return f"kairan:{uuid}"


def _execute(statement: str, name: str, *, stamp: str = "") -> None:
    """Run constant statements, separated by semicolons, about the schema (and role) of this name: `{0}`."""
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL(statement).format(sql.Identifier(name), stamp=sql.Literal(stamp)))


def _one(query: str, params: list[str] | dict[str, str]) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(query, params)
        row = cursor.fetchone()
    return bool(row and row[0])
