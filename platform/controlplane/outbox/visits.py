"""What else is looked at when an association is visited for its waiting messages: apps above add their part here.

A part runs inside the association's binding and answers when it wants to be called again, or None.
"""

from collections.abc import Callable
from datetime import datetime

Part = Callable[[], datetime | None]
_parts: list[Part] = []


def part_of_visit(part: Part) -> Part:
    _parts.append(part)
    return part


def look_around() -> datetime | None:
    """Run every part; the earliest of the moments they ask for."""
    return min(filter(None, [part() for part in _parts]), default=None)
