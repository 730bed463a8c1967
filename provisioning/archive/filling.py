"""Filling a fresh schema and the object store from a checked archive. Nothing of the association's own is touched."""

from collections.abc import Iterator
from contextlib import contextmanager
from shutil import copyfileobj
from tempfile import SpooledTemporaryFile

from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import connection
from psycopg import sql

from controlplane.tenancy import bound_beside, exchange, naming, public, template, upgrade
from controlplane.tenancy.binding import Bindable
from controlplane.tenancy.models import Template
from controlplane.tenancy.shape import Table
from provisioning.archive import contents
from provisioning.archive.manifest import BadArchive
from provisioning.archive.reading import Archive
from tenants.search import filling as search

MEMORY = 2 * 1024 * 1024
# The signs of COPY's CSV never occur in a line of JSON, so every line arrives as it is.
_COPY = r"COPY pg_temp.archive_line FROM STDIN (FORMAT csv, QUOTE E'\x01', DELIMITER E'\x02')"


@contextmanager
def filled(association: Bindable, archive: Archive) -> Iterator[str]:
    """Yield the name of a fresh schema at this release that holds the archive. What was made is gone on any failure.

    A killed process leaves the schema behind; the next one with the same association drops it first.
    """
    schema = exchange.fresh_name(association.uuid)
    with template.scratch(schema), _files(association, archive):
        with public():
            ddl = Template.objects.get(fingerprint=archive.manifest.release).ddl
        template.replay(schema, ddl)
        with bound_beside(association, schema):
            load(archive, schema)
        _bring_up(schema, archive)
        search.fill(lambda: bound_beside(association, schema))
        yield schema


def load(archive: Archive, schema: str) -> None:
    """Load every row into the bound schema, whatever the order of its foreign keys. Call in a transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        cursor.execute("CREATE TEMP TABLE archive_line (line json) ON COMMIT DROP")
        cursor.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(contents.HISTORY)))  # the template's own
        for table in archive.tables.values():
            _load_table(archive, table)
            exchange.count_from(schema, table)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def _load_table(archive: Archive, table: Table) -> None:
    name, columns = sql.Identifier(table.name), [sql.Identifier(column.name) for column in table.columns]
    statement = sql.SQL(
        "INSERT INTO {name} ({columns}) OVERRIDING SYSTEM VALUE SELECT {values}"
        " FROM pg_temp.archive_line, json_populate_record(NULL::{name}, line) r"
    ).format(
        name=name,
        columns=sql.SQL(", ").join(columns),
        values=sql.SQL(", ").join(sql.SQL("r.{}").format(column) for column in columns),
    )
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE pg_temp.archive_line")
        with cursor.copy(_COPY) as copy:
            for line in archive.lines(table.name):
                copy.write(line)
        cursor.execute(statement)
        if cursor.rowcount != archive.manifest.entries[f"data/{table.name}.jsonl"].rows:
            raise BadArchive(f"{table.name}: not every row came in.")


def _bring_up(schema: str, archive: Archive) -> None:
    """Bring what an older release wrote to the release that runs."""
    if archive.manifest.release == template.release_fingerprint():
        return
    steps = upgrade.plan(frozenset(archive.migrations))
    if not steps.replayable:
        template.migrate(schema)
        return
    if not upgrade.carry_out(schema, steps):
        raise BadArchive("The rows do not stand at the release that the manifest names.")


@contextmanager
def _files(association: Bindable, archive: Archive) -> Iterator[None]:
    """Put the archive's files where the association keeps its own; take them away again if what follows fails."""
    put: list[str] = []
    try:
        with naming(association):
            for key in archive.files:
                if not _is_there(archive, key):
                    put.append(key)
                    _put(archive, key)
        yield
    except BaseException:
        with naming(association):
            for key in put:
                default_storage.delete(key)
        raise


def _is_there(archive: Archive, key: str) -> bool:
    """Keys are random and what they name never changes: of the same size it is the same."""
    size = archive.manifest.entries[f"files/{key}"].bytes
    return bool(default_storage.exists(key)) and default_storage.size(key) == size


def _put(archive: Archive, key: str) -> None:
    with archive.open_file(key) as entry, SpooledTemporaryFile(MEMORY) as copy:
        copyfileobj(entry, copy)
        copy.seek(0)
        default_storage.save(key, File(copy))
