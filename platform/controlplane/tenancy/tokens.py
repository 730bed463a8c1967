"""Signed tokens: one door, so that a token made on one site is worth nothing on another.

The signature's salt holds the purpose and the bound association; raw `django.core.signing` is banned by lint elsewhere.
"""

from enum import StrEnum
from typing import Any

from django.core import signing
from django.utils.crypto import salted_hmac

from controlplane.tenancy.binding import current

LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # nothing that looks like something else on paper


class Purpose(StrEnum):
    """Every kind of signed token there is. The invariant tests try each on a foreign site."""

    CONTACT = "contact"  # an address or number proven by a code, carried through the forms that follow
    CALENDAR = "calendar"  # a person's iCalendar feed
    APPLICATION = "application"  # an applicant's own page about their application
    FAMILY = "family"  # a household's code, by which relatives join it
    NEWS = "news"  # stops a person's mails about news, from the mail itself
    DEVICE = "device"  # a device on which the owner of a contact came in before
    SUPPORT = "support"  # an operator's key to a site that let operations in, good once
    OBJECTION = "objection"  # a letter's link by which a changed contact is put back
    FORM = "form"  # for which account a form was made, see controlplane.sending.keys


class BadToken(ValueError):
    """The token is forged, too old, for another purpose or from another site."""


def sign(purpose: Purpose, value: Any) -> str:
    """Return a URL-safe token for `value` (anything JSON holds), good only under the current binding."""
    return signing.dumps(value, salt=_salt(purpose), compress=True)


def unsign(purpose: Purpose, token: str, *, max_age: int | None = None) -> Any:
    """Return the value signed under this purpose and binding, at most `max_age` seconds ago, or raise BadToken."""
    try:
        return signing.loads(token, salt=_salt(purpose), max_age=max_age)
    except signing.BadSignature as error:
        raise BadToken(str(error)) from error


def check_letters(purpose: Purpose, value: str) -> str:
    """Return eight letters that only this purpose under this binding gives for `value`: for codes copied by hand."""
    digest = salted_hmac(_salt(purpose), value, algorithm="sha256").digest()
    number = int.from_bytes(digest, "big")
    return "".join(LETTERS[number // len(LETTERS) ** place % len(LETTERS)] for place in range(8))


def _salt(purpose: Purpose) -> str:
    return f"kairan:{purpose.value}:{current().key}"
