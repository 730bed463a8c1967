"""Subscriptions: opened by a paid Checkout session or for payment by invoice, changed, renewed, ended."""

import calendar
import time
from datetime import UTC, datetime
from typing import Any

from infra.dev.doubles.stripe import invoices
from infra.dev.doubles.stripe.endpoints import Params, endpoint
from infra.dev.doubles.stripe.errors import invalid, missing
from infra.dev.doubles.stripe.form import boolean, integer, merged
from infra.dev.doubles.stripe.paging import PAGING, paged
from infra.dev.doubles.stripe.shapes import Object, listing, new
from infra.dev.doubles.stripe.state import Account

BOTH = "automatic_tax cancel_at_period_end collection_method days_until_due description items metadata payment_behavior"


def open_subscription(account: Account, customer: str, items: list[Object], **values: object) -> Object:
    """An active subscription with its first invoice, still open; the caller has it paid, or sends it."""
    now = int(time.time())
    subscription = new("subscription", customer=customer, status="active", start_date=now, billing_cycle_anchor=now)
    subscription |= values
    subscription["items"] = _items(subscription["id"], [_item(account, subscription, each, now) for each in items])
    subscription["currency"] = subscription["items"]["data"][0]["price"]["currency"]
    subscription["latest_invoice"] = invoices.draw_up(account, subscription, "subscription_create")["id"]
    account.emit("customer.subscription.created", account.save(subscription))
    return subscription


def _items(subscription: str, data: list[Object]) -> Object:
    return listing(data, f"/v1/subscription_items?subscription={subscription}")


def _item(account: Account, subscription: Object, given: Params, start: int) -> Object:
    item = new("subscription_item", subscription=subscription["id"], discounts=[])
    period = {"current_period_start": start}
    return _with_price(account, item | period | {"quantity": 1}, {"price": given.get("price"), **given})


def _with_price(account: Account, item: Object, given: Params) -> Object:
    """The item after a change of price or quantity; its period ends one interval after its start."""
    price = account.get("price", given["price"], "items[price]") if "price" in given else item["price"]
    if not price["recurring"]:
        raise invalid("The price specified is set to `type=one_time` but a recurring one is required.", "items[price]")
    quantity = integer(given.get("quantity", item["quantity"]), "items[quantity]")
    end = one_interval_after(item["current_period_start"], price)
    metadata = merged(item["metadata"], given.get("metadata"))
    changed = {"price": price, "plan": _plan(price), "quantity": quantity, "metadata": metadata}
    return item | changed | {"current_period_end": end}


def _plan(price: Object) -> Object:
    recurring = price["recurring"]
    same = {
        name: price[name] for name in ("active", "billing_scheme", "created", "currency", "id", "metadata", "product")
    }
    amounts = {"amount": price["unit_amount"], "amount_decimal": price["unit_amount_decimal"]}
    terms = {name: recurring[name] for name in ("interval", "interval_count", "usage_type")}
    return new("plan") | same | amounts | terms | {"nickname": price["nickname"], "tiers_mode": price["tiers_mode"]}


def one_interval_after(start: int, price: Object) -> int:
    count, interval = price["recurring"]["interval_count"], price["recurring"]["interval"]
    if interval in ("day", "week"):
        return start + int(count) * 86400 * (7 if interval == "week" else 1)
    moment = datetime.fromtimestamp(start, UTC)
    months = moment.year * 12 + moment.month - 1 + count * (12 if interval == "year" else 1)
    year, month = divmod(months, 12)
    day = min(moment.day, calendar.monthrange(year, month + 1)[1])
    return int(moment.replace(year=year, month=month + 1, day=day).timestamp())


@endpoint("POST", "/v1/subscriptions", f"{BOTH} customer")
def create_subscription(account: Account, params: Params) -> Object:
    """For payment by invoice (bank transfer). A card is given on the hosted page only, so all others begin there."""
    for name in ("customer", "items"):
        if name not in params:
            raise missing(name)
    customer = account.get("customer", params["customer"], "customer")
    if params.get("collection_method") != "send_invoice":
        message = "This customer has no attached payment source or default payment method."
        raise invalid(message, "default_payment_method")
    values = _changes(new("subscription"), params)
    subscription = open_subscription(account, customer["id"], params["items"], **values)
    account.emit("invoice.finalized", account.get("invoice", subscription["latest_invoice"]))
    return subscription


@endpoint("GET", "/v1/subscriptions/{id}")
def retrieve_subscription(account: Account, params: Params, id: str) -> Object:
    return account.get("subscription", id)


@endpoint("GET", "/v1/subscriptions", f"collection_method customer price status {' '.join(PAGING)}")
def list_subscriptions(account: Account, params: Params) -> Object:
    """Like Stripe, without those that ended unless `status` asks for them."""
    status, price = params.get("status", "running"), params.get("price")
    found = [each for each in account.all("subscription") if status in ("all", each["status"], _side(each))]
    found = [each for each in found if price in (None, *(item["price"]["id"] for item in each["items"]["data"]))]
    return paged(found, params, "/v1/subscriptions", ["collection_method", "customer"])


