"""The languages Kairan speaks: which one a request is in, and which one a text to somebody is made in."""

from contextlib import AbstractContextManager

from django.conf import settings
from django.http import HttpRequest
from django.utils import translation

CODES = frozenset(code for code, _name in settings.LANGUAGES)


def spoken(code: str) -> AbstractContextManager[None]:
    """Texts made inside are in this language; in Japanese where nobody has chosen another."""
    return translation.override(code if code in CODES else settings.LANGUAGE_CODE)


def asked_for(request: HttpRequest) -> str:
    """What was chosen at this browser, else the first of the browser's own languages that there is here."""
    kept = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    if kept in CODES:
        return kept
    return translation.get_language_from_request(request)


def tag_of(code: str) -> str:
    """As HTML and HTTP name it (BCP 47): plain Japanese is Japanese."""
    return code.partition("-")[0]
