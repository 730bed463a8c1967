"""The only door to Stripe (`import stripe`). Nothing here decides: it asks, and translates into records. Whole yen.

No transaction is open while Stripe is asked.
"""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any

import stripe
from django.conf import settings

from billing.plans import Plan, Tag
from billing.records import (
    InvoiceState,
    Notice,
    SubscriptionState,
    id_of,
    moment,
    read_invoice,
    read_notice,
    read_subscription,
)
from controlplane.associations.models import Association
from controlplane.tenancy.waiting import is_for_a_page, refuse_in_transaction

if TYPE_CHECKING:
    from stripe._v1_services import V1Services

MAX_AGE = 300  # seconds a webhook's signature holds


class GatewayError(Exception):
    """Stripe did not do what it was asked."""


class GatewayUnavailable(GatewayError):
    """Stripe cannot be reached, is overloaded, or does not know our key: worth trying again."""


class Refused(GatewayError):
    """Stripe understood and said no."""


class Missing(Refused):
    """Stripe has no such object, or has it no longer."""


class BadSignature(ValueError):
    """Not a webhook of our account and mode, too old, or none that Stripe would write. Nothing is written for it."""


@contextmanager
def _translated_errors() -> Iterator[None]:
    try:
        yield
    except stripe.InvalidRequestError as error:
        raise (Missing if error.code == "resource_missing" else Refused)(str(error)) from error
    except stripe.StripeError as error:
        raise GatewayUnavailable(str(error)) from error


@_translated_errors()
def ensure_prices(plan: Plan) -> list[str]:
    """Return the ids of the plan's prices at Stripe, creating what is missing or no longer costs what our list says."""
    keys = [tag.lookup_key for tag in plan.tags]
    found = {price.lookup_key: price for price in _stripe().prices.list({"lookup_keys": keys, "active": True}).data}
    return [_matching(found.get(tag.lookup_key), tag) or _create_price(tag) for tag in plan.tags]


def _matching(price: stripe.Price | None, tag: Tag) -> str | None:
    if price is None or (price.product, price.unit_amount, price.currency) != (tag.product, tag.yen, "jpy"):
        return None
    return price.id


def _create_price(tag: Tag) -> str:
    """A new amount takes the lookup key over; who bought at the old price keeps it."""
    _ensure_product(tag)
    price = _stripe().prices.create(
        {
            "product": tag.product,
            "currency": "jpy",
            "unit_amount": tag.yen,
            "recurring": {"interval": "month"},
            "tax_behavior": "exclusive",
            "lookup_key": tag.lookup_key,
            "transfer_lookup_key": True,
        }
    )
    return price.id


def _ensure_product(tag: Tag) -> None:
    if not _stripe().products.list({"ids": [tag.product]}).data:
        key = f"product-{tag.product}"  # two first buyers at once make one product
        _stripe().products.create({"id": tag.product, "name": tag.name}, {"idempotency_key": key})


@_translated_errors()
def create_customer(association: Association) -> str:
    """Return the id of a new customer. The address is the association's, for the tax; no person is named."""
    customer = _stripe().customers.create(
        {
            "name": association.name,
            "address": {"country": "JP", "postal_code": association.postal_code, "line1": association.address},
            "preferred_locales": ["ja"],
            "metadata": {"association": str(association.uuid)},  # for people who read Stripe's pages; never read back
        }
    )
    return customer.id


@_translated_errors()
def delete_customer(customer: str) -> None:
    """Take back a customer by whom nothing was bought."""
    _stripe().customers.delete(customer)


@_translated_errors()
def is_deleted(customer: str) -> bool:
    """Whether somebody deleted the customer on Stripe's side; a deleted one cannot buy again."""
    return bool(getattr(_stripe().customers.retrieve(customer), "deleted", False))


@_translated_errors()
def start_checkout(customer: str, plan: Plan, association: Association, *, success_url: str, cancel_url: str) -> str:
    """Return the address of a page where the customer subscribes. Pages left open earlier stop working."""
    items = _items(plan, association.households)
    close_checkouts(customer)  # two people of one association with a page each would pay twice
    session = _stripe().checkout.sessions.create(
        {
            "mode": "subscription",
            "customer": customer,
            "line_items": [{"price": price, "quantity": quantity} for price, quantity in items.items()],
            "automatic_tax": {"enabled": True},
            "customer_update": {"address": "auto"},
            "client_reference_id": str(association.uuid),  # a hint for people; the customer says whose it is
            "success_url": success_url,
            "cancel_url": cancel_url,
            "locale": "ja",
        }
    )
    return str(session.url)


def _items(plan: Plan, households: int) -> dict[str, int]:
    """Price id → quantity: the base once, and the further blocks."""
    quantities = [1, plan.extra_blocks(households)]
    return {price: count for price, count in zip(ensure_prices(plan), quantities, strict=False) if count}


