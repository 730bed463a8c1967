"""Asking DNS, with a short patience and no transaction open meanwhile.

None means nobody could say; an empty answer means there is nothing.
"""

from typing import Any, Literal

import dns.exception
import dns.nameserver
import dns.resolver
from django.conf import settings

from controlplane.tenancy.waiting import refuse_in_transaction

_NOTHING = (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer)


def txt(name: str) -> frozenset[str] | None:
    """The TXT records of a name."""
    answer = _ask(name, "TXT")
    if answer is None:
        return None
    return frozenset(b"".join(record.strings).decode("utf-8", "replace").strip() for record in answer)


def addresses(host: str) -> frozenset[str] | None:
    """Where a host leads, whichever way it gets there."""
    answers = [_ask(host, kind, within=settings.DNS_PATIENCE / 2) for kind in ("A", "AAAA")]
    known = [answer for answer in answers if answer is not None]
    return frozenset(record.address for answer in known for record in answer) if known else None


def _ask(name: str, kind: Literal["A", "AAAA", "TXT"], *, within: float = 0) -> list[Any] | None:
    refuse_in_transaction("DNS")
    try:
        lifetime = within or settings.DNS_PATIENCE
        return list(_resolver().resolve(name, kind, search=False, lifetime=lifetime))
    except _NOTHING:
        return []
    except dns.exception.DNSException:  # a time-out, a broken zone: silence is not an answer
        return None


def _resolver() -> dns.resolver.Resolver:
    resolver = dns.resolver.Resolver(configure=not settings.DNS_RESOLVERS)
    if settings.DNS_RESOLVERS:
        resolver.nameservers = [_nameserver(each) for each in settings.DNS_RESOLVERS]
    return resolver


def _nameserver(address: str) -> dns.nameserver.Nameserver:
    """`192.0.2.1`, or with a port `192.0.2.1:5353`, `[2001:db8::1]:5353`."""
    host, colon, port = address.rpartition(":")
    if colon and (host.count(":") == 0 or host.endswith("]")):
        return dns.nameserver.Do53Nameserver(host.strip("[]"), int(port))
    return dns.nameserver.Do53Nameserver(address, 53)
