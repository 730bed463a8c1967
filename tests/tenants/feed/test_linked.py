"""Looking at a linked page: never anything inside, never much, never for long."""

import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from tenants.feed import linked

PAGE = "<html><head><title>市民しんぶん &amp; 話</title><meta property='og:site_name' content='京都市'></head></html>"


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.9.9.9",
        "0.0.0.0",  # noqa: S104
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1%eth0",
        "fd00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "192.0.0.8",
        "192.0.0.170",
        "192.88.99.1",
        "198.18.0.1",
        "fec0::1",
        "feff::1",
        "3fff::1",
        "3fff:fff::1",
        "5f00::1",
        "64:ff9b:1::1",
        "100::1",
        "2001:db8::1",
        "::7f00:1",
        "::ffff:192.88.99.1",
        "64:ff9b::c000:8",
    ],
)
def test_what_is_inside_is_not_public(address):
    assert not linked.is_public(address)


@pytest.mark.parametrize("address", ["1.1.1.1", "192.0.1.1", "192.88.98.1", "2606:4700:4700::1111", "64:ff9b::101:101"])
def test_what_everybody_reaches_is_public(address):
    assert linked.is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://localhost/",
        "http://[::1]/",
        "http://2130706433/",
        "http://0x7f000001/",
        "http://127.1/",
        "http://169.254.169.254/latest/meta-data/",
        "ftp://example.jp/",
        "file:///etc/passwd",
        "https://user@1.1.1.1/",
        "http://1.1.1.1:22/",
        "http://1.1.1.1:6379/",
        "http:///x",
        "x",
        "",
    ],
)
def test_an_address_that_leads_inside_is_not_followed(url, no_connection):
    assert linked.look(url) is None


@pytest.fixture
def no_connection(monkeypatch):
    def connect(*_args, **_kwargs):
        raise AssertionError("somebody was called")

    monkeypatch.setattr("urllib3.util.connection.create_connection", connect)


def test_a_name_with_one_address_inside_is_not_followed(monkeypatch, no_connection):
    answers = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, 80)) for ip in ("1.1.1.1", "10.0.0.5")]
    monkeypatch.setattr(linked.socket, "getaddrinfo", lambda *_a, **_k: answers)
    assert linked.look("http://rebinding.example.jp/") is None


class Neighbour(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.server.asked.append((self.headers["Host"], self.path))
        status, headers, body = self.server.pages.get(self.path, (404, {}, b""))
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: object) -> None:
        pass


@pytest.fixture
def outside(monkeypatch) -> Iterator[HTTPServer]:
    """A server that passes for a public one: the name resolves to it, and only to it."""
    server = HTTPServer(("127.0.0.1", 0), Neighbour)
    server.pages, server.asked = {}, []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setattr(linked, "public_address", lambda host, _port: _only(host))
    monkeypatch.setattr(linked, "_pool", _pool_at(server.server_port))
    yield server
    server.shutdown()


def _only(host: str) -> str:
    if host != "outside.example.jp":
        raise linked.Refused(host)
    return "127.0.0.1"


def _pool_at(port):
    return lambda _scheme, _host, address, _port: linked.urllib3.HTTPConnectionPool(address, port, maxsize=1)


URL = "http://outside.example.jp/page?x=1"
HTML = {"Content-Type": "text/html; charset=utf-8"}


def test_title_and_name_are_taken_and_nothing_else(outside):
    outside.pages["/page?x=1"] = 200, HTML, PAGE.encode()
    assert linked.look(URL) == {"url": URL, "title": "市民しんぶん & 話", "site": "京都市"}
    assert outside.asked == [("outside.example.jp", "/page?x=1")]


def test_old_japanese_pages_are_read(outside):
    page = "<meta charset=Shift_JIS><title>自治会の話</title>".encode("cp932")
    outside.pages["/page?x=1"] = 200, {"Content-Type": "text/html"}, page
    assert linked.look(URL)["title"] == "自治会の話"
    assert linked.look(URL)["site"] == "outside.example.jp"


def test_what_hides_or_turns_writing_is_taken_out(outside):
    page = f"<title>{'長い' * 200}\u202e\x00\n行</title>"
    outside.pages["/page?x=1"] = 200, HTML, page.encode()
    title = linked.look(URL)["title"]
    assert len(title) == linked.TITLE
    outside.pages["/page?x=1"] = 200, HTML, "<title>a\u202eb\x00c\nd</title>".encode()
    assert linked.look(URL)["title"] == "a b c d"


@pytest.mark.parametrize(
    "answer",
    [
        (200, {"Content-Type": "image/png"}, b"x"),
        (200, {}, PAGE.encode()),
        (404, HTML, PAGE.encode()),
        (200, HTML, b"<title> </title>"),
        (200, HTML, b"a" * (linked.SIZE + 10) + PAGE.encode()),
        (302, {"Location": "http://127.0.0.1:6379/"}, b""),
        (302, {"Location": "http://inside.example.jp/"}, b""),
        (302, {"Location": "file:///etc/passwd"}, b""),
        (302, {}, b""),
        (301, {"Location": "/page?x=1"}, b""),
    ],
)
def test_other_answers_give_no_preview(outside, answer):
    outside.pages["/page?x=1"] = answer
    assert linked.look(URL) is None


def test_a_step_to_another_page_outside_is_taken(outside):
    outside.pages["/page?x=1"] = 302, {"Location": "/new"}, b""
    outside.pages["/new"] = 200, HTML, PAGE.encode()
    assert linked.look(URL)["title"] == "市民しんぶん & 話"


def test_a_page_that_drips_is_left_after_its_time(outside, monkeypatch):
    moments = iter(range(0, 10_000, 5))
    monkeypatch.setattr(linked.time, "monotonic", lambda: next(moments))
    outside.pages["/page?x=1"] = 200, HTML, b"a" * 100_000
    assert linked.look(URL) is None
