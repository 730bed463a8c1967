"""A damaged or forged archive is refused whole, with a reason, and nothing is written anywhere."""

import hashlib
import io
import json
import stat
import struct
import zipfile
from collections.abc import Callable
from typing import Any

import pytest

from controlplane.cities.models import City
from controlplane.tenancy import public
from provisioning import archive
from provisioning.archive import reading, values
from tests.provisioning.archive.conftest import everything, repack, rows_of

Bytes = io.BytesIO


def changed(change: Callable[[dict[str, bytes]], None], *, seal: bool = True) -> Callable[[Bytes], Bytes]:
    return lambda file: repack(file, change, seal=seal)


def manifest(change: Callable[[dict[str, Any]], None]) -> Callable[[Bytes], Bytes]:
    """The archive with another manifest and the same contents."""

    def edit(contents: dict[str, bytes]) -> None:
        told = json.loads(contents["manifest.json"])
        change(told)
        contents["manifest.json"] = json.dumps(told).encode()

    return changed(edit, seal=False)


def row(table: str, change: Callable[[dict[str, Any]], None], *, seal: bool = True) -> Callable[[Bytes], Bytes]:
    """The archive with the first row of a table changed."""

    def edit(contents: dict[str, bytes]) -> None:
        first, *others = contents[f"data/{table}.jsonl"].splitlines(keepends=True)
        value = json.loads(first)
        change(value)
        contents[f"data/{table}.jsonl"] = b"".join([json.dumps(value).encode() + b"\n", *others])

    return changed(edit, seal=seal)


def line(table: str, replace: Callable[[bytes], bytes]) -> Callable[[Bytes], Bytes]:
    """The archive with the text of a table changed, and the manifest in agreement."""

    def edit(contents: dict[str, bytes]) -> None:
        contents[f"data/{table}.jsonl"] = replace(contents[f"data/{table}.jsonl"])

    return changed(edit)


def added(name: str, content: bytes = b"x") -> Callable[[Bytes], Bytes]:
    return changed(lambda contents: contents.__setitem__(name, content))


def raw(name: str, *, mode: int = 0o100600, content: bytes = b"x") -> Callable[[Bytes], Bytes]:
    """An entry more, written straight into the ZIP."""

    def append(file: Bytes) -> Bytes:
        with zipfile.ZipFile(file, "a") as target:
            info = zipfile.ZipInfo("placeholder" if "\\" in name else name)
            info.filename, info.external_attr = name, mode << 16
            target.writestr(info, content)
        return file

    return append


def bytes_of(replace: Callable[[bytes], bytes]) -> Callable[[Bytes], Bytes]:
    return lambda file: io.BytesIO(replace(file.getvalue()))


def bomb(file: Bytes) -> Bytes:
    return repack(file, lambda contents: contents.__setitem__("files/attachments/zeros", bytes(64 * 1024 * 1024)))


def declared_smaller(file: Bytes) -> Bytes:
    """The central directory claims a table is shorter than what unpacks."""
    info = zipfile.ZipFile(file).getinfo("data/members_member.jsonl")
    data = bytearray(file.getvalue())
    at = data.index(b"data/members_member.jsonl", data.index(b"PK\x01\x02")) - 46
    struct.pack_into("<L", data, at + 24, info.file_size - 10)
    return io.BytesIO(bytes(data))


def overlapping(file: Bytes) -> Bytes:
    """Two names in the directory lead to the same packed bytes."""
    with zipfile.ZipFile(file, "a") as target:
        twin = zipfile.ZipInfo("files/attachments/twin")
        original = next(info for info in target.infolist() if info.filename.startswith("files/"))
        for field in ("CRC", "compress_size", "file_size", "header_offset", "compress_type", "external_attr"):
            setattr(twin, field, getattr(original, field))
        target.filelist.append(twin)
        target._didModify = True
    return file


def doubled(file: Bytes) -> Bytes:
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(file, "a") as target:
        target.writestr("manifest.json", target.read("manifest.json"))
    return file


def encrypted(file: Bytes) -> Bytes:
    data = bytearray(file.getvalue())
    at = data.index(b"PK\x01\x02")
    data[at + 8] |= 1
    return io.BytesIO(bytes(data))


def bzipped(file: Bytes) -> Bytes:
    with zipfile.ZipFile(file) as whole:
        contents = {name: whole.read(name) for name in whole.namelist()}
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_BZIP2) as target:
        for name, content in contents.items():
            target.writestr(name, content)
    return packed


def without(name: str, *, seal: bool = True) -> Callable[[Bytes], Bytes]:
    return changed(lambda contents: contents.pop(name), seal=seal)


def nested(depth: int) -> str:
    return "[" * depth + "]" * depth


NAMESAKE = {"sha256": hashlib.sha256(b"").hexdigest(), "bytes": 0, "rows": 0}

