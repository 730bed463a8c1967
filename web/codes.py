"""Proving a contact by a six-digit code, in two steps: send and redeem. What was sent where stays in the session."""

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest
from django.utils import timezone

from controlplane.accounts import limits
from controlplane.accounts.contacts import Channel, Contact
from controlplane.accounts.models import CODE_LIFE, LoginCode, WrongCode


@dataclass(frozen=True)
class Sent:
    """A code is on its way to this contact and works until then."""

    contact: Contact
    until: datetime


def send(request: HttpRequest, contact: Contact, *, site_name: str, key: str) -> None:
    """Send a code and remember it under `key`. Raises TooManyCodes."""
    limits.count(limits.Act.SEND, limits.network_address(request.META))
    LoginCode.objects.send(contact, site_name=site_name)
    until = timezone.now() + CODE_LIFE
    request.session[key] = {"channel": contact.channel.value, "value": contact.value, "until": until.isoformat()}


def sent(request: HttpRequest, *, key: str) -> Sent | None:
    """Return what was sent last under this key."""
    kept = request.session.get(key)
    if not kept:
        return None
    return Sent(Contact(Channel(kept["channel"]), kept["value"]), datetime.fromisoformat(kept["until"]))


def redeem(request: HttpRequest, code: str, *, key: str) -> Contact:
    """Return the contact this code proves and forget the step. Raises WrongCode, TooManyCodes."""
    limits.count(limits.Act.TRY, limits.network_address(request.META))
    step = sent(request, key=key)
    if step is None:
        raise WrongCode
    LoginCode.objects.redeem(step.contact, code)
    del request.session[key]
    return step.contact
