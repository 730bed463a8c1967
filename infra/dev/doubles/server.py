"""A small HTTP server: routes with named parts, requests and responses as plain values."""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    query: str
    headers: Message
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body or b"{}")

    def argument(self, name: str, default: str = "") -> str:
        return parse_qs(self.query).get(name, [default])[0]


@dataclass
class Response:
    body: bytes | str | dict[str, Any] | list[Any] = b""
    status: int = 200
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)

    def encoded(self) -> bytes:
        if isinstance(self.body, bytes):
            return self.body
        text = self.body if isinstance(self.body, str) else json.dumps(self.body, ensure_ascii=False)
        return text.encode()


def page(html: str, status: int = 200) -> Response:
    return Response(html, status, "text/html; charset=utf-8")


def redirect(url: str) -> Response:
    return Response(status=303, headers={"Location": url})


Handler = Callable[..., Response]
Route = tuple[str, str, Handler]


def serve(port: int, routes: Sequence[Route]) -> ThreadingHTTPServer:
    """A server bound to loopback; `/things/{id}` hands `id` to the handler by name."""
    compiled = [(method, re.compile(re.sub(r"{(\w+)}", r"(?P<\1>[^/]+)", path)), call) for method, path, call in routes]

    def answer(request: Request) -> Response:
        for method, pattern, call in compiled:
            match = pattern.fullmatch(request.path)
            if match and method == request.method:
                return call(request, **{name: unquote(value) for name, value in match.groupdict().items()})
        return Response({"error": {"message": f"Unrecognized request URL ({request.method}: {request.path})"}}, 404)

    return Server(("127.0.0.1", port), type("Answering", (_Conversation,), {"answer": staticmethod(answer)}))


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


class _Conversation(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    answer: Callable[[Request], Response]

    def _respond(self) -> None:
        url = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        try:
            response = self.answer(Request(self.command, url.path, url.query, self.headers, body))
        except ValueError as error:  # a body that is not JSON, a number that is none
            response = Response({"error": {"message": str(error)}}, 400)
        self._send(response)

    do_GET = do_POST = do_DELETE = _respond

    def _send(self, response: Response) -> None:
        body = response.encoded()
        self.send_response(response.status)
        for name, value in {"Content-Type": response.content_type, **response.headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