@_translated_errors()
def change_plan(subscription: str, plan: Plan, households: int) -> None:
    """Move a running subscription to another plan, charged by the day. Notice to end is withdrawn."""
    items = _items(plan, households)
    old = [{"id": item.id, "deleted": True} for item in _stripe().subscriptions.retrieve(subscription)["items"].data]
    new = [{"price": price, "quantity": quantity} for price, quantity in items.items()]
    change: Any = {"items": [*old, *new], "proration_behavior": "create_prorations", "cancel_at_period_end": False}
    _stripe().subscriptions.update(subscription, change)


@_translated_errors()
def close_checkouts(customer: str) -> None:
    """Pages to pay on that were left open stop working."""
    for earlier in _stripe().checkout.sessions.list({"customer": customer, "status": "open", "limit": 100}).data:
        with suppress(stripe.InvalidRequestError):  # somebody else has just closed it
            _stripe().checkout.sessions.expire(earlier.id)


@_translated_errors()
def hold(subscription: str, *, held: bool) -> None:
    """While held nothing is charged: what falls due is void, and not asked for later either."""
    _stripe().subscriptions.update(subscription, {"pause_collection": {"behavior": "void"} if held else ""})


@_translated_errors()
def end(subscription: str) -> None:
    """End the subscription now, for good. What was paid is not given back."""
    _stripe().subscriptions.cancel(subscription)


@_translated_errors()
def open_portal(customer: str, *, return_url: str) -> str:
    """Return the address of Stripe's own page for cards, invoices and giving notice."""
    portal = _stripe().billing_portal.sessions.create({"customer": customer, "return_url": return_url, "locale": "ja"})
    return portal.url


@_translated_errors()
def fetch_subscription(stripe_id: str) -> SubscriptionState:
    return _subscription(_stripe().subscriptions.retrieve(stripe_id))


@_translated_errors()
def subscriptions_of(customer: str) -> list[SubscriptionState]:
    """All of the customer's subscriptions, ended ones too."""
    page = _stripe().subscriptions.list({"customer": customer, "status": "all", "limit": 100})
    return [_subscription(each) for each in page.auto_paging_iter()]


@_translated_errors()
def fetch_invoice(stripe_id: str) -> InvoiceState:
    return read_invoice(_stripe().invoices.retrieve(stripe_id))


@_translated_errors()
def invoices_of(customer: str) -> list[InvoiceState]:
    page = _stripe().invoices.list({"customer": customer, "limit": 100})
    return [read_invoice(each) for each in page.auto_paging_iter()]


@_translated_errors()
def subscription_of_checkout(session: str) -> str:
    """Return the id of the subscription that was bought, "" while nothing was."""
    return id_of(_stripe().checkout.sessions.retrieve(session).subscription)


def verify(body: bytes, signature: str) -> Notice:
    """Return what the webhook says, or raise BadSignature: forged, 300 s old or ahead, other mode or account, odd."""
    try:
        stripe.WebhookSignature.verify_header(body, signature, settings.STRIPE_WEBHOOK_SECRET, MAX_AGE)
        _not_ahead(signature)
        return _of_our_own(json.loads(body))
    except (stripe.SignatureVerificationError, AttributeError, KeyError, TypeError, ValueError, OverflowError) as error:
        raise BadSignature(str(error)) from error


def _not_ahead(signature: str) -> None:
    """Stripe's library only asks whether it is too old: one made for next year would hold until then."""
    signed_at = max(int(part.removeprefix("t=")) for part in signature.split(",") if part.startswith("t="))
    if signed_at > time.time() + MAX_AGE:
        raise BadSignature("The timestamp lies ahead.")


def _of_our_own(event: dict[str, Any]) -> Notice:
    if event["livemode"] is not settings.STRIPE_LIVE_MODE or event.get("account") or event.get("context"):
        raise BadSignature("The event is of the other mode or of another account.")
    return read_notice(event)


def _subscription(found: Any) -> SubscriptionState:
    return read_subscription(found, past_due_since=_oldest_debt(found) if found.status == "past_due" else None)


def _oldest_debt(found: Any) -> datetime:
    """Since when money is owed: Stripe keeps no such date, but the oldest open invoice has it."""
    page = _stripe().invoices.list({"subscription": found.id, "status": "open", "limit": 100})
    owed = [invoice.due_date or invoice.created for invoice in page.auto_paging_iter()]
    return moment(min(owed, default=min(item.current_period_start for item in found["items"].data)))


def _stripe() -> "V1Services":
    if not settings.STRIPE_SECRET_KEY:
        raise GatewayUnavailable("STRIPE_SECRET_KEY is not set.")
    refuse_in_transaction("Stripe")
    return _client(settings.STRIPE_SECRET_KEY, settings.STRIPE_API_BASE, hurried=is_for_a_page()).v1


@cache
def _client(key: str, base: str, *, hurried: bool) -> stripe.StripeClient:
    """In workers two retries by the library, each with the idempotency key of the first attempt; for a page none."""
    http = stripe.RequestsClient(timeout=settings.WAIT_STRIPE if hurried else settings.WAIT_STRIPE_IN_WORKERS)
    return stripe.StripeClient(
        key, base_addresses={"api": base}, http_client=http, max_network_retries=0 if hurried else 2
    )
