"""Customers, the account's webhook endpoints, and the record of events."""

import secrets

from infra.dev.doubles.stripe.endpoints import Params, endpoint
from infra.dev.doubles.stripe.errors import missing
from infra.dev.doubles.stripe.form import merged
from infra.dev.doubles.stripe.paging import PAGING, paged
from infra.dev.doubles.stripe.shapes import Object, new, public
from infra.dev.doubles.stripe.state import Account
from infra.dev.doubles.stripe.subscriptions import end, subscriptions_of

TEXTS = ("description", "email", "name", "phone", "tax_exempt")
CUSTOMER = f"{' '.join(TEXTS)} address metadata preferred_locales"


@endpoint("POST", "/v1/customers", CUSTOMER)
def create_customer(account: Account, params: Params) -> Object:
    customer = _changed(new("customer", invoice_prefix=secrets.token_hex(4).upper()), params)
    account.emit("customer.created", customer)
    return account.save(customer)


@endpoint("GET", "/v1/customers/{id}")
def retrieve_customer(account: Account, params: Params, id: str) -> Object:
    """A deleted customer still answers, with no more than that it is deleted."""
    found = account.find(id)
    return found if found and found["object"] == "customer" else account.get("customer", id)


@endpoint("POST", "/v1/customers/{id}", CUSTOMER)
def update_customer(account: Account, params: Params, id: str) -> Object:
    customer = _changed(account.get("customer", id), params)
    account.emit("customer.updated", customer)
    return account.save(customer)


@endpoint("DELETE", "/v1/customers/{id}")
def delete_customer(account: Account, params: Params, id: str) -> Object:
    customer = account.get("customer", id)
    for subscription in subscriptions_of(account, id):
        end(account, subscription)
    account.emit("customer.deleted", customer)
    return account.save(new("deleted_customer", id=id))


@endpoint("GET", "/v1/customers", f"email {' '.join(PAGING)}")
def list_customers(account: Account, params: Params) -> Object:
    return paged(account.all("customer"), params, "/v1/customers", ["email"])


def _changed(customer: Object, params: Params) -> Object:
    address = {
        **dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state")),
        **params.get("address", {}),
    }
    return {
        **customer,
        **{name: params[name] or None for name in TEXTS if name in params},
        "address": address if "address" in params else customer["address"],
        "metadata": merged(customer["metadata"], params.get("metadata")),
        "preferred_locales": params.get("preferred_locales", customer["preferred_locales"]),
    }


@endpoint("POST", "/v1/webhook_endpoints", "api_version description enabled_events metadata url")
def create_webhook_endpoint(account: Account, params: Params) -> Object:
    """The secret is told once, in this answer."""
    for name in ("url", "enabled_events"):
        if name not in params:
            raise missing(name)
    chosen = {name: value for name, value in params.items() if name != "metadata"}
    metadata = merged({}, params.get("metadata"))
    made = new("webhook_endpoint", **chosen, metadata=metadata, _secret=f"whsec_{secrets.token_hex(16)}")
    account.save(made)
    return {**made, "secret": made["_secret"]}


@endpoint("GET", "/v1/events/{id}")
def retrieve_event(account: Account, params: Params, id: str) -> Object:
    return account.get("event", id)


@endpoint("GET", "/v1/events", f"type types {' '.join(PAGING)}")
def list_events(account: Account, params: Params) -> Object:
    wanted = params.get("types")
    events = [public(each) for each in account.all("event") if wanted is None or each["type"] in wanted]
    return paged(events, params, "/v1/events", ["type"])
