"""The manifest: the last entry of an archive, which says what the others are and how to know that they are whole."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

NAME = "manifest.json"
FORMAT = 1
FACTS = ("slug", "name", "kana", "kind", "city", "ward", "postal_code", "address")


class BadArchive(ValueError):
    """The archive is damaged, forged or not for this; nothing of it was used."""


@dataclass(frozen=True)
class Entry:
    """One file of the archive. `rows` counts lines of data and rows of a spreadsheet, not its heading."""

    sha256: str
    bytes: int
    rows: int | None = None


@dataclass(frozen=True)
class Manifest:
    """What an archive holds, of whom, from when, at which release of the tables."""

    association: UUID
    facts: Mapping[str, str]
    households: int
    release: str
    created_at: datetime
    entries: Mapping[str, Entry]
    missing: tuple[str, ...] = field(default=())  # files that rows name and the object store had lost

    @property
    def rows(self) -> int:
        return sum(entry.rows or 0 for name, entry in self.entries.items() if name.startswith("data/"))

    def as_json(self) -> bytes:
        whole = {
            "format": FORMAT,
            "release": self.release,
            "created_at": self.created_at.isoformat(),
            "association": {"uuid": str(self.association), **self.facts, "households": self.households},
            "entries": {name: asdict(entry) for name, entry in self.entries.items()},
            "missing": list(self.missing),
        }
        return json.dumps(whole, ensure_ascii=False, indent=1).encode()


def parse(text: bytes) -> Manifest:
    """Read a manifest as strictly as it is written. Raises BadArchive."""
    try:
        whole = json.loads(text)
        _check_format(whole)
        return _manifest(whole)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        if isinstance(error, BadArchive):
            raise
        raise BadArchive("The manifest cannot be read.") from error


def _check_format(whole: Any) -> None:
    if whole["format"] != FORMAT or isinstance(whole["format"], bool):
        raise BadArchive(f"This archive has format {whole['format']!r}; this release reads format {FORMAT}.")


def _manifest(whole: dict[str, Any]) -> Manifest:
    association = whole["association"]
    return Manifest(
        association=UUID(association["uuid"]),
        facts={name: _text(association[name]) for name in FACTS},
        households=_count(association["households"]),
        release=_digest(whole["release"]),
        created_at=_moment(whole["created_at"]),
        entries={name: _entry(**entry) for name, entry in whole["entries"].items()},
        missing=tuple(_text(key) for key in whole["missing"]),
    )


def _entry(sha256: str, bytes: int, rows: int | None) -> Entry:
    return Entry(_digest(sha256), _count(bytes), None if rows is None else _count(rows))


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value


def _count(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise TypeError(value)
    return value


def _digest(value: Any) -> str:
    if not isinstance(value, str) or len(value) != 64 or set(value) - set("0123456789abcdef"):
        raise ValueError(value)
    return value


def _moment(value: str) -> datetime:
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None:
        raise ValueError(value)
    return moment
