"""The title of the page a link leads to, fetched so that nobody can use us to look around inside.

Every host is resolved once, every address it has must be public, and the connection goes to that very address. Only
the usual ports, a few steps of redirection each judged anew, a little HTML, a little time. Nothing but two lines of
text is kept.
"""

import codecs
import ipaddress
import re
import socket
import time
import unicodedata
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import certifi
import urllib3
from django.conf import settings
from urllib3.exceptions import HTTPError

from controlplane.tenancy.waiting import refuse_in_transaction

STEPS = 3  # redirects
SIZE = 256 * 1024
TITLE, SITE = 120, 60
HEADERS = {"User-Agent": "Kairan link preview", "Accept": "text/html", "Accept-Encoding": "identity"}
PORTS = {"http": 80, "https": 443}
# What no public host has, beside what `ipaddress` says, which knows less in older versions of Python: the blocks that
# https://www.iana.org/assignments/iana-ipv4-special-registry and …/iana-ipv6-special-registry do not call globally
# reachable, those that lead on to an IPv4 address, and what has been withdrawn.
SPECIAL = tuple(
    map(
        ipaddress.ip_network,
        """0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24
        192.88.99.0/24 192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4
        ::/96 64:ff9b:1::/48 100::/64 100:0:0:1::/64 2001::/23 2001:db8::/32 3fff::/20 5f00::/16 fc00::/7 fe80::/10
        fec0::/10 ff00::/8""".split(),
    )
)
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w-]+)", re.I)


class Refused(Exception):
    """An address we do not go to, or an answer we do not read."""


def look(url: str) -> dict[str, str] | None:
    """`{"url", "title", "site"}` of the page, or None: not public, not HTML, too slow, no title."""
    refuse_in_transaction("A linked page")
    until = time.monotonic() + settings.WAIT_LINK_IN_ALL
    try:
        host, text = _fetch(url, until)
    except (Refused, HTTPError, OSError, ValueError):
        return None
    page = _Head()
    page.feed(text)
    title = _line(page.said("og:title") or page.title, TITLE)
    return {"url": url, "title": title, "site": _line(page.said("og:site_name"), SITE) or host} if title else None


def _fetch(url: str, until: float) -> tuple[str, str]:
    for _step in range(STEPS + 1):
        parts = urlsplit(url)
        answer = _ask(url, until)
        try:
            if answer.status in {301, 302, 303, 307, 308}:
                url = urljoin(url, answer.headers.get("location", ""))
                continue
            if answer.status != 200:
                raise Refused(f"HTTP {answer.status}")
            return str(parts.hostname), _text(answer, until)
        finally:
            answer.close()
    raise Refused("too many redirects")


def _ask(url: str, until: float) -> urllib3.BaseHTTPResponse:
    parts = urlsplit(url)
    if parts.scheme not in PORTS or not parts.hostname or parts.username is not None:
        raise Refused("not an address of the web")
    port = parts.port or PORTS[parts.scheme]
    if port != PORTS[parts.scheme]:
        raise Refused("an unusual port")
    pool = _pool(parts.scheme, parts.hostname, public_address(parts.hostname, port), port)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    wait = min(settings.WAIT_LINK, max(0.1, until - time.monotonic()))
    return pool.urlopen(
        "GET",
        path,
        headers={"Host": parts.hostname, **HEADERS},
        redirect=False,
        retries=False,
        preload_content=False,
        timeout=urllib3.Timeout(total=wait),
    )


def _pool(scheme: str, host: str, address: str, port: int) -> urllib3.HTTPConnectionPool:
    """Connections to this address alone, whatever the name resolves to a moment later."""
    if scheme == "http":
        return urllib3.HTTPConnectionPool(address, port, maxsize=1)
    return urllib3.HTTPSConnectionPool(
        address, port, maxsize=1, server_hostname=host, assert_hostname=host, ca_certs=certifi.where()
    )


def public_address(host: str, port: int) -> str:
    """One of the host's addresses, all of which are public. Raises Refused."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Refused("no such host") from error
    addresses = [str(entry[4][0]) for entry in found]
    if not addresses or not all(map(is_public, addresses)):
        raise Refused("not a public address")
    return addresses[0]


def is_public(address: str) -> bool:
    """Reachable for everybody and nobody's inside; what stands for an IPv4 address is judged as that one."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if inner is None and ip in ipaddress.ip_network("64:ff9b::/96"):
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
    if any(ip in network for network in SPECIAL):
        return False
    return ip.is_global and not (ip.is_multicast or ip.is_reserved or ip.is_unspecified)


def _text(answer: urllib3.BaseHTTPResponse, until: float) -> str:
    kind = answer.headers.get("content-type", "")
    if not kind.lower().startswith(("text/html", "application/xhtml+xml")):
        raise Refused("not a page")
    content = b""
    while len(content) < SIZE and (piece := answer.read1(16 * 1024)):
        content += piece
        if time.monotonic() > until:
            raise Refused("too slow")
        if b"</head>" in content.lower():
            break
    content = content[:SIZE]
    return content.decode(_charset(kind) or _charset(content[:2048].decode("ascii", "replace")) or "utf-8", "replace")


def _charset(words: str) -> str:
    found = _CHARSET.search(words)
    try:
        return codecs.lookup(found[1]).name if found and codecs.lookup(found[1])._is_text_encoding else ""
    except LookupError:
        return ""


def _line(text: str, length: int) -> str:
    """One line without anything that hides or turns writing."""
    shown = "".join(" " if unicodedata.category(char)[0] in "CZ" else char for char in text)
    shown = " ".join(shown.split())
    return shown if len(shown) <= length else f"{shown[: length - 1]}…"


class _Head(HTMLParser):
    """The title and the og: words of a page's head."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.title, self._within, self._meta = "", False, dict[str, str]()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._within = tag == "title" and not self.title
        if tag == "meta":
            told = {name: value or "" for name, value in attrs}
            self._meta.setdefault(told.get("property") or told.get("name", ""), told.get("content", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "title":
            self._within = False

    def handle_data(self, data: str) -> None:
        if self._within:
            self.title += data

    def said(self, name: str) -> str:
        return self._meta.get(name, "")
