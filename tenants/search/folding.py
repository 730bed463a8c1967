"""How words are compared: width, case, hiragana and katakana make no difference, and what nobody sees is not there."""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

MOST_WORDS = 8
_VOICING = "ﾞﾟ"  # half-width signs that belong to the letter before them
_KANA = {code: code - 0x60 for code in (*range(0x30A1, 0x30F7), 0x30FD, 0x30FE)}
_SIGNS = dict.fromkeys(map(ord, "‐‑‒–—―−"), "-") | {ord("〜"): "~"}
_SAME = _KANA | _SIGNS
_UNSEEN = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")  # variation selectors: 葛󠄀 is 葛


def folded(text: str) -> str:
    """The text as it is compared: one space for any gap."""
    return "".join(letter for letter, _place in _letters(text))


def words_of(text: str) -> tuple[str, ...]:
    """The words of a question, folded: what stands between gaps, each once."""
    return tuple(dict.fromkeys(folded(text).split()))[:MOST_WORDS]


def folded_with_places(text: str) -> tuple[str, list[int]]:
    """The folded text, and for each of its letters where it stood; one place more says where the text ended."""
    pairs = list(_letters(text))
    return "".join(letter for letter, _place in pairs), [*(place for _letter, place in pairs), len(text)]


def _letters(text: str) -> Iterator[tuple[str, int]]:
    gap = True
    for place, cluster in _clusters(text):
        for letter in _fold(cluster):
            if letter != " " or not gap:
                yield letter, place
            gap = letter == " "


def _clusters(text: str) -> Iterator[tuple[int, str]]:
    """Each letter with the signs that are set onto it, and where it stands."""
    start = 0
    for place, letter in enumerate(text):
        if place and not (unicodedata.combining(letter) or letter in _VOICING):
            yield start, text[start:place]
            start = place
    if text:
        yield start, text[start:]


@lru_cache(maxsize=20_000)
def _fold(cluster: str) -> str:
    once = unicodedata.normalize("NFKC", _UNSEEN.sub("", cluster)).casefold()
    return "".join(map(_seen, unicodedata.normalize("NFKC", once).translate(_SAME)))


def _seen(letter: str) -> str:
    """A space for any gap, nothing for what turns or joins writing or cannot be stored."""
    category = unicodedata.category(letter)
    if category[0] == "Z" or category == "Cc":
        return "" if letter == "\0" else " "
    return "" if category in {"Cf", "Cs"} else letter
