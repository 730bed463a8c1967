"""The words of a search, marked where they stand."""

from collections.abc import Iterable, Sequence

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from tenants.search import excerpts
from tenants.search.excerpts import Part

register = template.Library()


@register.simple_tag
def marked(text: str, words: Sequence[str]) -> SafeString:
    return _html(excerpts.marked(text, words))


@register.simple_tag
def excerpt(text: str, words: Sequence[str]) -> SafeString:
    return _html(excerpts.excerpt(text, words))


def _html(parts: Iterable[Part]) -> SafeString:
    shown = (format_html("<mark>{}</mark>", part.text) if part.found else part.text for part in parts)
    return format_html_join("", "{}", ((part,) for part in shown))
