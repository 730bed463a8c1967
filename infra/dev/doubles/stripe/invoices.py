"""Invoices: one per subscription and period, with 10 % consumption tax on top when automatic tax is on."""

import time

from infra.dev.doubles.stripe.catalog import cost
from infra.dev.doubles.stripe.endpoints import Params, endpoint
from infra.dev.doubles.stripe.errors import invalid
from infra.dev.doubles.stripe.paging import PAGING, paged
from infra.dev.doubles.stripe.shapes import Object, listing, new
from infra.dev.doubles.stripe.state import Account

TAX_PERCENT = 10


def draw_up(account: Account, subscription: Object, reason: str) -> Object:
    """An open invoice for the subscription's current period; nothing is paid or told yet."""
    customer = account.get("customer", subscription["customer"])
    invoice = new("invoice", status="open", billing_reason=reason, currency=subscription["currency"])
    invoice |= _addressed(customer) | _terms(subscription, invoice) | _amounts(subscription)
    lines = [_line(subscription, invoice, item) for item in subscription["items"]["data"]]
    invoice["lines"] = listing(lines, f"/v1/invoices/{invoice['id']}/lines")
    invoice["hosted_invoice_url"] = f"{account.base_url}/invoices/{invoice['id']}"
    used = {"next_invoice_sequence": customer["next_invoice_sequence"] + 1, "currency": invoice["currency"]}
    account.save(customer | used)
    return account.save(invoice)


def _addressed(customer: Object) -> Object:
    return {
        "customer": customer["id"],
        "customer_address": customer["address"],
        "customer_email": customer["email"],
        "customer_name": customer["name"],
        "customer_phone": customer["phone"],
        "number": f"{customer['invoice_prefix']}-{customer['next_invoice_sequence']:04}",
    }


def _terms(subscription: Object, invoice: Object) -> Object:
    first, made = subscription["items"]["data"][0], invoice["created"]
    to_be_sent = subscription["collection_method"] == "send_invoice"
    details = {"metadata": subscription["metadata"], "subscription": subscription["id"]}
    return {
        "collection_method": subscription["collection_method"],
        "due_date": made + 86400 * (subscription["days_until_due"] or 0) if to_be_sent else None,
        "effective_at": made,
        "parent": {"quote_details": None, "subscription_details": details, "type": "subscription_details"},
        "period_start": first["current_period_start"],
        "period_end": first["current_period_end"],
        "status_transitions": invoice["status_transitions"] | {"finalized_at": made},
    }


def _amounts(subscription: Object) -> Object:
    items = subscription["items"]["data"]
    subtotal = sum(cost(item["price"], item["quantity"]) for item in items)
    tax = (
        tax_on([(item["price"], item["quantity"]) for item in items]) if subscription["automatic_tax"]["enabled"] else 0
    )
    totals = {"total": subtotal + tax, "amount_due": subtotal + tax, "amount_remaining": subtotal + tax}
    rest = {"subtotal": subtotal, "subtotal_excluding_tax": subtotal, "total_excluding_tax": subtotal}
    return totals | rest | {"total_taxes": [_tax_row(subtotal, tax)] if tax else None}


def tax_on(items: list[tuple[Object, int]]) -> int:
    return sum(cost(*item) for item in items if item[0]["tax_behavior"] != "inclusive") * TAX_PERCENT // 100


def _tax_row(taxable: int, tax: int) -> Object:
    return {
        "amount": tax,
        "tax_behavior": "exclusive",
        "tax_rate_details": None,
        "taxability_reason": "standard_rated",
        "taxable_amount": taxable,
        "type": "tax_rate_details",
    }


def _line(subscription: Object, invoice: Object, item: Object) -> Object:
    price, amount = item["price"], cost(item["price"], item["quantity"])
    source = {"invoice_item": None, "subscription": subscription["id"], "subscription_item": item["id"]}
    details = source | {"proration": False, "proration_details": {"credited_items": None}}
    return new("line_item") | {
        "invoice": invoice["id"],
        "amount": amount,
        "subtotal": amount,
        "currency": invoice["currency"],
        "quantity": item["quantity"],
        "period": {"start": item["current_period_start"], "end": item["current_period_end"]},
        "parent": {
            "invoice_item_details": None,
            "subscription_item_details": details,
            "type": "subscription_item_details",
        },
        "pricing": {
            "price_details": {"price": price["id"], "product": price["product"]},
            "type": "price_details",
            "unit_amount_decimal": price["unit_amount_decimal"],
        },
    }


def pay_off(account: Account, invoice: Object) -> Object:
    now = int(time.time())
    paid = invoice | {
        "status": "paid",
        "attempted": True,
        "attempt_count": invoice["attempt_count"] + 1,
        "amount_paid": invoice["amount_due"],
        "amount_remaining": 0,
        "next_payment_attempt": None,
        "status_transitions": invoice["status_transitions"] | {"paid_at": now},
    }
    account.emit("invoice.paid", account.save(paid))
    return paid


def fail(account: Account, invoice: Object) -> Object:
    """The card was declined; Stripe would try again in three days."""
    tried = {"attempted": True, "attempt_count": invoice["attempt_count"] + 1}
    declined = invoice | tried | {"next_payment_attempt": int(time.time()) + 3 * 86400}
    account.emit("invoice.payment_failed", account.save(declined))
    return declined


def void(account: Account, invoice: Object) -> Object:
    """Nobody has to pay it, now or later."""
    moments = invoice["status_transitions"] | {"voided_at": int(time.time())}
    voided = invoice | {"status": "void", "next_payment_attempt": None, "status_transitions": moments}
    account.emit("invoice.voided", account.save(voided))
    return voided


@endpoint("GET", "/v1/invoices/{id}")
def retrieve_invoice(account: Account, params: Params, id: str) -> Object:
    return account.get("invoice", id)


@endpoint("GET", "/v1/invoices", f"collection_method customer status subscription {' '.join(PAGING)}")
def list_invoices(account: Account, params: Params) -> Object:
    wanted = params.get("subscription")
    found = [each for each in account.all("invoice") if wanted in (None, _subscription(each))]
    return paged(found, params, "/v1/invoices", ["collection_method", "customer", "status"])


def _subscription(invoice: Object) -> str:
    return str(invoice["parent"]["subscription_details"]["subscription"])


@endpoint("POST", "/v1/invoices/{id}/pay", "paid_out_of_band payment_method")
def pay_invoice(account: Account, params: Params, id: str) -> Object:
    """How an operator books a bank transfer (`paid_out_of_band`); arrears end with it."""
    invoice = account.get("invoice", id)
    if invoice["status"] != "open":
        raise invalid(f"Invoice is {invoice['status']}; only an open one can be paid.", "id")
    subscription = account.get("subscription", _subscription(invoice))
    if subscription["status"] in ("past_due", "unpaid", "incomplete"):
        account.emit("customer.subscription.updated", account.save(subscription | {"status": "active"}))
    return pay_off(account, invoice)
