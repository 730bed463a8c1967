"""Outlives the stack by seconds: when the stack dies without a word (SIGKILL), stops every process it had started.

Reads `+pid signal`, `-pid` and `bye` lines from its standard input; its end without a `bye` means the stack is gone.
Runs as a plain script in a session of its own, standard library only, and holds the folder's lock meanwhile.
"""

import os
import signal
import sys
import time
from collections.abc import Callable

GRACE = 8.0


def main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    children: dict[int, int] = {}
    for line in sys.stdin:
        word = line.split()
        if word == ["bye"]:
            return
        pid = int(word[0][1:])
        if line.startswith("+"):
            children[pid] = int(word[1])
        else:
            children.pop(pid, None)
    stop(children)


def stop(children: dict[int, int]) -> None:
    for pid, number in reversed(list(children.items())):
        send(os.kill, pid, number)
    deadline = time.monotonic() + GRACE
    while time.monotonic() < deadline and any(send(os.killpg, pid, 0) for pid in children):
        time.sleep(0.1)
    for pid in children:
        send(os.killpg, pid, signal.SIGKILL)


def send(how: Callable[[int, int], None], pid: int, number: int) -> bool:
    try:
        how(pid, number)
    except OSError:
        return False
    return True


if __name__ == "__main__":
    main()
