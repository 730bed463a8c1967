"""The digest of what a form or a program sends, by which the same thing sent again is known."""

from collections.abc import Iterable
from hashlib import sha256
from typing import Any

from django.core.files.base import File


def digest_of(pairs: Iterable[tuple[str, Any]]) -> str:
    """Of names and values in their order; a file counts by its name and every byte."""
    whole = sha256()
    for name, value in pairs:
        said = _file(value) if isinstance(value, File) else str(value)
        whole.update(f"{len(name)}:{name}{len(said)}:{said}".encode("utf-8", "surrogatepass"))
    return whole.hexdigest()


def _file(file: "File[Any]") -> str:
    content = sha256()
    for piece in file.chunks():
        content.update(piece)
    file.seek(0)
    return f"{file.name}\0{content.hexdigest()}"
