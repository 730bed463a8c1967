"""The languages Kairan speaks: which one a request is in, and which one a text to somebody is made in."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import wraps
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

from django.conf import settings
from django.utils import translation

CODES = frozenset(code for code, _name in settings.LANGUAGES)


def spoken(code: str) -> AbstractContextManager[None]:
    """Texts made inside are in this language; in Japanese where nobody has chosen another."""
    return translation.override(code if code in CODES else settings.LANGUAGE_CODE)


class Reader(Protocol):
    """Whoever texts are written to."""

    def spoken_to(self) -> AbstractContextManager[None]: ...


To = TypeVar("To", bound=Reader)
More = ParamSpec("More")


def in_reader_s_language(letter: Callable[Concatenate[To, More], None]) -> Callable[Concatenate[To, More], None]:
    """A letter, whose first argument is its reader, is written in that person's language, whoever asks for it."""

    @wraps(letter)
    def written(reader: To, /, *args: More.args, **kwargs: More.kwargs) -> None:
        with reader.spoken_to():
            letter(reader, *args, **kwargs)

    return written


def asked_for(request: Any) -> str:
    """Of a request of Django's: what was chosen at this browser, else the first of its own languages that is known."""
    kept = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    if kept in CODES:
        return str(kept)
    return str(translation.get_language_from_request(request))


def tag_of(code: str) -> str:
    """As HTML and HTTP name it (BCP 47): plain Japanese is Japanese."""
    return code.partition("-")[0]
