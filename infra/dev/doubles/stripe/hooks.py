"""What a test may do to the double that nobody may do to Stripe: lose and double webhooks, let a month pass."""

from collections.abc import Callable

from infra.dev.doubles.server import Request, Response, Route
from infra.dev.doubles.stripe.errors import StripeError
from infra.dev.doubles.stripe.shapes import Object, public
from infra.dev.doubles.stripe.state import Account
from infra.dev.doubles.stripe.subscriptions import renew
from infra.dev.doubles.stripe.webhooks import MODES, Webhooks


class Hooks:
    def __init__(self, account: Account, webhooks: Webhooks) -> None:
        self.account, self.webhooks = account, webhooks

    def routes(self) -> list[Route]:
        return [
            ("POST", "/_test/webhooks/mode", self._set_mode),
            ("POST", "/_test/webhooks/url", self._set_url),
            ("POST", "/_test/events/{id}/resend", self._resend),
            ("POST", "/_test/subscriptions/{id}/renewal", self._renew),
        ]

    def _set_mode(self, request: Request) -> Response:
        mode = str(request.json().get("mode"))
        if mode not in MODES:
            return Response({"error": {"message": f"mode is one of {', '.join(MODES)}"}}, 400)
        with self.account.transaction():
            self.account.set("mode", mode)
        return Response({"mode": mode})

    def _set_url(self, request: Request) -> Response:
        """Where webhooks go from now on: {url, host}."""
        wish = request.json()
        self.webhooks.point_to(str(wish.get("url", "")), str(wish.get("host", "")))
        return Response(wish)

    def _resend(self, _request: Request, id: str) -> Response:
        return self._answer(lambda: self._deliver_again(self.account.get("event", id)))

    def _deliver_again(self, event: Object) -> Object:
        for endpoint in self.account.all("webhook_endpoint"):
            self.account.deliver(event["id"], endpoint["id"])
        return event

    def _renew(self, request: Request, id: str) -> Response:
        """The current period ends now: {"outcome": "paid" | "failed"} says what the card does."""
        paid = request.json().get("outcome", "paid") == "paid"
        return self._answer(lambda: renew(self.account, self.account.get("subscription", id), paid=paid))

    def _answer(self, act: Callable[[], Object]) -> Response:
        try:
            with self.account.transaction():
                return Response(public(act()))
        except StripeError as error:
            return Response(error.body, error.status)