CORRUPT: dict[str, tuple[Callable[[Bytes], Bytes], str]] = {
    "empty file": (bytes_of(lambda data: b""), "no whole ZIP"),
    "not a ZIP": (bytes_of(lambda data: b"%PDF-1.7 " * 1000), "no whole ZIP"),
    "cut off": (bytes_of(lambda data: data[: len(data) // 2]), "no whole ZIP"),
    "last byte missing": (bytes_of(lambda data: data[:-1]), "no whole ZIP"),
    "a bit flipped in packed data": (
        bytes_of(lambda data: data[:60] + bytes([data[60] ^ 4]) + data[61:]),
        "whole ZIP|manifest",
    ),
    "no manifest": (without("manifest.json", seal=False), "no manifest"),
    "manifest is not JSON": (changed(lambda c: c.update({"manifest.json": b"{"}), seal=False), "manifest cannot"),
    "manifest is a list": (changed(lambda c: c.update({"manifest.json": b"[]"}), seal=False), "manifest cannot"),
    "manifest nested deep": (
        changed(lambda c: c.update({"manifest.json": nested(100_000).encode()}), seal=False),
        "manifest cannot",
    ),
    "a later format": (manifest(lambda told: told.update(format=2)), "format 2"),
    "an unknown release": (manifest(lambda told: told.update(release="0" * 64)), "not known here"),
    "a release that is no digest": (manifest(lambda told: told.update(release="../x")), "manifest cannot"),
    "a uuid that is none": (manifest(lambda told: told["association"].update(uuid="1")), "manifest cannot"),
    "a moment without a zone": (manifest(lambda told: told.update(created_at="2026-01-01")), "manifest cannot"),
    "rows as text": (
        manifest(lambda told: told["entries"]["data/members_member.jsonl"].update(rows="3")),
        "manifest cannot",
    ),
    "a wrong checksum": (
        manifest(lambda told: told["entries"]["data/members_member.jsonl"].update(sha256="0" * 64)),
        "not what the manifest says",
    ),
    "a wrong size": (
        manifest(lambda told: told["entries"]["data/members_member.jsonl"].update(bytes=1)),
        "another size",
    ),
    "a wrong row count": (
        manifest(lambda told: told["entries"]["data/members_member.jsonl"].update(rows=2)),
        "3 rows",
    ),
    "a changed row": (row("members_member", lambda r: r.update(name="別の人"), seal=False), "another size"),
    "an entry the manifest does not know": (raw("files/attachments/stray"), "differ"),
    "an entry that is not there": (
        manifest(lambda told: told["entries"].update({"data/ghost.jsonl": NAMESAKE})),
        "differ",
    ),
    "a table missing": (without("data/members_member.jsonl"), "Tables differ"),
    "an unknown table": (added("data/members_pet.jsonl", b""), "Tables differ"),
    "a table that is never exported": (added("data/django_session.jsonl", b""), "Tables differ"),
    "a file missing": (changed(lambda c: c.pop(next(n for n in c if n.startswith("files/")))), "Files and rows differ"),
    "a file no row names": (added("files/attachments/nobody"), "Files and rows differ"),
    "zip slip": (added("../../etc/cron.d/x"), "entry of this name"),
    "zip slip inside files": (added("files/../../x"), "entry of this name"),
    "an absolute name": (added("/etc/passwd"), "entry of this name"),
    "a drive letter": (added("C:/x"), "entry of this name"),
    "a backslash": (raw("files\\x"), "entry of this name"),
    "a name with a zero byte": (raw("files/x\x00.png"), "entry of this name"),
    "a hidden file": (added("files/.kairan"), "entry of this name"),
    "a folder": (raw("files/folder/"), "entry of this name"),
    "a symbolic link": (raw("files/attachments/link", mode=stat.S_IFLNK | 0o777), "no plain file"),
    "a device": (raw("files/attachments/device", mode=stat.S_IFCHR | 0o600), "no plain file"),
    "an entry twice": (doubled, "twice"),
    "encrypted": (encrypted, "never are"),
    "another compression": (bzipped, "never are"),
    "a bomb": (bomb, "grow more than"),
    "a size that lies": (declared_smaller, "whole ZIP|size"),
    "overlapping entries": (overlapping, "overlap"),
    "an extra column": (row("members_member", lambda r: r.update(is_admin=True)), "columns differ: is_admin"),
    "a column missing": (row("members_member", lambda r: r.pop("kana")), "columns differ: kana"),
    "a column twice": (
        line("members_member", lambda text: text.replace(b'"kana":', b'"name":"x","kana":', 1)),
        "twice",
    ),
    "text for a number": (row("members_member", lambda r: r.update(household_id="1")), "no bigint"),
    "a truth value for a number": (row("members_member", lambda r: r.update(household_id=True)), "no bigint"),
    "a number for text": (row("members_member", lambda r: r.update(name=1)), "no character varying"),
    "a number too large": (row("members_member", lambda r: r.update(calendar_revision=40000)), "no smallint"),
    "text too long": (row("members_member", lambda r: r.update(name="長" * 61)), "no character varying"),
    "nothing where something must be": (row("members_member", lambda r: r.update(name=None)), "name is missing"),
    "a date that is none": (row("members_seatterm", lambda r: r.update(starts_on="2026-02-30")), "no date"),
    "a moment that is none": (row("members_member", lambda r: r.update(admitted_at="tomorrow")), "no timestamp"),
    "text no database holds": (row("members_member", lambda r: r.update(name="a\x00b")), "no character varying"),
    "half a surrogate": (row("members_member", lambda r: r.update(name="\ud842")), "no character varying"),
    "half a surrogate deep inside": (row("audit_entry", lambda r: r.update(data={"a": [{"b": "\ud842"}]})), "no jsonb"),
    "not a number": (line("members_group", lambda t: t.replace(b'"position":1', b'"position":NaN')), "NaN"),
    "a line that is no object": (line("members_group", lambda text: text + b"[1]\n"), "not an object"),
    "a line that is not JSON": (line("members_group", lambda text: text + b"{'id': 1}\n"), "not JSON"),
    "a line that is not UTF-8": (line("members_group", lambda text: text + b'{"id": "\xff"}\n'), "not JSON"),
    "an empty line": (line("members_group", lambda text: text + b"\n"), "not JSON"),
    "a line that does not end": (line("members_group", lambda text: text[:-1]), "not ended"),
    "a carriage return": (line("members_group", lambda text: text.replace(b"\n", b"\r\n")), "control characters"),
    "a line nested deep": (
        line(
            "audit_entry", lambda text: text.replace(b'"data":{', b'"data":{"x":' + nested(50_000).encode() + b",", 1)
        ),
        "nested too deep",
    ),
    "migrations of another release": (
        line("django_migrations", lambda text: b"".join(text.splitlines(keepends=True)[1:])),
        "migrations",
    ),
}


@pytest.mark.parametrize("kind", CORRUPT)
def test_it_is_refused_and_nothing_is_written(shared_living, kind):
    corrupt, reason = CORRUPT[kind]
    file = corrupt(io.BytesIO(shared_living.good))
    before, rows = everything(), rows_of(shared_living.uuid)
    with pytest.raises(archive.BadArchive, match=reason):
        archive.verify(file)
    with public():
        city = City.objects.get(slug="kyoto")
    with pytest.raises(archive.BadArchive):
        archive.take_in(file, slug="newcomer", city=city, by="tests")
    with pytest.raises(archive.BadArchive):
        archive.restore(shared_living.association, file, by="tests")
    assert everything() == before
    assert rows_of(shared_living.uuid) == rows


def test_the_same_archive_uncorrupted_is_fine(shared_living):
    archive.verify(io.BytesIO(shared_living.good))
    archive.verify(repack(io.BytesIO(shared_living.good), lambda contents: None))


@pytest.mark.parametrize(
    ("limit", "value", "reason"),
    [("ENTRIES", 5, "More than 5"), ("TOTAL", 1000, "too large"), ("MANIFEST", 100, "manifest.json is too large")],
)
def test_there_are_limits(shared_living, monkeypatch, limit, value, reason):
    monkeypatch.setattr(reading, limit, value)
    with pytest.raises(archive.BadArchive, match=reason):
        archive.verify(io.BytesIO(shared_living.good))


def test_a_line_has_a_limit(shared_living, monkeypatch):
    monkeypatch.setattr(values, "LINE", 50)
    with pytest.raises(archive.BadArchive, match="too long"):
        archive.verify(io.BytesIO(shared_living.good))


@pytest.mark.parametrize(
    ("change", "table"),
    [
        (lambda r: r.update(household_id=999_999), "members_member"),  # leads nowhere
        (lambda r: r.update(email="desk@reading.example.jp"), "accounts_user"),  # there already
    ],
    ids=["a foreign key that leads nowhere", "a value that is there already"],
)
def test_what_only_postgresql_can_see_is_refused_as_whole(shared_living, change, table):
    """The archive is well formed; its rows contradict each other."""
    from django.db import DatabaseError

    file = row(table, change)(io.BytesIO(shared_living.good))
    archive.verify(file)
    before, rows = everything(), rows_of(shared_living.uuid)
    with public():
        city = City.objects.get(slug="kyoto")
    with pytest.raises(DatabaseError):
        archive.take_in(file, slug="newcomer", city=city, by="tests")
    with pytest.raises(DatabaseError):
        archive.restore(shared_living.association, file, by="tests")
    assert everything() == before
    assert rows_of(shared_living.uuid) == rows
