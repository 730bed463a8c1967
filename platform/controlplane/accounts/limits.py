"""How many codes one network address has sent that nobody answers, and how many it may try, on all hosts together.

In a quarter of an hour, so that whoever shares the address with somebody who asks without end waits no longer. A code
that somebody types in is given back, so that a hall full of people may register over one line. Members stay signed in
for ninety days: ten thousand behind one address of a mobile carrier ask for some five codes an hour, and are far from
these numbers. A device on which somebody has come in before does not count at all.
"""

import ipaddress
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from controlplane.dates import clock_said
from controlplane.metering.models import Act as Act
from controlplane.metering.models import Count, key_of

A_QUARTER = {Act.SEND: 30, Act.TRY: 60}


class TooManyCodes(Exception):
    """Nothing is sent to this network address, or looked at, until then."""

    def __init__(self, until: datetime) -> None:
        super().__init__(until)
        self.until = until

    def said(self) -> str:
        """Until when, and what helps; for pages and the API."""
        return _(
            "番号を何度も頼まれたので、%(time)sまでお休みします。ほかの連絡先や、前に入ったスマホなら入れます。"
        ) % {"time": clock_said(self.until)}

    @property
    def seconds(self) -> int:
        """How long to wait before asking again is worth it."""
        return min(900, max(1, round((self.until - timezone.now()).total_seconds())))


def count(act: Act, address: str) -> None:
    """Count one act of this address; raise TooManyCodes when the share of a quarter of an hour is used up."""
    key = key_of_network(address)
    if Count.objects.add(key, act) > A_QUARTER[act]:
        give_back(act, key)  # what is refused prolongs nothing
        raise TooManyCodes(Count.objects.frees_at(key, act))


def give_back(act: Act, key: str) -> None:
    """It was no stranger's after all."""
    if key:
        Count.objects.add(key, act, -1)


def key_of_network(address: str) -> str:
    return key_of("network", address)


def network_address(meta: Mapping[str, Any]) -> str:
    """Return who asks, from a request's META: an IPv4 address, or the /64 that an IPv6 household has to itself."""
    typed = str(meta.get("REMOTE_ADDR", ""))
    if settings.SECURE_PROXY_SSL_HEADER:  # our own proxy stands in front; what it wrote is last in the list
        typed = str(meta.get("HTTP_X_FORWARDED_FOR", typed)).rpartition(",")[2].strip()
    try:
        address = ipaddress.ip_address(typed)
    except ValueError:
        return "unknown"
    return str(address if address.version == 4 else ipaddress.ip_network(f"{address}/64", strict=False))
