"""Pictures made on the spot: drawn scenes rendered to PNG, then uploaded like any neighbour's photo."""

from functools import cache
from importlib import resources
from typing import Any

import typst

_PAGE = (
    b'#set page(width: 400mm, height: 250mm, margin: 0mm)\n#image("scene.svg", width: 100%, height: 100%, fit: "cover")'
)


@cache
def picture(name: str) -> bytes:
    """Return the scene `name` (seiso, hall, river, drill) as a PNG of 1,600 × 1,000 pixels."""
    scene = (resources.files(__package__) / f"{name}.svg").read_bytes()
    files: Any = {"main.typ": _PAGE, "scene.svg": scene}  # typst's stubs know one file only
    return bytes(typst.compile(files, format="png", ppi=101.6))