def _side(subscription: Object) -> str:
    return "running" if _is_running(subscription) else "ended"


def _is_running(subscription: Object) -> bool:
    return bool(subscription["status"] != "canceled")


def subscriptions_of(account: Account, customer: str) -> list[Object]:
    return [each for each in account.all("subscription") if each["customer"] == customer and _is_running(each)]


@endpoint("POST", "/v1/subscriptions/{id}", f"{BOTH} proration_behavior cancellation_details pause_collection")
def update_subscription(account: Account, params: Params, id: str) -> Object:
    """Changes hold at once; what they cost shows on the next invoice (no proration)."""
    subscription = account.get("subscription", id)
    if not _is_running(subscription):
        raise invalid("A canceled subscription can only update its cancellation_details and metadata.", "id")
    items = _changed_items(account, subscription, params)
    return change(account, subscription, **_changes(subscription, params), **items)


def change(account: Account, subscription: Object, **values: object) -> Object:
    changed = subscription | values
    account.emit("customer.subscription.updated", account.save(changed))
    return changed


def _changes(subscription: Object, params: Params) -> Object:
    changes: Object = {name: params[name] for name in ("collection_method", "description") if name in params}
    if "days_until_due" in params:
        changes["days_until_due"] = integer(params["days_until_due"], "days_until_due")
    if "automatic_tax" in params:
        enabled = boolean(params["automatic_tax"].get("enabled"))
        changes["automatic_tax"] = subscription["automatic_tax"] | {"enabled": enabled}
    if "cancel_at_period_end" in params:
        changes |= ending(subscription, boolean(params["cancel_at_period_end"]))
    if "pause_collection" in params:
        changes["pause_collection"] = _pause(params["pause_collection"])
    return changes | {"metadata": merged(subscription["metadata"], params.get("metadata"))}


def _pause(given: Any) -> Object | None:
    """Stripe knows three behaviours; here what falls due while paused is always void. "" goes on."""
    if given == "":
        return None
    if given.get("behavior") != "void":
        raise invalid("This double of Stripe pauses with behavior=void only.", "pause_collection[behavior]")
    return {"behavior": "void", "resumes_at": None}


def ending(subscription: Object, wanted: bool) -> Object:
    """The fields of a subscription that ends, or goes on, after its current period."""
    now, items = int(time.time()), (subscription["items"] or {}).get("data", [])
    end = items[0]["current_period_end"] if wanted and items else None
    reason = "cancellation_requested" if wanted else None
    details = {"cancellation_details": subscription["cancellation_details"] | {"reason": reason}}
    return {"cancel_at_period_end": wanted, "cancel_at": end, "canceled_at": now if wanted else None} | details


def _changed_items(account: Account, subscription: Object, params: Params) -> Object:
    """Items named by id are changed or deleted; those without are added."""
    items = {item["id"]: item for item in subscription["items"]["data"]}
    start = subscription["items"]["data"][0]["current_period_start"]
    for given in params.get("items", []):
        key = given.get("id")
        if key and key not in items:
            raise invalid(f"No such subscription item: '{key}'", "items[id]")
        item = _with_price(account, items[key], given) if key else _item(account, subscription, given, start)
        items[item["id"]] = item
        if boolean(given.get("deleted")):
            del items[item["id"]]
    if not items:
        raise invalid("A subscription must have at least one active item.", "items")
    return {"items": _items(subscription["id"], list(items.values()))}


@endpoint("DELETE", "/v1/subscriptions/{id}", "cancellation_details invoice_now prorate")
def cancel_subscription(account: Account, params: Params, id: str) -> Object:
    subscription = account.get("subscription", id)
    if not _is_running(subscription):
        raise invalid(f"No such subscription: '{id}'", "id")
    return end(account, subscription)


def end(account: Account, subscription: Object) -> Object:
    now = int(time.time())
    ended = subscription | {"status": "canceled", "ended_at": now, "canceled_at": subscription["canceled_at"] or now}
    account.emit("customer.subscription.deleted", account.save(ended))
    return ended


def renew(account: Account, subscription: Object, *, paid: bool) -> Object:
    """What the end of a period brings: the end, or a new period with an invoice, paid or with the card declined."""
    if subscription["cancel_at_period_end"]:
        return end(account, subscription)
    items = [_next_period(item) for item in subscription["items"]["data"]]
    subscription["items"] = _items(subscription["id"], items)
    invoice = invoices.draw_up(account, subscription, "subscription_cycle")
    if subscription["pause_collection"]:
        invoices.void(account, invoice)
        return change(account, subscription, latest_invoice=invoice["id"])
    (invoices.pay_off if paid else invoices.fail)(account, invoice)
    status = "active" if paid else "past_due"
    return change(account, subscription, status=status, latest_invoice=invoice["id"])


def _next_period(item: Object) -> Object:
    start = item["current_period_end"]
    return item | {"current_period_start": start, "current_period_end": one_interval_after(start, item["price"])}
