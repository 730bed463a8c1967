"""How words are compared, in Python and in a query (`name__says="..."`, `name__same="..."`): one rule for both.

Width, case, hiragana and katakana make no difference, nor do 髙 and 高, 三 and 3, 藤ヶ丘 and 藤が丘; what nobody
sees is not there. What people wrote is kept as they wrote it.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache
from itertools import chain
from typing import Any

from django.db.models import CharField, Lookup, TextField
from joyokanji import convert

MOST_WORDS = 8
_VOICING = "ﾞﾟ"  # half-width signs that belong to the letter before them
_KANA = {code: code - 0x60 for code in (*range(0x30A1, 0x30F7), 0x30FD, 0x30FE)}
_SIGNS = dict.fromkeys(map(ord, "‐‑‒–—―−"), "-") | {ord("〜"): "~"}
_FIGURES = {ord(letter): str(figure) for figure, letter in enumerate("〇一二三四五六七八九")}
# Letters of names that joyokanji, which knows the old forms of today's, does not: what registers write for one another.
_OF_NAMES = {
    ord(pair[0]): pair[1]
    for pair in (
        "嵜崎 嶋島 嶌島 邉辺 槗橋 𣘺橋 栁柳 濵浜 桒桑 淵渕 舘館 冨富 峯峰 曻昇 斉斎 桧檜 薮藪 籔藪 枩松 篭籠 鯵鰺 "
        "蘆芦 枡桝 凜凛 舩船 鷗鴎 靏鶴 靍鶴 埜野 杦杉 籏旗 簱旗 鐡鉄 銕鉄 圡土 𠩤原 塲場 穐秋"
    ).split()
}
_SAME = _SIGNS | _FIGURES | _OF_NAMES
_HAN = "一-鿿㐀-䶿々"
# What a letter is the same as depends on those beside it, in an order that leaves nothing to do a second time. The
# patterns are read by Python and by PostgreSQL.
_BESIDE = (
    ("(?<=[0-9])十(?=[0-9])", ""),
    ("(?<=[0-9])十", "0"),
    ("十(?=[0-9])", "1"),
    ("十", "10"),
    (f"(?<=[0-9{_HAN}])ケ(?=[0-9{_HAN}])", "が"),  # 桜ケ丘, 3ケ月; not 収納ケース
    ("(?<=[0-9])[カか箇](?=[月所国年条村])", "が"),
)
_SMALL = {ord("ヶ"): "が", ord("ヵ"): "が", ord("ゖ"): "が", ord("ゕ"): "が"}
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


def _letters(text: str, *, gaps: bool = True) -> Iterator[tuple[str, int]]:
    pairs = [(letter, place) for place, cluster in _clusters(text) for letter in _fold(cluster)]
    if not gaps:  # before what depends on the letter beside it, as PostgreSQL does
        pairs = [pair for pair in pairs if pair[0] != " "]
    for pattern, same in _patterns():
        pairs = _replaced(pairs, pattern, same)
    gap = True
    for letter, place in pairs:
        if letter != " " or not gap:
            yield letter.translate(_KANA), place
        gap = letter == " "


@cache
def _patterns() -> list[tuple["re.Pattern[str]", str]]:
    return [(re.compile(pattern), same) for pattern, same in _BESIDE]


def _replaced(pairs: list[tuple[str, int]], pattern: "re.Pattern[str]", same: str) -> list[tuple[str, int]]:
    text = "".join(letter for letter, _place in pairs)
    replaced: list[tuple[str, int]] = []
    end = 0
    for found in pattern.finditer(text):
        replaced += pairs[end : found.start()]
        replaced += [(letter, pairs[found.start()][1]) for letter in same]
        end = found.end()
    return replaced + pairs[end:] if end else pairs


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
    modern = convert(unicodedata.normalize("NFKC", once), variants=True)
    return "".join(map(_seen, modern.translate(_SAME).translate(_SMALL)))


def _seen(letter: str) -> str:
    """A space for any gap, nothing for what turns or joins writing or cannot be stored."""
    category = unicodedata.category(letter)
    if category[0] == "Z" or category == "Cc":
        return "" if letter == "\0" else " "
    return "" if category in {"Cf", "Cs"} else letter


# --- in a query ---


class _Folding(Lookup):
    """Compares a column with a text, both folded. Gaps count for nothing: 会員　1 is 会員1."""

    how = ""

    def get_prep_lookup(self) -> str:
        return gapless(str(self.rhs))

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        column, given = self.process_lhs(compiler, connection)
        before, after, kana, plain_kana = _tables()
        sql, params = f"translate(lower(normalize({column}, NFKC)), %s, %s)", [*given, before, after]
        for pattern, same in _BESIDE:
            sql, params = f"regexp_replace({sql}, %s, %s, 'g')", [*params, pattern, same]
        return self.how.format(f"translate({sql}, %s, %s)"), (*params, kana, plain_kana, self.rhs)


@CharField.register_lookup
@TextField.register_lookup
class Says(_Folding):
    lookup_name = "says"
    how = "strpos({}, %s) > 0"


@CharField.register_lookup
@TextField.register_lookup
class Same(_Folding):
    lookup_name = "same"
    how = "{} = %s"


def gapless(text: str) -> str:
    return "".join(letter for letter, _place in _letters(text, gaps=False))


@cache
def _tables() -> tuple[str, str, str, str]:
    """What PostgreSQL's translate() is given: letters, and what each becomes; the ones at the end become nothing."""
    ranges = (range(0x3400, 0xA000), range(0xF900, 0xFB00), range(0x20000, 0x20C00), (*_SIGNS, *_SMALL, *_OF_NAMES))
    changed = {chr(code): _fold(chr(code)) for code in chain(*ranges)}
    single = {letter: same for letter, same in changed.items() if len(same) == 1 and same != letter}
    unseen = "".join(chr(code) for code in chain(range(1, 0x3001), range(0xFE00, 0xFE10)) if _vanishes(chr(code)))
    kana = "".join(map(chr, _KANA))
    return "".join(single) + unseen, "".join(single.values()), kana, kana.translate(_KANA)


def _vanishes(letter: str) -> bool:
    return folded(f"a{letter}a").replace(" ", "") == "aa"
