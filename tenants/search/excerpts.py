"""Where the words stand in a text as it was written, for a short piece of it with the words marked."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from controlplane.folding import folded_with_places

BEFORE, LENGTH = 12, 90  # letters shown before the first word found, and in all
# A long text is looked through in pieces, until one holds a word: the first is short, for most words stand there.
FIRST, STRIDE, OVERLAP = 250, 2000, 200
_GAPS = re.compile(r"\s+")


@dataclass(frozen=True)
class Part:
    """A piece of a text; `found` when it is one of the words."""

    text: str
    found: bool = False


def marked(text: str, words: Sequence[str]) -> list[Part]:
    """The whole text in parts: what answers, and what stands between."""
    parts, end = [], 0
    for start, stop in _spans(text, words):
        parts += [Part(text[end:start]), Part(text[start:stop], found=True)]
        end = stop
    return [part for part in (*parts, Part(text[end:])) if part.text]


def excerpt(text: str, words: Sequence[str]) -> list[Part]:
    """A line of the text around the first word found, or its beginning."""
    piece, first = _piece(text, words)
    start = max(0, first - BEFORE)
    shown = _GAPS.sub(" ", piece[start : start + LENGTH]).strip()
    lead = "…" if start or not text.startswith(piece) else ""
    tail = "…" if start + LENGTH < len(piece) or not text.endswith(piece) else ""
    return [part for part in (Part(lead), *marked(shown, words), Part(tail)) if part.text]


def _piece(text: str, words: Sequence[str]) -> tuple[str, int]:
    """The first piece of the text that holds a word, and where in it."""
    start, stride = 0, FIRST
    while words and start < len(text):
        piece = text[start : start + stride + OVERLAP]
        first = next(_spans(piece, words), None)
        if first:
            return piece, first[0]
        start, stride = start + stride, min(2 * stride, STRIDE)
    return text[:STRIDE], 0


def _spans(text: str, words: Sequence[str]) -> Iterator[tuple[int, int]]:
    """From where to where each word stands, in order; the longest one where several begin."""
    if not words:
        return
    same, places = folded_with_places(text)
    end = 0
    for found in re.finditer("|".join(map(re.escape, sorted(words, key=len, reverse=True))), same):
        start, stop = places[found.start()], _end(places, found.end())
        if start >= end:
            yield start, stop
            end = stop


def _end(places: list[int], after: int) -> int:
    """Where the letter before this one ends: several letters may come of one, as ㍻ is 平成."""
    last = places[after - 1]
    return next(place for place in places[after:] if place > last) if places[-1] > last else places[-1]
