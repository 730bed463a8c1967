"""Reading a schema back from PostgreSQL's catalog as the shortest SQL that makes it again.

Keys, checks and identity stand inside CREATE TABLE, tables follow their foreign keys, indexes come last. Names carry no
schema: whoever replays the text sets the search path first.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

_COLUMNS = """
SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity,
       pg_get_expr(d.adbin, d.adrelid)
  FROM pg_class c
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
 WHERE c.relnamespace = %s::regnamespace AND c.relkind = 'r'
 ORDER BY c.relname, a.attnum
"""
_CONSTRAINTS = """
SELECT c.relname, k.conname, k.contype, pg_get_constraintdef(k.oid), f.relname
  FROM pg_constraint k
  JOIN pg_class c ON c.oid = k.conrelid
  LEFT JOIN pg_class f ON f.oid = k.confrelid
 WHERE k.connamespace = %s::regnamespace AND k.contype IN ('p', 'u', 'c', 'f')
 ORDER BY c.relname, k.contype <> 'p', k.conname
"""
_INDEXES = """
SELECT pg_get_indexdef(i.indexrelid)
  FROM pg_index i
  JOIN pg_class c ON c.oid = i.indrelid
  LEFT JOIN pg_constraint k ON k.conindid = i.indexrelid AND k.contype IN ('p', 'u')
 WHERE c.relnamespace = %s::regnamespace AND k.oid IS NULL
 ORDER BY 1
"""


@dataclass
class Table:
    name: str
    parts: list[str] = field(default_factory=list)
    needs: set[str] = field(default_factory=set)  # tables its foreign keys point at


def ddl(schema: str) -> str:
    """Return the SQL that makes this schema's tables, constraints and indexes again. Pin the schema first."""
    tables = _tables(schema)
    statements = [f'CREATE TABLE "{table.name}" ({", ".join(table.parts)})' for table in _in_order(tables)]
    indexes = [row[0].replace(f" {schema}.", " ").replace(f' "{schema}".', " ") for row in _rows(_INDEXES, schema)]
    return ";\n".join([*statements, *indexes])


def fingerprint(schema: str) -> list[Any]:
    """Return everything the catalog says of a schema's tables, comparable between schemas."""
    rows = [*_rows(_COLUMNS, schema), *_rows(_CONSTRAINTS, schema), *_rows(_INDEXES, schema)]
    return sorted(str(row).replace(schema, "<schema>") for row in rows)


def _tables(schema: str) -> dict[str, Table]:
    tables: dict[str, Table] = {}
    for name, *column in _rows(_COLUMNS, schema):
        tables.setdefault(name, Table(name)).parts.append(_column(*column))
    for name, constraint, kind, definition, target in _rows(_CONSTRAINTS, schema):
        tables[name].parts.append(f'CONSTRAINT "{constraint}" {definition}')
        if kind == "f" and target != name:
            tables[name].needs.add(target)
    return tables


def _column(name: str, kind: str, required: bool, identity: str, default: str | None) -> str:
    words = [f'"{name}"', kind]
    if identity:
        words.append(f"GENERATED {'ALWAYS' if identity == 'a' else 'BY DEFAULT'} AS IDENTITY")
    elif default is not None:
        words.append(f"DEFAULT {default}")
    return " ".join([*words, "NOT NULL"] if required else words)


def _in_order(tables: dict[str, Table]) -> Iterator[Table]:
    """Tables after those they point at. Kairan's schemas have no circle of foreign keys; one would be an error here."""
    made: set[str] = set()
    while len(made) < len(tables):
        ready = [table for table in tables.values() if table.name not in made and table.needs <= made]
        if not ready:
            raise ValueError(f"Foreign keys run in a circle: {sorted(set(tables) - made)}")
        for table in ready:
            made.add(table.name)
            yield table


def _rows(query: str, schema: str) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(query, [schema])
        return list(cursor.fetchall())
