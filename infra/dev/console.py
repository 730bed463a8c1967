"""What the stack says in the terminal: a line per step with its seconds, and a box when all is up."""

import time
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager


@contextmanager
def step(label: str) -> Iterator[None]:
    started = time.monotonic()
    print(f"  {label:.<34} ", end="", flush=True)
    try:
        yield
    except BaseException:
        print("✗", flush=True)
        raise
    print(f"✓ {time.monotonic() - started:5.1f} s", flush=True)


def box(lines: Sequence[str]) -> None:
    width = max(map(_columns, lines)) + 4
    print(f"\n┌{'─' * width}┐")
    for line in lines:
        print(f"│  {line}{' ' * (width - 2 - _columns(line))}│")
    print(f"└{'─' * width}┘\n", flush=True)


def _columns(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)
