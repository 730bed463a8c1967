"""Papers as PDF: the representative's manual, the flyer for circulation, and any post in large print.

People's words go to typst as JSON, never as markup; fonts come from wheels, so a paper looks the same anywhere.
"""

import io
import json
import re
import unicodedata
from collections.abc import Iterator, Sequence
from email.utils import parseaddr
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any

import emoji
import noto_cjk_sans_jp_bold
import noto_cjk_sans_jp_regular
import segno
import typst
from django.conf import settings

from tenants.feed import prose

TEMPLATES = Path(__file__).parent


def manual_pdf(name: str, url: str, representative: str, email: str, contacts: Sequence[tuple[str, str]] = ()) -> bytes:
    """手順書: how a new association's representative comes in and starts small. `contacts`: (name, tel) to call."""
    sender = parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    return _pdf("manual", url, name=name, representative=representative, email=email, sender=sender, contacts=contacts)


def flyer_pdf(name: str, url: str, code: str) -> bytes:
    """回覧チラシ: one A4 page to pass round or pin up, with the QR code of an invitation and its code to type."""
    return _pdf("flyer", url, name=name, code=code)


def post_pdf(
    association: str,
    title: str,
    kind: str,
    signature: str,
    published: str,
    body: str,
    url: str,
    group: str = "",
    homes: Sequence[str] = (),
) -> bytes:
    """A post in large print, with its QR code (none when `url` is empty) and a box to tick off for each of `homes`."""
    return _pdf(
        "post",
        url,
        name=association,
        title=title,
        phrases=_phrases(title),
        kind=kind,
        signature=signature,
        published=published,
        blocks=_blocks(body),
        group=group,
        homes=[home.removesuffix("さんのお宅") for home in homes],
    )


def _pdf(template: str, url: str, **words: Any) -> bytes:
    data = {key: _printable(value) for key, value in {"url": url, **words}.items()} | {"qr": _qr(url)}
    pdf: Any = typst.compile(
        str(TEMPLATES / f"{template}.typ"),
        root=str(TEMPLATES),
        font_paths=_fonts(),
        ignore_system_fonts=True,
        sys_inputs={"data": json.dumps(data)},
    )
    return bytes(pdf)


@cache
def _fonts() -> typst.Fonts:
    wheels = (noto_cjk_sans_jp_regular.FONT_PATH, noto_cjk_sans_jp_bold.FONT_PATH)
    return typst.Fonts(include_system_fonts=False, font_paths=[str(Path(str(font)).parent) for font in wheels])


def _qr(url: str) -> str:
    if not url:
        return ""
    svg = io.BytesIO()
    segno.make(url, error="m", micro=False).save(svg, kind="svg", border=1)
    return svg.getvalue().decode()


def _printable(value: Any) -> Any:
    """Emoji in words or plain signs, without control and direction marks. What no font has becomes printers' 〓."""
    if isinstance(value, str):
        return "".join(map(_sign, emoji.replace_emoji(value, _in_words).replace("\t", "　")))
    if isinstance(value, dict):
        return {key: _printable(entry) for key, entry in value.items()}
    return [_printable(entry) for entry in value]


# Where the name of a picture would say something else than people mean by it.
_MEANT = {
    "❌": "×",
    "❎": "×",
    "⭕": "○",
    "✅": "✓",
    "✔": "✓",
    "❗": "！",
    "❓": "？",
    "⭐": "★",
    "🚫": "（禁止）",
    "⛔": "（禁止）",
}


def _in_words(picture: str, _facts: dict[str, str]) -> str:
    """The plain sign where Japanese fonts have it (they hold JIS X 0213), else what the picture is called."""
    plain = picture.replace("\ufe0f", "").replace("\u20e3", "")
    if plain in _MEANT:
        return _MEANT[plain]
    try:
        plain.encode("shift_jisx0213")
    except UnicodeEncodeError:
        return emoji.demojize(picture, language="ja", delimiters=("（", "）")).replace("_", "・")
    return plain


def _sign(char: str) -> str:
    category = unicodedata.category(char)
    if category in {"Co", "Cn"}:
        return "〓"
    gone = category in {"Cc", "Cf", "Cs"} or "\ufe00" <= char <= "\ufe0f" or "\U0001f000" <= char <= "\U0001faff"
    return "" if gone and char != "\n" else char


def _phrases(title: str) -> list[str]:
    """A title in pieces that should not be torn apart: 「夏まつりの」「お手伝いを」「お願いします」."""
    return re.split(r"(?<=[ぁ-ん。、！？」）　])(?<![おご])(?=[おご]?[一-龠ァ-ヶ𠀀-𯿿「（])", title)


_FACT = re.compile(r"([^\s\d：]{1,6})(?:[　：]+|: )(\S.*)")


def _blocks(body: str) -> list[dict[str, Any]]:
    """Paragraphs as `lines`, lists as `items`; `facts` where two or more lines in a row read like 「とき　8月1日」."""
    return [part for block in prose.blocks(body) for part in _parts(block)]


def _parts(block: prose.Block) -> Iterator[dict[str, Any]]:
    if block.kind == "lines":
        yield from _paragraph(list(block.lines))
    else:
        yield {"facts": [], "lines": [], "items": list(block.lines), "counted": "yes" if block.kind == "steps" else ""}


def _paragraph(lines: list[str]) -> Iterator[dict[str, Any]]:
    facts = [_FACT.fullmatch(line.strip()) for line in lines]
    for is_fact, run in groupby(zip(lines, facts, strict=True), key=lambda pair: pair[1] is not None):
        rows = list(run)
        if is_fact and len(rows) > 1:
            yield {"facts": [fact.groups() for _line, fact in rows if fact], "lines": [], "items": []}
        else:
            yield {"facts": [], "lines": [line for line, _fact in rows], "items": []}
