"""How many codes one network address may ask for and try in an hour at one association, above what a contact may.

Counted in the cache: while it is away, nobody is kept out.
"""

import ipaddress
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.utils import timezone

from controlplane.accounts.models import TooManyCodes

HOUR = 3600


class Act(StrEnum):
    SEND = "send"  # asking for a code
    TRY = "try"  # typing one


PER_HOUR = {Act.SEND: 30, Act.TRY: 60}


def count(act: Act, address: str) -> None:
    """Count one act of this address at the bound association; raise TooManyCodes when the hour's share is used up."""
    key = f"code-limit:{act}:{address}:{timezone.now():%Y%m%d%H}"
    times: int = cache.count(key, HOUR)  # type: ignore[attr-defined]  # tenancy.cache
    if times > PER_HOUR[act]:
        raise TooManyCodes


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
