"""The short-message gateway: POST /sms/messages {to, body, association} with a bearer key, into the outbox."""

import hmac
import re

from infra.dev.doubles.outbox import Outbox
from infra.dev.doubles.server import Request, Response, Route

NUMBER = re.compile(r"\+81[1-9]\d{8,9}|0\d{9,10}")


class Sms:
    def __init__(self, outbox: Outbox, key: str) -> None:
        self.outbox, self.key = outbox, key

    def routes(self) -> list[Route]:
        return [("POST", "/sms/messages", self._send)]

    def _send(self, request: Request) -> Response:
        if not hmac.compare_digest(request.headers.get("Authorization", ""), f"Bearer {self.key}"):
            return Response({"error": "The key is wrong."}, 401)
        message = request.json()
        to, body = (str(message.get(name, "")) for name in ("to", "body"))
        if not NUMBER.fullmatch(to):
            return Response({"error": f"{to!r} is not a telephone number in Japan."}, 422)
        if not body:
            return Response({"error": "The body is empty."}, 422)
        return Response({"id": str(self.outbox.add("sms", to, "", body, message.get("association")))}, 201)
