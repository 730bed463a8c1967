"""The double's webhooks: signed, repeated until taken, and lost, doubled or reordered when a test wants it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
import stripe

Eventually = Callable[[Callable[[], Any]], Any]


@pytest.fixture
def secret(gateways: dict[str, str]) -> str:
    return gateways["STRIPE_WEBHOOK_SECRET"]


@pytest.fixture
def mode(gateways: dict[str, str]) -> Iterator[Callable[[str], None]]:
    def switch(name: str) -> None:
        assert requests.post(f"{gateways['STRIPE_API_BASE']}/_test/webhooks/mode", json={"mode": name}).ok

    yield switch
    switch("normal")


def test_payment_is_told_in_signed_events(
    account: stripe.StripeClient, receiver: Any, secret: str, eventually: Eventually
) -> None:
    product = account.v1.products.create({"name": "あんしんプラン"})
    price = account.v1.prices.create(
        {"product": product.id, "currency": "jpy", "unit_amount": 5000, "recurring": {"interval": "month"}}
    )
    session = account.v1.checkout.sessions.create(
        {"mode": "subscription", "line_items": [{"price": price.id}], "success_url": "http://kairan.localhost/"}
    )
    requests.post(f"{session.url}/payment", allow_redirects=False)
    wanted = {"checkout.session.completed", "customer.subscription.created", "invoice.paid"}
    eventually(lambda: wanted <= {event.type for event in receiver.events(secret)})
    by_type = {event.type: event.data.object for event in receiver.events(secret)}
    completed: Any = by_type["checkout.session.completed"]
    assert completed.subscription == by_type["customer.subscription.created"]["id"]
    assert completed.invoice == by_type["invoice.paid"]["id"]
    assert {headers["Host"] for headers, _body in receiver.requests} == {"kairan.localhost"}


def test_a_changed_body_does_not_pass_the_signature(
    account: stripe.StripeClient, receiver: Any, secret: str, eventually: Eventually
) -> None:
    account.v1.customers.create({"name": "会員1"})
    eventually(lambda: receiver.requests)
    headers, body = receiver.requests[0]
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.Webhook.construct_event(body + b" ", headers["Stripe-Signature"], secret)


def test_an_event_comes_again_until_it_is_taken(
    account: stripe.StripeClient, receiver: Any, secret: str, eventually: Eventually
) -> None:
    receiver.refusals = 1
    account.v1.customers.create({"name": "会員1"})
    eventually(lambda: len(receiver.requests) == 2)
    first, second = receiver.events(secret)
    assert first.id == second.id
    eventually(lambda: account.v1.events.retrieve(first.id).pending_webhooks == 0)


def test_duplicates(
    account: stripe.StripeClient, receiver: Any, secret: str, mode: Callable[[str], None], eventually: Eventually
) -> None:
    mode("duplicate")
    account.v1.customers.create({"name": "会員1"})
    eventually(lambda: len(receiver.requests) == 2)
    first, second = receiver.events(secret)
    assert first.id == second.id


def test_the_younger_first(
    account: stripe.StripeClient, receiver: Any, secret: str, mode: Callable[[str], None], eventually: Eventually
) -> None:
    mode("reorder")
    customer = account.v1.customers.create({"name": "会員1"})
    account.v1.customers.update(customer.id, {"name": "会員2"})
    eventually(lambda: len(receiver.requests) == 2)
    assert [event.type for event in receiver.events(secret)] == ["customer.updated", "customer.created"]


def test_a_lost_event_can_be_listed_and_sent_again(
    gateways: dict[str, str],
    account: stripe.StripeClient,
    receiver: Any,
    secret: str,
    mode: Callable[[str], None],
    eventually: Eventually,
) -> None:
    mode("drop")
    lost = account.v1.customers.create({"name": "失われた会員"})
    event = account.v1.events.list({"type": "customer.created", "limit": 1}).data[0]
    assert event.data.object["id"] == lost.id
    eventually(lambda: account.v1.events.retrieve(event.id).pending_webhooks == 0)
    mode("normal")
    account.v1.customers.create({"name": "次の会員"})
    eventually(lambda: receiver.requests)
    assert event.id not in [each.id for each in receiver.events(secret)]
    requests.post(f"{gateways['STRIPE_API_BASE']}/_test/events/{event.id}/resend")
    eventually(lambda: event.id in [each.id for each in receiver.events(secret)])


def test_a_further_endpoint_has_its_own_secret_and_gets_what_it_asked_for(
    account: stripe.StripeClient, receiver: Any, eventually: Eventually
) -> None:
    made: Any = account.v1.webhook_endpoints.create(
        {"url": receiver.url.replace("/api/", "/further/"), "enabled_events": ["product.created"]}
    )
    assert made.secret.startswith("whsec_")
    account.v1.products.create({"name": "連合会プラン"})
    eventually(lambda: len(receiver.requests) == 2)
    bodies = [(headers["Stripe-Signature"], body) for headers, body in receiver.requests]

    def fits(signature: str, body: bytes) -> bool:
        try:
            return bool(stripe.Webhook.construct_event(body, signature, made.secret))
        except stripe.SignatureVerificationError:
            return False

    assert sorted(fits(*each) for each in bodies) == [False, True]
