"""What people write, read once: paragraphs, lists and links. Page, paper and mail all show this same reading of it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from urllib.parse import urlsplit

# ASCII alone: in Japanese the sentence goes on right behind an address.
_URL = re.compile(r"(?<![A-Za-z0-9])https?://[A-Za-z0-9\-._~:/?#\[\]@!$&()*+,;=%]+", re.I)
_AFTER = ".,:;!?)]'"  # what ends the sentence and not the address
_BULLET = re.compile(r"\s*(?:[・•●‣]|[-*–](?=[\s　]))[\s　]*(\S.*)")
_NUMBER = re.compile(r"\s*[0-9０-９]{1,3}(?:[.．](?![0-9０-９])|[)）])[\s　]*(\S.*)")
LONGEST = 500  # letters of an address somebody could have meant


@dataclass(frozen=True)
class Word:
    """A piece of a line; with `href` it is a link."""

    text: str
    href: str = ""


@dataclass(frozen=True)
class Block:
    """A paragraph of lines, or a list of items. `kind`: lines | points | steps."""

    kind: str
    lines: tuple[str, ...]


def blocks(text: str) -> Iterator[Block]:
    """Paragraphs part at blank lines; lines in a row that begin with ・ - or 1. are a list."""
    for paragraph in re.split(r"\n[\s　]*\n", text.replace("\r\n", "\n").strip()):
        for kind, lines in groupby(paragraph.split("\n"), key=_kind):
            shown = tuple(_item(kind, line) for line in lines)
            if any(shown):
                yield Block(kind, shown)


def _kind(line: str) -> str:
    if _BULLET.match(line):
        return "points"
    return "steps" if _NUMBER.match(line) else "lines"


def _item(kind: str, line: str) -> str:
    found = {"points": _BULLET, "steps": _NUMBER}.get(kind)
    match = found.match(line) if found else None
    return match[1].rstrip() if match else line.strip()


def words(line: str) -> Iterator[Word]:
    """The line as text and links; only http and https are ever links."""
    at = 0
    for match in _URL.finditer(line):
        href = _trimmed(match[0])
        if not _is_address(href):
            continue
        yield Word(line[at : match.start()])
        yield Word(href, href)
        at = match.start() + len(href)
    yield Word(line[at:])


def _trimmed(url: str) -> str:
    """Without what closes the sentence; a bracket stays where the address opened one."""
    while url and url[-1] in _AFTER and not (url[-1] == ")" and url.count("(") >= url.count(")")):
        url = url[:-1]
    return url


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return bool(parts.hostname) and parts.username is None and parts.port != 0 and len(url) <= LONGEST
    except ValueError:
        return False


def links(text: str) -> list[str]:
    """The addresses in a text, in order."""
    return [word.href for line in text.splitlines() for word in words(line) if word.href]


def plain(text: str) -> str:
    """For a mail: the same paragraphs, every item marked the same way."""
    return "\n\n".join("\n".join(_marked(block)) for block in blocks(text))


def _marked(block: Block) -> Iterator[str]:
    for number, line in enumerate(block.lines, 1):
        yield {"points": f"・{line}", "steps": f"{number}. {line}"}.get(block.kind, line)
