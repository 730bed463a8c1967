"""What the stand-in gateways were given to deliver, kept in SQLite; read as JSON, newest first."""

import json
import sqlite3
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from infra.dev.doubles.server import Request, Response, Route

TABLES = """
CREATE TABLE IF NOT EXISTS message (
    id INTEGER PRIMARY KEY, channel TEXT NOT NULL, "to" TEXT NOT NULL, subject TEXT NOT NULL, body TEXT NOT NULL,
    association TEXT, created_at TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS message_to ON message ("to");
CREATE TABLE IF NOT EXISTS attachment (
    message_id INTEGER NOT NULL, n INTEGER NOT NULL, name TEXT NOT NULL, content_type TEXT NOT NULL,
    content BLOB NOT NULL, PRIMARY KEY (message_id, n));
"""
ADD = 'INSERT INTO message (channel, "to", subject, body, association, created_at) VALUES (?, ?, ?, ?, ?, ?)'
LIST = """
SELECT id, channel, "to", subject, body, association, created_at,
    (SELECT json_group_array(json_object('name', name, 'size', length(content), 'content_type', content_type))
     FROM (SELECT * FROM attachment WHERE message_id = message.id ORDER BY n)) AS attachments
FROM message WHERE (:to = '' OR "to" = :to) AND (:channel = '' OR channel = :channel) ORDER BY id DESC LIMIT :limit
"""


@dataclass(frozen=True)
class Attachment:
    name: str
    content_type: str
    content: bytes


class Outbox:
    def __init__(self, folder: Path) -> None:
        self._lock = threading.Lock()
        self._database = sqlite3.connect(folder / "outbox.sqlite3", check_same_thread=False)
        self._database.row_factory = sqlite3.Row
        self._database.executescript("PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF;" + TABLES)

    def add(
        self,
        channel: str,
        to: str,
        subject: str,
        body: str,
        association: str | None,
        attachments: Sequence[Attachment] = (),
    ) -> int:
        row = (channel, to, subject, body, association or None, datetime.now(UTC).isoformat())
        with self._lock, self._database as database:
            added = database.execute(ADD, row).lastrowid or 0
            database.executemany(
                "INSERT INTO attachment VALUES (?, ?, ?, ?, ?)",
                [(added, n, each.name, each.content_type, each.content) for n, each in enumerate(attachments)],
            )
        return added

    def newest(self, *, to: str = "", channel: str = "", limit: int = 1000) -> list[dict[str, Any]]:
        with self._lock:
            rows = self._database.execute(LIST, {"to": to, "channel": channel, "limit": limit}).fetchall()
        return [{**dict(row), "attachments": json.loads(row["attachments"])} for row in rows]

    def attachment(self, message: int, n: int) -> Attachment | None:
        query = "SELECT name, content_type, content FROM attachment WHERE message_id = ? AND n = ?"
        with self._lock:
            row = self._database.execute(query, (message, n)).fetchone()
        return Attachment(*row) if row else None

    def routes(self) -> list[Route]:
        return [("GET", "/outbox.json", self._list), ("GET", "/outbox/{id}/attachments/{n}", self._download)]

    def _list(self, request: Request) -> Response:
        chosen = {name: request.argument(name) for name in ("to", "channel")}
        return Response(self.newest(**chosen, limit=int(request.argument("limit", "1000"))))

    def _download(self, _request: Request, id: str, n: str) -> Response:
        found = self.attachment(int(id), int(n))
        if not found:
            return Response({"error": {"message": "No such attachment"}}, 404)
        disposition = f"attachment; filename*=UTF-8''{quote(found.name)}"
        return Response(found.content, 200, found.content_type, {"Content-Disposition": disposition})
