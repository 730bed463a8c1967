"""Servers that are away: one that takes a call and never answers, one that is not there."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from infra.dev.ports import free_port


@dataclass(frozen=True)
class Hung:
    """A server that lets everybody in and says nothing, as a frozen one does."""

    listener: socket.socket
    inside: list[socket.socket]

    @property
    def port(self) -> int:
        return int(self.listener.getsockname()[1])

    def calls(self) -> int:
        """How many have come in by now."""
        while True:
            try:
                self.inside.append(self.listener.accept()[0])
            except BlockingIOError:
                return len(self.inside)


@contextmanager
def hung() -> Iterator[Hung]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(64)
        listener.setblocking(False)
        yield Hung(listener, inside := [])
        for line in inside:
            line.close()


def refused() -> int:
    """A port where nobody listens."""
    return free_port()
