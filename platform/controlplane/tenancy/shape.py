"""The shape of one schema: its tables, their columns and keys, read at the same cost however many schemas there are.

The way leads from the namespace through pg_depend, by indexes only; asking pg_class for a namespace reads all of it.
"""

from dataclasses import dataclass, field

from django.db import connection, transaction
from django.utils.crypto import get_random_string
from psycopg import sql

from controlplane.tenancy import template
from controlplane.tenancy.binding import public
from controlplane.tenancy.models import Template

_TABLES = """
SELECT c.relname, pg_table_size(c.oid),
       array_agg(a.attname::text ORDER BY a.attnum),
       array_agg(format_type(a.atttypid, a.atttypmod) ORDER BY a.attnum),
       array_agg(a.attnotnull ORDER BY a.attnum),
       array_agg(a.attidentity <> '' ORDER BY a.attnum),
       array_agg(a.attname::text ORDER BY array_position(k.conkey, a.attnum)) FILTER (WHERE a.attnum = ANY (k.conkey))
  FROM pg_namespace n
  JOIN pg_depend d ON d.refobjid = n.oid AND d.refclassid = 'pg_namespace'::regclass
                  AND d.classid = 'pg_class'::regclass
  JOIN pg_class c ON c.oid = d.objid AND c.relkind = 'r'
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  LEFT JOIN pg_constraint k ON k.conrelid = c.oid AND k.contype = 'p'
 WHERE n.nspname = %s
 GROUP BY c.oid, c.relname, k.conkey
 ORDER BY c.relname
"""


@dataclass(frozen=True)
class Column:
    name: str
    kind: str  # as PostgreSQL writes the type: bigint, character varying(60), timestamp with time zone
    required: bool
    identity: bool


@dataclass(frozen=True)
class Table:
    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    size: int = field(compare=False, default=0)  # bytes on disk


def tables(schema: str) -> dict[str, Table]:
    """Return the tables of a schema by name."""
    with connection.cursor() as cursor:
        cursor.execute(_TABLES, [schema])
        return {row[0]: _table(*row) for row in cursor.fetchall()}


def tables_of_release(fingerprint: str) -> dict[str, Table] | None:
    """Return the tables a release gives an association, or None when its template is not kept here.

    They are made for a moment and rolled back: the template is SQL, and only PostgreSQL reads it right.
    """
    with public(), connection.cursor() as cursor:
        kept = Template.objects.filter(fingerprint=fingerprint).first()
        if kept is None:
            return None
        name = f"probe_{get_random_string(12).lower()}"
        cursor.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(name)))
        template.replay(name, kept.ddl)
        found = tables(name)
        transaction.set_rollback(True)
    return found


def _table(
    name: str, size: int, names: list[str], kinds: list[str], required: list[bool], identity: list[bool], key: list[str]
) -> Table:
    columns = tuple(Column(*each) for each in zip(names, kinds, required, identity, strict=True))
    return Table(name, columns, tuple(key or ()), size)
