"""One line of data against the table it is for: strict JSON, the table's own columns, values of their types."""

import json
import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from controlplane.tenancy.shape import Column, Table
from provisioning.archive.manifest import BadArchive

LINE = 32 * 1024 * 1024  # bytes; a post's text is at most 80 kB
_RAW_CONTROL = re.compile(rb"[\x00-\x1f]")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")  # what PostgreSQL holds in no text
_WHOLE = {"smallint": 2**15, "integer": 2**31, "bigint": 2**63}


def parse_row(table: Table, line: bytes) -> dict[str, Any]:
    """Return the row, or raise BadArchive saying what is wrong with it."""
    row = _parse(line)
    if not isinstance(row, dict):
        raise BadArchive("a line is not an object")
    names = {column.name for column in table.columns}
    if set(row) != names:
        raise BadArchive(f"columns differ: {', '.join(sorted(set(row) ^ names))}")
    for column in table.columns:
        _check(column, row[column.name])
    return row


def _parse(line: bytes) -> Any:
    if _RAW_CONTROL.search(line):
        raise BadArchive("a line holds control characters")
    try:
        return json.loads(line.decode(), object_pairs_hook=_once, parse_constant=_no_number)
    except BadArchive:
        raise
    except RecursionError as error:
        raise BadArchive("a line is nested too deep") from error
    except ValueError as error:
        raise BadArchive("a line is not JSON") from error


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise BadArchive("a line names something twice")
    return found


def _no_number(name: str) -> Any:
    raise BadArchive(f"{name} is no number")


def _check(column: Column, value: Any) -> None:
    if value is None:
        if column.required:
            raise BadArchive(f"{column.name} is missing")
        return
    kind, _bracket, length = column.kind.partition("(")
    fits = _FITS.get(kind)
    if fits is None:
        raise BadArchive(f"{column.name} has a type this release does not read: {column.kind}")
    if not fits(value, kind) or (length and len(value) > int(length.rstrip(")"))):
        raise BadArchive(f"{column.name} is no {column.kind}")


def _whole(value: Any, kind: str) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and -_WHOLE[kind] <= value < _WHOLE[kind]


def _text(value: Any, _kind: str) -> bool:
    return isinstance(value, str) and not _UNSTORABLE.search(value)


def _document(value: Any, _kind: str) -> bool:
    """Anything JSON, down to the last text in it."""
    if isinstance(value, dict):
        return all(_text(name, "") and _document(part, "") for name, part in value.items())
    if isinstance(value, list):
        return all(_document(part, "") for part in value)
    return not isinstance(value, str) or _text(value, "")


def _read_by(read: Callable[[str], object]) -> Callable[[Any, str], bool]:
    def fits(value: Any, _kind: str) -> bool:
        try:
            return isinstance(value, str) and bool(read(value))
        except ValueError:
            return False

    return fits


_FITS: dict[str, Callable[[Any, str], bool]] = {
    "smallint": _whole,
    "integer": _whole,
    "bigint": _whole,
    "boolean": lambda value, _kind: isinstance(value, bool),
    "double precision": lambda value, _kind: isinstance(value, int | float) and not isinstance(value, bool),
    "character varying": _text,
    "text": _text,
    "jsonb": _document,
    "uuid": _read_by(UUID),
    "date": _read_by(date.fromisoformat),
    "timestamp with time zone": _read_by(lambda text: datetime.fromisoformat(text).tzinfo),
}
