"""From a Host header to a site, through a cache: no query per request, bounded in age, dropped on change."""

import re
from dataclasses import dataclass, field
from time import monotonic
from uuid import UUID

from django.conf import settings
from django.core.cache import caches

from controlplane.tenancy.binding import public

APEX = "apex"
ELSEWHERE = "elsewhere"  # all hosts together that a process has not yet seen to be somebody's
_HOST = re.compile(r"(?=.{1,253}\Z)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*\Z")
_AGE = 60  # seconds a snapshot may live when nobody invalidated it
_NEAR = 1.0  # seconds a process trusts its own copy, which others cannot take from it


@dataclass(frozen=True, slots=True)
class Site:
    """A snapshot of what every request needs to know of its association (専用ページ)."""

    uuid: UUID
    slug: str
    name: str
    kind: str
    host: str
    state: str  # preparing | live | suspended | closed
    features: frozenset[str] = field(default_factory=frozenset)
    primary: str = ""  # the host the site lives at; the others redirect to it

    def has(self, feature: str) -> bool:
        """Whether the paid feature is switched on."""
        return feature in self.features

    def url(self, path: str = "/") -> str:
        return url_of(self.host, path)

    @property
    def moved_to(self) -> str:
        """The host to go to instead, "" at home."""
        return self.primary if self.primary != self.host else ""


def url_of(host: str, path: str = "/") -> str:
    return f"{settings.SCHEME}://{host}{settings.PUBLIC_PORT}{path}"


def apex_url(path: str = "/") -> str:
    return url_of(settings.APEX_HOST, path)


def normalise_host(header: str) -> str | None:
    """Return the lower-case host without port and trailing dot, or None for anything but a plain DNS name."""
    if not header.isascii():  # lower() would make an ordinary k of the sign for kelvin
        return None
    host, colon, port = header.lower().partition(":")
    if colon and not port.isdigit():
        return None
    host = host.removesuffix(".")
    return host if _HOST.match(host) else None


def find(host: str) -> Site | None:
    """Return the site of a host, live or not; None when no association ever had it."""
    until, near = _near.get(host, (0.0, None))
    if until > monotonic():
        return near
    site = _find(host)
    if site:
        _near[host] = monotonic() + _NEAR, site
    return site


def known(header: str) -> str:
    """The host of a Host header when this process has seen it to be somebody's; ELSEWHERE for all others."""
    host = normalise_host(header)
    return host if host and (host == settings.APEX_HOST or host in _near) else ELSEWHERE


_near: dict[str, tuple[float, Site]] = {}  # only hosts that exist: it grows no larger than the fleet


def _find(host: str) -> Site | None:
    cached: Site | str | None = caches["routing"].get(host)  # None, too, when the cache is away: PostgreSQL answers
    if cached is not None:
        return cached if isinstance(cached, Site) else None
    from controlplane.associations.models import Domain

    with public():
        site = Domain.objects.site_for(host)
    caches["routing"].set(host, site or "", _AGE)
    return site


def forget(*hosts: str) -> None:
    """Drop the snapshots of these hosts: called by whatever changes an association's name, state or features."""
    for host in hosts:
        _near.pop(host, None)
    caches["routing"].delete_many(hosts)


def forget_all() -> None:
    """Drop every snapshot there is."""
    _near.clear()
    caches["routing"].clear()
