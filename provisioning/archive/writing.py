"""Writing an archive: one association, as it was at one moment, into any file, without ever holding it whole."""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from django.core.files.storage import default_storage
from django.db import connection
from django.utils import timezone
from psycopg import sql

from controlplane.associations.models import Association
from controlplane.spreadsheet import MARK, lines
from controlplane.tenancy import current, naming, public, snapshot, template
from controlplane.tenancy.shape import Table, tables
from provisioning.archive import contents, spreadsheets
from provisioning.archive.manifest import FACTS, NAME, Entry, Manifest

CHUNK = 64 * 1024
LARGE = 128 * 1024 * 1024  # bytes on disk from which a table's text may pass two gigabytes
Progress = Callable[[int, int], None]


def export(
    association: Association, file: IO[bytes], *, beside: str = "", progress: Progress = lambda done, total: None
) -> Manifest:
    """Write the association's archive into `file`, which need not be seekable. Call unbound.

    `beside` names another schema of the association to read instead of its own.
    """
    facts = _facts(association)
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        writer = _Writer(archive)
        with snapshot(association, beside=beside):
            created_at, release = timezone.now(), template.standing()
            for table in contents.exported(tables(current().schema)).values():
                writer.table(table)
            for sheet in spreadsheets.SHEETS:
                writer.sheet(sheet)
            keys = _keys()
        with naming(association):  # files never change, so no transaction waits for them
            for number, key in enumerate(keys):
                progress(number, len(keys))
                writer.file(key)
        manifest = Manifest(
            association.uuid, facts, association.households, release, created_at, writer.entries, tuple(writer.missing)
        )
        with archive.open(_info(NAME, created_at.timetuple()[:6]), "w") as entry:
            entry.write(manifest.as_json())
    return manifest


def copy_rows(table: Table) -> Iterator[bytes]:
    """The rows of a table of the bound schema as lines of JSON, straight from PostgreSQL, by primary key."""
    columns, key = (
        sql.SQL(", ").join(map(sql.Identifier, names)) for names in ([c.name for c in table.columns], table.key)
    )
    rows = sql.SQL("SELECT {} FROM {} ORDER BY {}").format(columns, sql.Identifier(table.name), key)
    # As CSV whose signs never occur in JSON, a line comes out as it is, without COPY's own backslashes.
    statement = sql.SQL(
        r"COPY (SELECT row_to_json(r) FROM ({}) r) TO STDOUT (FORMAT csv, QUOTE E'\x01', DELIMITER E'\x02')"
    )
    with connection.cursor() as cursor, cursor.copy(statement.format(rows)) as copy:
        yield from map(bytes, copy)


class _Writer:
    """Adds entries and remembers what the manifest says of them."""

    def __init__(self, archive: ZipFile) -> None:
        self.archive = archive
        self.entries: dict[str, Entry] = {}
        self.missing: list[str] = []

    def table(self, table: Table) -> None:
        self._add(f"data/{table.name}.jsonl", copy_rows(table), rows=True, large=table.size > LARGE)

    def sheet(self, sheet: spreadsheets.Sheet) -> None:
        text = lines(sheet.rows())
        heading = MARK + "".join(lines([sheet.heading]))
        self._add(f"csv/{sheet.name}.csv", (line.encode() for line in text), rows=True, heading=heading.encode())

    def file(self, key: str) -> None:
        try:
            stored = default_storage.open(key)
            stored.size  # noqa: B018  asks the object store, which opens nothing before it is read
        except FileNotFoundError:
            self.missing.append(key)
            return
        with stored:
            self._add(f"files/{key}", stored.chunks(CHUNK), method=ZIP_STORED)

    def _add(
        self,
        name: str,
        parts: Iterable[bytes],
        *,
        rows: bool = False,
        heading: bytes = b"",
        method: int = ZIP_DEFLATED,
        large: bool = False,
    ) -> None:
        with self._entry(name, method, large) as tally:
            tally.add(heading)
            for part in parts:
                tally.add(part)
                tally.rows += rows
        self.entries[name] = Entry(tally.digest.hexdigest(), tally.bytes, tally.rows if rows else None)

    @contextmanager
    def _entry(self, name: str, method: int, large: bool) -> Iterator["_Tally"]:
        info = _info(name, timezone.localtime().timetuple()[:6], method)
        with self.archive.open(info, "w", force_zip64=large) as entry:
            tally = _Tally(entry)
            yield tally
            tally.flush()


class _Tally:
    """Counts and digests what passes; gathers small parts, because each write to a ZIP has its price."""

    def __init__(self, target: IO[bytes]) -> None:
        self.target, self.waiting = target, bytearray()
        self.digest, self.bytes, self.rows = hashlib.sha256(), 0, 0

    def add(self, part: bytes) -> None:
        self.waiting += part
        if len(self.waiting) >= CHUNK:
            self.flush()

    def flush(self) -> None:
        self.digest.update(self.waiting)
        self.bytes += len(self.waiting)
        self.target.write(self.waiting)
        self.waiting = bytearray()


def _info(name: str, when: Any, method: int = ZIP_DEFLATED) -> ZipInfo:
    info = ZipInfo(name, when)
    info.compress_type, info.external_attr = method, 0o100600 << 16
    return info


def _facts(association: Association) -> dict[str, str]:
    with public():
        return {name: str(getattr(association, name)) for name in FACTS}


def _keys() -> list[str]:
    """Every object that rows of the bound schema name."""
    found = []
    for table, columns in contents.FILES.items():
        names = sql.SQL(", ").join(map(sql.Identifier, columns))
        query = sql.SQL("SELECT k FROM {}, unnest(ARRAY[{}]) k WHERE k <> '' ORDER BY id").format(
            sql.Identifier(table), names
        )
        with connection.cursor() as cursor:
            cursor.execute(query)
            found += [row[0] for row in cursor.fetchall() if not contents.NOT_OURS.fullmatch(row[0])]
    return found
