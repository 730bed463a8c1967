"""What the index holds: each letter and each pair of letters as a number, and tags, which no pair of letters equals."""

from collections.abc import Iterable
from itertools import pairwise
from zlib import crc32

_TAGS = 0xD800 << 16  # surrogates are no letters: numbers from here on belong to tags
_TAG_BITS = 2**27 - 1


def grams(text: str) -> set[int]:
    """All letters and pairs of a folded text. Letters beyond 16 bits may meet others: the text itself has the say."""
    spaced = {_number(0, ord(letter)) for letter in text}
    pairs = {_number(ord(first), ord(second)) for first, second in pairwise(text)}
    return spaced | pairs


def wanted(word: str) -> set[int]:
    """What an entry must hold to hold the word: its pairs, or its one letter."""
    return grams(word) if len(word) == 1 else {_number(ord(a), ord(b)) for a, b in pairwise(word)}


def tag_numbers(tags: Iterable[str]) -> set[int]:
    return {_signed(_TAGS | (crc32(tag.encode()) & _TAG_BITS)) for tag in tags}


def _number(first: int, second: int) -> int:
    return _signed(((first & 0xFFFF) << 16) | (second & 0xFFFF))


def _signed(number: int) -> int:
    """In PostgreSQL's four bytes."""
    return number - 2**31
