"""Reading an archive: everything is checked before anything is believed, and nothing is unpacked to a path.

An archive is refused whole, by BadArchive with a reason.
"""

import hashlib
import re
import stat
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from controlplane.tenancy import shape, template
from controlplane.tenancy.shape import Table
from provisioning.archive import contents, manifest, values
from provisioning.archive.manifest import BadArchive, Manifest

ENTRIES = 200_000
TOTAL = 64 * 1024**3  # bytes, unpacked
RATIO = 200  # unpacked to packed, above SMALL
SMALL = 1024 * 1024
MANIFEST = 64 * 1024 * 1024
CHUNK = 1024 * 1024
_NAME = re.compile(
    r"data/[a-z0-9_]{1,63}\.jsonl|csv/[a-z_]{1,40}\.csv|files(?:/[A-Za-z0-9_-][A-Za-z0-9._-]{0,199}){1,4}"
)
_ENCRYPTED = 0x1


def verify(file: IO[bytes]) -> Manifest:
    """Check an archive from end to end and return its manifest. Raises BadArchive. Call unbound; `file` is seekable."""
    with opened(file) as archive:
        return archive.manifest


class Archive:
    """An archive that has been checked, ready to be read from."""

    def __init__(self, archive: ZipFile) -> None:
        self._archive = archive
        self.manifest = manifest.parse(self._whole(manifest.NAME, MANIFEST))
        self.tables = _tables(self.manifest.release)
        self.migrations: list[tuple[str, str]] = []

    @property
    def files(self) -> list[str]:
        return [name.removeprefix("files/") for name in self.manifest.entries if name.startswith("files/")]

    def open_file(self, key: str) -> IO[bytes]:
        return self._archive.open(f"files/{key}")

    def lines(self, table: str) -> Iterator[bytes]:
        """The rows of a table, each with its line end."""
        with self._archive.open(f"data/{table}.jsonl") as entry:
            while line := entry.readline(values.LINE):
                if not line.endswith(b"\n"):
                    raise BadArchive(f"data/{table}.jsonl: a line is too long or not ended")
                yield line

    def check(self) -> None:
        """What the manifest says of each entry is so; rows fit their tables; files and rows name each other."""
        self._check_listing()
        for name in self.manifest.entries:
            self._check_sum(name)
        self._check_rows()

    def _check_listing(self) -> None:
        there, told = set(self._archive.namelist()) - {manifest.NAME}, set(self.manifest.entries)
        if there != told:
            raise BadArchive(f"The manifest and the archive differ: {_some(there ^ told)}.")
        wanted = {f"data/{name}.jsonl" for name in self.tables}
        if wanted != {name for name in told if name.startswith("data/")}:
            raise BadArchive(
                f"Tables differ from the release's: {_some(wanted ^ {n for n in told if n[:5] == 'data/'})}."
            )

    def _check_sum(self, name: str) -> None:
        told, digest, size = self.manifest.entries[name], hashlib.sha256(), 0
        if told.bytes != self._archive.getinfo(name).file_size:
            raise BadArchive(f"{name} has another size than the manifest says.")
        with self._archive.open(name) as entry:
            while part := entry.read(CHUNK):
                digest.update(part)
                size += len(part)
        if size != told.bytes or digest.hexdigest() != told.sha256:
            raise BadArchive(f"{name} is not what the manifest says.")

    def _check_rows(self) -> None:
        named: set[str] = set()
        for table in self.tables.values():
            count = 0
            for row in self._rows(table):
                count += 1
                names = {str(row[column]) for column in contents.FILES.get(table.name, ()) if row[column]}
                named |= {name for name in names if not contents.NOT_OURS.fullmatch(name)}
                if table.name == contents.HISTORY:
                    self.migrations.append((str(row["app"]), str(row["name"])))
            if count != self.manifest.entries[f"data/{table.name}.jsonl"].rows:
                raise BadArchive(f"data/{table.name}.jsonl has {count} rows, not what the manifest says.")
        if template.fingerprint(self.migrations) != self.manifest.release:
            raise BadArchive("The migrations of the archive are not those of its release.")
        if named != set(self.files) | set(self.manifest.missing):
            raise BadArchive(f"Files and rows differ: {_some(named ^ (set(self.files) | set(self.manifest.missing)))}.")

    def _rows(self, table: Table) -> Iterator[dict[str, object]]:
        for number, line in enumerate(self.lines(table.name), start=1):
            try:
                yield values.parse_row(table, line.rstrip(b"\n"))
            except BadArchive as error:
                raise BadArchive(f"data/{table.name}.jsonl, line {number}: {error}.") from error

    def _whole(self, name: str, limit: int) -> bytes:
        if self._archive.getinfo(name).file_size > limit:
            raise BadArchive(f"{name} is too large.")
        return self._archive.read(name)


@contextmanager
def opened(file: IO[bytes]) -> Iterator[Archive]:
    """Open an archive and check all of it. Raises BadArchive, also for what goes wrong while it is read from later."""
    try:
        with ZipFile(file) as archive:
            _check_structure(archive)
            checked = Archive(archive)
            checked.check()
            yield checked
    except (BadZipFile, zlib.error, EOFError, struct.error, NotImplementedError, UnicodeDecodeError) as error:
        raise BadArchive(f"This is no whole ZIP file: {error}") from error


def _check_structure(archive: ZipFile) -> None:
    entries = archive.infolist()
    if len(entries) > ENTRIES:
        raise BadArchive(f"More than {ENTRIES} entries.")
    names = [entry.filename for entry in entries]
    if len(set(names)) < len(names):
        raise BadArchive("An entry is there twice.")
    if manifest.NAME not in names:
        raise BadArchive("There is no manifest.")
    for entry in entries:
        _check_entry(entry)
    if sum(entry.file_size for entry in entries) > TOTAL:
        raise BadArchive("Unpacked it would be too large.")
    _check_overlap(entries)


def _check_entry(entry: ZipInfo) -> None:
    name = entry.orig_filename
    if name != manifest.NAME and not _NAME.fullmatch(name):
        raise BadArchive(f"No archive has an entry of this name: {name!r}.")
    if stat.S_IFMT(entry.external_attr >> 16) not in (0, stat.S_IFREG):  # 0: packed where files have no kinds
        raise BadArchive(f"{name} is no plain file.")
    if entry.flag_bits & _ENCRYPTED or entry.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
        raise BadArchive(f"{name} is packed in a way that archives never are.")
    if entry.file_size > SMALL and entry.file_size > RATIO * max(entry.compress_size, 1):
        raise BadArchive(f"{name} would grow more than {RATIO} times.")


def _check_overlap(entries: list[ZipInfo]) -> None:
    """Entries that share their packed bytes are how a small file claims to be a huge one."""
    end = 0
    for entry in sorted(entries, key=lambda entry: entry.header_offset):
        if entry.header_offset < end:
            raise BadArchive("Entries overlap.")
        end = entry.header_offset + entry.compress_size


def _tables(release: str) -> dict[str, Table]:
    tables = shape.tables_of_release(release)
    if tables is None:
        raise BadArchive("The archive is of a release whose tables are not known here.")
    return contents.exported(tables)


def _some(names: set[str]) -> str:
    return ", ".join(sorted(names)[:5])
