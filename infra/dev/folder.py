"""The one folder that holds all the stack writes: data, logs, keys, and the lock that keeps a second stack out."""

import fcntl
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parents[2]


class StackError(Exception):
    """Something the developer can act on: shown as a message, without a traceback."""


def data_folder() -> Path:
    return Path(os.environ.get("KAIRAN_DATA") or ROOT / ".data").resolve()


@contextmanager
def locked(folder: Path, note: str = "") -> Iterator[IO[str]]:
    """Hold the folder for this process alone; the warden inherits the lock and keeps it until all is stopped."""
    _check_owner(folder)
    with open(folder / "lock", "a+") as lock:
        _take(lock, folder)
        lock.truncate(0)
        lock.write(f"process {os.getpid()}{note}")
        lock.flush()
        yield lock


def _check_owner(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "lock").touch()
    except PermissionError as error:
        raise StackError(f"{folder} belongs to another user; remove it, or choose another: KAIRAN_DATA=...") from error


def _take(lock: IO[str], folder: Path) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.seek(0)
        raise StackError(f"Kairan is already running from {folder} ({lock.read()}). Stop it first.") from None


def keys(folder: Path) -> dict[str, str]:
    """Passwords and keys of this folder's servers: made once, random, readable by their owner only."""
    path = folder / "keys.json"
    if not path.exists():
        draft = path.with_suffix(".new")
        draft.touch(mode=0o600)
        draft.write_text(json.dumps(_fresh_keys(), indent=2))
        draft.rename(path)
    kept: dict[str, str] = json.loads(path.read_text())
    return kept


def _fresh_keys() -> dict[str, str]:
    return {
        "postgres": secrets.token_hex(16),
        "kairan": secrets.token_hex(16),
        "secret_key": secrets.token_urlsafe(48),
        "s3_access": secrets.token_hex(8),
        "s3_secret": secrets.token_hex(16),
        "sms": secrets.token_hex(16),
        "stripe": f"sk_test_{secrets.token_hex(16)}",
        "webhook": f"whsec_{secrets.token_hex(16)}",
    }
