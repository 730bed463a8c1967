"""Servers that hang: they take every connection and never say a word."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class Silent:
    """`asked` are the connections it was given."""

    port: int
    asked: list[socket.socket] = field(default_factory=list)


@contextmanager
def silent() -> Iterator[Silent]:
    with socket.create_server(("127.0.0.1", 0), backlog=100) as listener:
        server = Silent(listener.getsockname()[1])
        threading.Thread(target=_take, args=(listener, server), daemon=True).start()
        yield server
        listener.shutdown(socket.SHUT_RDWR)
    for each in server.asked:
        each.close()


def _take(listener: socket.socket, server: Silent) -> None:
    while True:
        try:
            server.asked.append(listener.accept()[0])
        except OSError:  # the block has ended
            return
