"""Hostile files, all drawn by code: what each is, what it is sent as, and what has to become of it."""

from collections.abc import Callable
from dataclasses import dataclass

TRAP = b"KAIRAN-TRAP"  # lies in everything that must not come out again
PLACE = "KAIRAN-GPS-35.0114N-135.7681E"  # where a photo was taken, in words


@dataclass(frozen=True)
class Hostile:
    """`reasons`: the codes of refusal that are right for it; "" among them: it may be taken, made inert."""

    called: str
    draw: Callable[[], bytes]
    reasons: tuple[str, ...] = ("",)
    name: str = "photo.jpg"
    content_type: str = "image/jpeg"
