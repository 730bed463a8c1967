"""A schema filled beside an association's own takes its place, by renaming. Called by provisioning only.

`fresh` is the one being filled, `former` the one that was there; both carry the association's uuid in their names.
"""

from collections.abc import Iterable
from uuid import UUID

from django.db import connection
from psycopg import sql

from controlplane.tenancy import schemas, shape
from controlplane.tenancy.binding import schema_name

# Rather give way and try again than queue the whole site behind us. Shorter than PostgreSQL's `deadlock_timeout` of one
# second: where a writer and we wait for each other, we are gone before the writer is chosen to fail.
LOCK_TIMEOUT = "300ms"


def fresh_name(uuid: UUID) -> str:
    return f"fresh_{uuid.hex}"


def former_name(uuid: UUID) -> str:
    return f"former_{uuid.hex}"


def settle(uuid: UUID) -> None:
    """Make the fresh schema the own one of an association that has none yet. Call in a transaction."""
    schemas.create_role(uuid)
    _execute("ALTER SCHEMA {fresh} RENAME TO {own}; COMMENT ON SCHEMA {own} IS {stamp}", uuid)
    schemas.grant(uuid)


def hold(uuid: UUID) -> None:
    """Wait until nobody is in the association's tables and keep everybody out until the transaction ends.

    Who waits meanwhile goes on in the tables that bear the name then. Raises OperationalError when somebody stays.
    """
    if not schemas.schema_ready(uuid):
        raise schemas.ForeignSchema(f"Schema {schema_name(uuid)} is not there or not this association's.")
    own = schema_name(uuid)
    names = sql.SQL(", ").join(sql.Identifier(own, table) for table in shape.tables(own))
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [LOCK_TIMEOUT])
        cursor.execute(sql.SQL("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE").format(names))


def swap(uuid: UUID) -> None:
    """Put the own schema aside as the former one and the fresh one in its place. Call after `hold`."""
    pass_numbers_on(schema_name(uuid), fresh_name(uuid))
    _execute(
        "ALTER SCHEMA {own} RENAME TO {former}; ALTER SCHEMA {fresh} RENAME TO {own};"
        "COMMENT ON SCHEMA {own} IS {stamp}",
        uuid,
    )
    schemas.grant(uuid)


def pass_numbers_on(before: str, after: str) -> None:
    """No key that was ever given is given again: somebody may still hold a link to it."""
    own = shape.tables(before)
    for table in shape.tables(after).values():
        if table.name in own:
            count_from(after, table, at_least=_last_number(before, table))


def count_from(schema: str, table: shape.Table, *, at_least: int = 0) -> None:
    """Set the numbers a table gives to its rows past the highest key there is."""
    for name in _numbered(table):
        highest = sql.SQL("SELECT greatest(max({}), %s) n FROM {}")
        number = highest.format(sql.Identifier(name), sql.Identifier(schema, table.name))
        statement = sql.SQL("SELECT setval(pg_get_serial_sequence(%s, %s), n) FROM ({}) m WHERE n > 0").format(number)
        with connection.cursor() as cursor:
            cursor.execute(statement, [f'"{schema}"."{table.name}"', name, at_least])


def has_former(uuid: UUID) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT FROM pg_namespace WHERE nspname = %s", [former_name(uuid)])
        return cursor.fetchone() is not None


def drop_former(uuid: UUID) -> None:
    _execute("DROP SCHEMA IF EXISTS {former} CASCADE", uuid)


def _last_number(schema: str, table: shape.Table) -> int:
    with connection.cursor() as cursor:
        for name in _numbered(table):
            query = "SELECT coalesce(pg_sequence_last_value(pg_get_serial_sequence(%s, %s)), 0)"
            cursor.execute(query, [f'"{schema}"."{table.name}"', name])
            return int(cursor.fetchone()[0])
    return 0


def _numbered(table: shape.Table) -> Iterable[str]:
    return (column.name for column in table.columns if column.identity)


def _execute(statement: str, uuid: UUID) -> None:
    names = {"own": schema_name(uuid), "fresh": fresh_name(uuid), "former": former_name(uuid)}
    identifiers = {each: sql.Identifier(name) for each, name in names.items()}
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL(statement).format(**identifiers, stamp=sql.Literal(schemas.stamp(uuid))))
