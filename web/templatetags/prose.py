"""People's own words as HTML: the reading of `tenants.feed.prose`, escaped piece by piece."""

from typing import Any

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from tenants.feed import prose as reading

register = template.Library()

_TAGS = {"points": "ul", "steps": "ol"}


@register.filter
def prose(text: Any) -> SafeString:
    """Paragraphs, lists and links."""
    return mark_safe("".join(map(_block, reading.blocks(str(text or "")))))  # noqa: S308 - escaped below


def _block(block: reading.Block) -> SafeString:
    lines = [linked(line) for line in block.lines]
    if block.kind == "lines":
        return format_html("<p>{}</p>", mark_safe("<br>".join(lines)))  # noqa: S308
    items = format_html_join("", "<li>{}</li>", ((line,) for line in lines))
    return format_html("<{0}>{1}</{0}>", _TAGS[block.kind], items)


@register.filter
def linked(line: Any) -> SafeString:
    """One line, its addresses as links that say nothing of where they were followed from."""
    return mark_safe("".join(map(_word, reading.words(str(line or "")))))  # noqa: S308 - escaped below


def _word(word: reading.Word) -> SafeString:
    if not word.href:
        return format_html("{}", word.text)
    return format_html('<a href="{}" rel="nofollow noopener noreferrer ugc">{}</a>', word.href, word.text)


@register.filter
def excerpt(text: Any, length: int = 100) -> str:
    """The beginning in one line, without the marks of lists."""
    flat = " ".join(line for block in reading.blocks(str(text or "")[: length * 8]) for line in block.lines)
    return flat if len(flat) <= length else f"{flat[: length - 1]}…"
