"""The API's front: the key, idempotency, unknown parameters, errors in Stripe's shape, expansion of ids."""

import hashlib
import hmac
import json
from typing import Any

from infra.dev.doubles.server import Request, Response, Route
from infra.dev.doubles.stripe import catalog, checkout, customers, invoices, portal, subscriptions
from infra.dev.doubles.stripe.endpoints import find
from infra.dev.doubles.stripe.errors import StripeError
from infra.dev.doubles.stripe.form import decode
from infra.dev.doubles.stripe.shapes import Object, new_id, public
from infra.dev.doubles.stripe.state import Account

PARTS = (catalog, checkout, customers, invoices, portal, subscriptions)  # importing them registers their endpoints


class Api:
    def __init__(self, account: Account, key: str) -> None:
        self.account, self.key = account, key

    def routes(self) -> list[Route]:
        return [(method, "/(?P<path>v1/.+)", self._answer) for method in ("GET", "POST", "DELETE")]

    def _answer(self, request: Request, path: str) -> Response:
        try:
            self._authenticate(request)
            with self.account.transaction():
                response = self._once(request)
        except StripeError as error:
            response = Response(error.body, error.status)
        response.headers["Request-Id"] = "req_" + new_id("event")[4:]
        return response

    def _authenticate(self, request: Request) -> None:
        given = request.headers.get("Authorization", "")
        if not given:
            raise StripeError(401, "You did not provide an API key.")
        if not hmac.compare_digest(given, f"Bearer {self.key}"):
            raise StripeError(401, f"Invalid API Key provided: {given[7:15]}***", code="api_key_invalid")

    def _once(self, request: Request) -> Response:
        """A POST repeated with its key is answered as the first time, and does nothing."""
        key = request.headers.get("Idempotency-Key") if request.method == "POST" else None
        if not key:
            return Response(self._act(request))
        said = hashlib.sha256(f"{request.path} {request.query} ".encode() + request.body).hexdigest()
        row = self.account.database.execute("SELECT request, body FROM answer WHERE key = ?", (key,)).fetchone()
        if not row:
            answer = self._act(request)
            self.account.database.execute("INSERT INTO answer VALUES (?, ?, ?)", (key, said, json.dumps(answer)))
            return Response(answer)
        if row[0] != said:
            message = (
                "Keys for idempotent requests can only be used with the same parameters they were first used with."
            )
            raise StripeError(400, message, kind="idempotency_error")
        return Response(row[1], headers={"Idempotent-Replayed": "true"})

    def _act(self, request: Request) -> Object:
        endpoint, ids = find(request.method, request.path)
        params = decode(request.query) | decode(request.body.decode())
        for name in params:
            if name not in endpoint.accepts:
                raise StripeError(400, f"Received unknown parameter: {name}", code="parameter_unknown", param=name)
        wanted = params.pop("expand", [])
        answer: Object = public(endpoint.act(self.account, params, **ids))
        for path in wanted:
            self._expand(answer, path.split("."))
        return answer

    def _expand(self, value: Any, path: list[str]) -> None:
        """Put the object in the place of its id, along a path such as `data.latest_invoice`."""
        if isinstance(value, list):
            for each in value:
                self._expand(each, path)
        elif isinstance(value, dict) and path[0] in value:
            if isinstance(value[path[0]], str) and (found := self.account.find(value[path[0]])):
                value[path[0]] = public(found)
            if path[1:]:
                self._expand(value[path[0]], path[1:])
