"""Delivery of events: signed as Stripe signs, retried until answered with 2xx, from a thread of its own, in one of four
modes (a test's way to lose, double or reorder them)."""

import hashlib
import hmac
import http.client
import json
import logging
import threading
import time
from urllib.parse import urlsplit

from infra.dev.doubles.stripe.shapes import Object, new, public
from infra.dev.doubles.stripe.state import Account

DELAYS = (0.5, 2.0, 5.0, 15.0, 60.0)  # then every 60 s
MODES = ("normal", "drop", "duplicate", "reorder")
DEFAULT_ENDPOINT = "we_default"

log = logging.getLogger(__name__)
Delivery = tuple[int, str, str]


class Webhooks:
    def __init__(self, account: Account, secret: str) -> None:
        self.account, self.secret = account, secret
        self._thread = threading.Thread(target=self._deliver_forever, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def point_to(self, url: str, host: str = "") -> None:
        """The account's own endpoint, signed with the secret the product knows; `host` is the Host header to send."""
        with self.account.transaction():
            endpoint = new("webhook_endpoint", id=DEFAULT_ENDPOINT, url=url, enabled_events=["*"], status="enabled")
            self.account.save({**endpoint, "_secret": self.secret, "_host": host})

    def _deliver_forever(self) -> None:
        while True:
            for delivery in self._due():
                self._attempt(*delivery)
            time.sleep(0.2)

    def _due(self) -> list[Delivery]:
        """What is due, in the order of the mode. `reorder` waits for company, then starts with the youngest."""
        with self.account.transaction():
            mode = self.account.setting("mode", "normal")
            query = "SELECT seq, event, endpoint, due_at FROM delivery WHERE due_at <= ? ORDER BY seq"
            rows = self.account.database.execute(query, (time.time(),)).fetchall()
            if mode == "drop":
                for seq, event_id, *_ in rows:
                    self._settled(seq, event_id)
                return []
        if mode == "reorder":
            company = rows and min(row[3] for row in rows) < time.time() - 0.5
            return [row[:3] for row in reversed(rows)] if company else []
        return [row[:3] for row in rows for _ in range(2 if mode == "duplicate" else 1)]

    def _attempt(self, seq: int, event_id: str, endpoint_id: str) -> None:
        with self.account.transaction():
            event, endpoint = self.account.find(event_id), self.account.find(endpoint_id)
        try:
            status = _post(endpoint, event) if event and endpoint else 200
        except (OSError, http.client.HTTPException) as error:
            log.info("%s: %s", event_id, error)
            status = 0
        with self.account.transaction():
            if 200 <= status < 300:
                self._settled(seq, event_id)
            else:
                self._again(seq, event_id, status)

    def _settled(self, seq: int, event_id: str) -> None:
        done = self.account.database.execute("DELETE FROM delivery WHERE seq = ?", (seq,)).rowcount
        event = self.account.get("event", event_id)
        self.account.save({**event, "pending_webhooks": max(0, event["pending_webhooks"] - done)})

    def _again(self, seq: int, event_id: str, status: int) -> None:
        query = "SELECT attempts FROM delivery WHERE seq = ?"
        row = self.account.database.execute(query, (seq,)).fetchone()
        delay = DELAYS[min(row[0] if row else 0, len(DELAYS) - 1)]
        log.info("%s was answered %s; again in %s s", event_id, status, delay)
        change = "UPDATE delivery SET attempts = attempts + 1, due_at = ? WHERE seq = ?"
        self.account.database.execute(change, (time.time() + delay, seq))


def _post(endpoint: Object, event: Object) -> int:
    url = urlsplit(endpoint["url"])
    payload = json.dumps(public(event), indent=2, ensure_ascii=False).encode()
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
        "Stripe-Signature": signature(payload, endpoint["_secret"]),
    }
    if endpoint.get("_host"):
        headers["Host"] = endpoint["_host"]
    connect = http.client.HTTPSConnection if url.scheme == "https" else http.client.HTTPConnection
    connection = connect(url.hostname or "", url.port, timeout=10)
    try:
        connection.request("POST", url.path or "/", payload, headers)
        return connection.getresponse().status
    finally:
        connection.close()


def signature(payload: bytes, secret: str, at: int | None = None) -> str:
    moment = at or int(time.time())
    digest = hmac.new(secret.encode(), f"{moment}.".encode() + payload, hashlib.sha256).hexdigest()
    return f"t={moment},v1={digest}"
