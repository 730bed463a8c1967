"""Proving a contact by a code, in two steps: send and redeem. What was sent where stays in the session.

Here are also the words for what became of it; pages and API say the same.
"""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from controlplane.accounts import limits
from controlplane.accounts.code_answers import Door, Outcome, Sent, WrongCode, wrong_code
from controlplane.accounts.contacts import Channel, Contact
from controlplane.accounts.login_codes import LoginCode, TooManyCodes
from controlplane.tenancy import BadToken, Purpose, routing, sign, unsign

A_YEAR = 60 * 60 * 24 * 365


@dataclass(frozen=True)
class Step:
    """A code is with this contact, and what became of asking for it."""

    contact: Contact
    sent: Sent

    @property
    def said(self) -> str:
        return self.sent.said(self.contact)

    def name_field(self, form: Form) -> None:
        """Have the field for the code say how many digits it waits for."""
        if self.sent.is_long:
            form.fields["code"].label = _("12けたの番号")


def send(request: HttpRequest, contact: Contact, *, site_name: str, key: str, **asking: Any) -> Sent:
    """Have a code sent and remember it under `key`. Raises TooManyCodes."""
    sent = LoginCode.objects.send(
        contact,
        asked_from=limits.network_address(request.META),
        site_name=site_name,
        host=routing.normalise_host(request.get_host()) or "",
        trusted=is_known_device(request, contact),
        **asking,
    )
    if sent.outcome != Outcome.STOPPED:
        request.session[key] = {"channel": contact.channel.value, "value": contact.value} | sent.kept()
    return sent


def step(request: HttpRequest, *, key: str) -> Step | None:
    """Return what was sent last under this key."""
    kept = request.session.get(key)
    if not kept or "sent_at" not in kept:
        return None
    return Step(Contact(Channel(kept["channel"]), kept["value"]), Sent.of(kept))


def redeem(request: HttpRequest, code: str, *, key: str, door: Door = Door.PEOPLE) -> Contact:
    """Return the contact this code proves and forget the step. Raises WrongCode, TooManyCodes."""
    last = step(request, key=key)
    if last is None:
        raise WrongCode
    LoginCode.objects.redeem(
        last.contact,
        code,
        tried_from=limits.network_address(request.META),
        door=door,
        trusted=is_known_device(request, last.contact),
    )
    del request.session[key]
    return last.contact


# --- a device on which somebody has come in before ---


def know_device(request: HttpRequest, response: HttpResponse, contact: Contact) -> None:
    """Remember on this device that the contact's owner came in here: others' asking then keeps them out in no way."""
    response.set_cookie(
        _cookie(),
        sign(Purpose.DEVICE, contact.value),
        max_age=A_YEAR,
        secure=not settings.DEVELOPMENT,
        httponly=True,
        samesite="Lax",
    )


def is_known_device(request: HttpRequest, contact: Contact) -> bool:
    try:
        return bool(unsign(Purpose.DEVICE, request.COOKIES.get(_cookie(), ""), max_age=A_YEAR) == contact.value)
    except BadToken:
        return False


def _cookie() -> str:
    return "device" if settings.DEVELOPMENT else "__Host-device"


# --- words ---


def refused(error: WrongCode | TooManyCodes) -> str:
    return paused(error) if isinstance(error, TooManyCodes) else wrong_code(error)


def paused(error: TooManyCodes) -> str:
    """Until when nothing is sent or looked at, and what helps."""
    return error.said()
