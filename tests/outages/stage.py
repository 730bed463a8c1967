"""The running product, as `make run` starts it, with each part a process of its own that can be taken away."""

import os
import signal
import socket
import sqlite3
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from infra.dev.application import PYTHON, start_product
from infra.dev.backing import start_backing
from infra.dev.folder import keys, locked
from infra.dev.gateways import start_gateways
from infra.dev.ports import free_port, listening
from infra.dev.processes import Child, Processes

PARTS = ("valkey", "s3", "mail", "sms", "stripe", "postgres")
WAYS = ("stopped", "refused", "hung")
SETTINGS = {"DJANGO_SETTINGS_MODULE": "tests.outages.settings", "LOG_LEVEL": "WARNING", "SPARE_SCHEMAS": "0"}


class Stage:
    """`env` leads Django to the same servers; `port` is the web server's."""

    def __init__(self, processes: Processes, folder: Path) -> None:
        self.processes, self.folder, self.port = processes, folder, free_port()
        given = {"PORT": str(self.port), "OUTBOX_URL": "none, each gateway is started by itself"}
        self.env = start_backing(processes, folder, fsync=False, given=given)
        self.children = {name: self._child(name) for name in ("valkey", "s3", "postgres")}
        self._ports = {name: _port(self.env[url]) for name, url in _URLS.items()}
        self._start_gateways()
        self.env |= SETTINGS | {"CLAMD_URL": "", "PYTHONPATH": os.pathsep.join([".", "platform"])}

    def start(self) -> None:
        """The database's tables, web server, worker and beat."""
        self.processes.run("migrate", [PYTHON, "manage.py", "migrate", "--noinput"], self.env)

    def open(self) -> None:
        start_product(self.processes, self.folder, self.env, self.port)

    @contextmanager
    def without(self, part: str, way: str) -> Iterator[None]:
        """The part is gone for as long as the block lasts, and back and answering after it."""
        with getattr(self, f"_{way}")(part):
            yield
        self.processes.wait_until(lambda: listening(self._ports[part]), part, timeout=60)

    def outbox(self) -> list[dict[str, Any]]:
        """What the gateways have taken, read from their own databases: they may be frozen just now."""
        found: list[dict[str, Any]] = []
        for gateway in ("mail", "sms"):
            with sqlite3.connect(self.folder / gateway / "doubles" / "outbox.sqlite3", timeout=30) as database:
                rows = database.execute('SELECT channel, "to", subject, body FROM message').fetchall()
            found += [dict(zip(("channel", "to", "subject", "body"), row, strict=True)) for row in rows]
        return found

    def _start_gateways(self) -> None:
        """Mail, SMS and Stripe each from a process of its own, so that one can be taken away."""
        secret = keys(self.folder)
        wanted = {"mail": ("EMAIL_",), "sms": ("SMS_", "OUTBOX_"), "stripe": ("STRIPE_",)}
        for name, prefixes in wanted.items():
            home = self.folder / name
            home.mkdir(exist_ok=True)
            env = start_gateways(self.processes, home, secret, None, self.env["APEX_HOST"], {})
            self.children[name] = self.processes.children[-1]
            self.env |= {key: value for key, value in env.items() if key.startswith(prefixes)}
            self._ports[name] = int(env["EMAIL_PORT"]) if name == "mail" else _port(env["STRIPE_API_BASE"])

    def _child(self, name: str) -> Child:
        return next(child for child in self.processes.children if child.name == name)

    @contextmanager
    def _stopped(self, part: str) -> Iterator[None]:
        """Killed: what it held in memory is gone, its port refuses."""
        child = self.children[part]
        _signal(child, signal.SIGKILL if part == "valkey" else child.stop_signal)
        self.processes.stop(child)
        try:
            yield
        finally:
            self.children[part] = child.start_again()

    @contextmanager
    def _refused(self, part: str) -> Iterator[None]:
        """Gone, and something in its place throws everybody out who has just come in."""
        with self._stopped(part), _doorkeeper(self._ports[part]):
            yield

    @contextmanager
    def _hung(self, part: str) -> Iterator[None]:
        """Frozen: it takes connections and says nothing."""
        _signal(self.children[part], signal.SIGSTOP)
        try:
            yield
        finally:
            _signal(self.children[part], signal.SIGCONT)


@contextmanager
def stage(folder: Path) -> Iterator[Stage]:
    folder.chmod(0o711)  # as root, PostgreSQL runs as somebody else, who has to get in
    with locked(folder) as lock, Processes(folder / "logs", lock) as processes:
        yield Stage(processes, folder)


_URLS = {"valkey": "REDIS_URL", "s3": "S3_ENDPOINT_URL", "postgres": "DATABASE_URL"}


def _port(url: str) -> int:
    port = urlsplit(url).port
    assert port
    return port


def _signal(child: Child, number: int) -> None:
    """To the process and all it has started: PostgreSQL's backends are sessions of their own."""
    for pid in _family(child.process.pid):
        with suppress(ProcessLookupError):
            os.kill(pid, number)


def _family(pid: int) -> list[int]:
    parents: dict[int, int] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
    family = [pid]
    for member in family:
        family += [child for child, parent in parents.items() if parent == member]
    return family


@contextmanager
def _doorkeeper(port: int) -> Iterator[None]:
    with socket.create_server(("127.0.0.1", port), backlog=100) as door:
        threading.Thread(target=_throw_out, args=(door,), daemon=True).start()
        yield
        door.shutdown(socket.SHUT_RDWR)
    time.sleep(0.1)  # the port is free for whom it belongs to


def _throw_out(door: socket.socket) -> None:
    while True:
        try:
            visitor = door.accept()[0]
        except OSError:
            return
        visitor.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # a reset, not a farewell
        visitor.close()
