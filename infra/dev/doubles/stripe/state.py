"""The account: every object, answer and pending webhook, in SQLite, behind one lock."""

import json
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from infra.dev.doubles.stripe.errors import not_found
from infra.dev.doubles.stripe.shapes import Object, new, public

TABLES = """
CREATE TABLE IF NOT EXISTS object (
    seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, body TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS object_kind ON object (kind, seq);
CREATE TABLE IF NOT EXISTS answer (key TEXT PRIMARY KEY, request TEXT NOT NULL, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS delivery (
    seq INTEGER PRIMARY KEY, event TEXT NOT NULL, endpoint TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0,
    due_at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS setting (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""


class Account:
    def __init__(self, folder: Path, base_url: str) -> None:
        self.base_url = base_url
        self._lock = threading.RLock()
        self.database = sqlite3.connect(folder / "stripe.sqlite3", check_same_thread=False)
        self.database.executescript("PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF;" + TABLES)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; the webhooks of what happened inside become due together, at its end."""
        with self._lock, self.database:
            yield

    def save(self, item: Object) -> Object:
        self.database.execute(
            "INSERT INTO object (id, kind, body) VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE SET body = excluded.body",
            (item["id"], item["object"], json.dumps(item)),
        )
        return item

    def find(self, key: str) -> Object | None:
        row = self.database.execute("SELECT body FROM object WHERE id = ?", (key,)).fetchone()
        return json.loads(row[0]) if row else None

    def get(self, kind: str, key: Any, param: str = "id") -> Object:
        found = self.find(str(key))
        if not found or found["object"] != kind or found.get("deleted"):
            raise not_found(kind, str(key), param)
        return found

    def all(self, kind: str) -> list[Object]:
        """Newest first, as Stripe lists; without what was deleted."""
        rows = self.database.execute("SELECT body FROM object WHERE kind = ? ORDER BY seq DESC", (kind,))
        return [item for (body,) in rows if not (item := json.loads(body)).get("deleted")]

    def emit(self, type: str, item: Object) -> Object:
        """Record an event with the object as it is now, and a delivery of it to each endpoint that wants the type."""
        wanting = [each for each in self.all("webhook_endpoint") if {"*", type} & set(each["enabled_events"])]
        event = new("event", type=type, data={"object": public(item)}, pending_webhooks=len(wanting))
        self.save(event)
        for endpoint in wanting:
            self.deliver(event["id"], endpoint["id"])
        return event

    def deliver(self, event: str, endpoint: str) -> None:
        row = (event, endpoint, time.time())
        self.database.execute("INSERT INTO delivery (event, endpoint, due_at) VALUES (?, ?, ?)", row)

    def setting(self, name: str, default: str) -> str:
        row = self.database.execute("SELECT value FROM setting WHERE name = ?", (name,)).fetchone()
        return str(row[0]) if row else default

    def set(self, name: str, value: str) -> None:
        self.database.execute("REPLACE INTO setting VALUES (?, ?)", (name, value))
