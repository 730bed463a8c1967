"""Stripe's side of a test: what buyers, cards and Stripe itself do, over HTTP; webhooks are carried by hand."""

import hashlib
import hmac
import json
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import requests
from django.conf import settings

from billing.models import Customer, StripeEvent, Subscription
from controlplane.associations.models import Association
from controlplane.tenancy import public

URLS = {"success_url": "http://tonan.test/paid", "cancel_url": "http://tonan.test/left"}


class StripeSide:
    """One customer's dealings with Stripe."""

    def __init__(self, run_tasks: Callable[[], AbstractContextManager[None]]) -> None:
        self.run_tasks = run_tasks

    def call(self, method: str, path: str, **data: Any) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {settings.STRIPE_SECRET_KEY}"}
        place = {"params": data} if method == "GET" else {"data": data}
        response = requests.request(method, f"{settings.STRIPE_API_BASE}{path}", headers=headers, timeout=10, **place)
        response.raise_for_status()
        answer: dict[str, Any] = response.json()
        return answer

    def pay(self, checkout_url: str) -> None:
        """What the buyer does on Stripe's page."""
        response = requests.post(f"{checkout_url}/payment", timeout=10, allow_redirects=False)
        assert response.status_code == 303, response.text

    def renew(self, subscription: str, outcome: str = "paid") -> None:
        url = f"{settings.STRIPE_API_BASE}/_test/subscriptions/{subscription}/renewal"
        requests.post(url, json={"outcome": outcome}, timeout=10).raise_for_status()

    def events(self, association: Association) -> list[dict[str, Any]]:
        """Everything Stripe has to tell about the association's customer, oldest first."""
        customer = customer_of(association)
        listed = self.call("GET", "/v1/events", limit=100)["data"]
        return [each for each in reversed(listed) if customer in json.dumps(each["data"])]

    def deliver(self, *events: dict[str, Any]) -> None:
        """As webhooks, with their tasks run."""
        for event in events:
            with self.run_tasks(), public():
                receive(event)

    def deliver_all(self, association: Association) -> None:
        self.deliver(*self.events(association))


def customer_of(association: Association) -> str:
    with public():
        return Customer.objects.get(association=association).stripe_id


def receive(event: dict[str, Any]) -> StripeEvent:
    body = json.dumps(event).encode()
    return StripeEvent.receive(body, signature(body))


def signature(body: bytes, *, secret: str | None = None, age: int = 0, scheme: str = "v1") -> str:
    """The Stripe-Signature header, made as Stripe's documentation says."""
    at = int(time.time()) - age
    key = settings.STRIPE_WEBHOOK_SECRET if secret is None else secret
    digest = hmac.new(key.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},{scheme}={digest}"


def checkout(association: Association, plan: str = "standard", by: str = "会長 会員1") -> str:
    with public():
        return Subscription.start_checkout(association, plan, by=by, **URLS)


def subscribe(stripe_side: StripeSide, association: Association, plan: str = "standard") -> str:
    """Bought, paid and told; the id of the subscription."""
    stripe_side.pay(checkout(association, plan))
    stripe_side.deliver_all(association)
    with public():
        subscription = Subscription.for_association(association)
        assert subscription
        return subscription.stripe_id


Picture = dict[str, list[Any]]


def picture(association: Association) -> Picture:
    """All that is known of the association's payments, without when it was learned."""
    known = (
        "stripe_id",
        "plan",
        "blocks",
        "monthly_price",
        "status",
        "current_period_end",
        "ends_at",
        "past_due_since",
    )
    billed = ("stripe_id", "number", "status", "subtotal", "tax", "amount_due", "issued_at", "paid_at")
    with public():
        return {
            "subscriptions": sorted(association.subscriptions.values_list(*known)),
            "invoices": sorted(association.invoices.values_list(*billed)),
            "grants": sorted(association.grants.values_list("feature", "source", "until")),
        }
