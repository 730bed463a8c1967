"""Products, prices and what a quantity of a price costs."""

import math
from typing import Any

from infra.dev.doubles.stripe.endpoints import Params, endpoint
from infra.dev.doubles.stripe.errors import invalid, missing
from infra.dev.doubles.stripe.form import boolean, integer, merged
from infra.dev.doubles.stripe.paging import PAGING, paged
from infra.dev.doubles.stripe.shapes import Object, new
from infra.dev.doubles.stripe.state import Account

TEXTS = {
    "product": ("description", "name", "statement_descriptor", "tax_code", "unit_label", "url"),
    "price": ("lookup_key", "nickname", "tax_behavior"),
}
PRODUCT = f"active metadata {' '.join(TEXTS['product'])}"
PRICE = f"active metadata transfer_lookup_key {' '.join(TEXTS['price'])}"
TERMS = "currency product product_data recurring tiers tiers_mode transform_quantity unit_amount"
NEW_PRICE = f"{PRICE} {TERMS} billing_scheme"


@endpoint("POST", "/v1/products", f"{PRODUCT} id")
def create_product(account: Account, params: Params) -> Object:
    if not params.get("name"):
        raise missing("name")
    if "id" in params and account.find(params["id"]):
        raise invalid(f"Product already exists: {params['id']}", "id")
    product = _changed(new("product", **{"id": params["id"]} if "id" in params else {}), params)
    account.emit("product.created", product)
    return account.save(product)


@endpoint("GET", "/v1/products/{id}")
def retrieve_product(account: Account, params: Params, id: str) -> Object:
    return account.get("product", id)


@endpoint("POST", "/v1/products/{id}", PRODUCT)
def update_product(account: Account, params: Params, id: str) -> Object:
    product = _changed(account.get("product", id), params)
    account.emit("product.updated", product)
    return account.save(product)


@endpoint("GET", "/v1/products", f"active ids {' '.join(PAGING)}")
def list_products(account: Account, params: Params) -> Object:
    products = [each for each in account.all("product") if each["id"] in params.get("ids", [each["id"]])]
    return paged(products, params, "/v1/products", ["active"])


@endpoint("POST", "/v1/prices", NEW_PRICE)
def create_price(account: Account, params: Params) -> Object:
    price = _changed(new("price", **_terms(params)), params)
    product = (
        create_product(account, params["product_data"])["id"] if "product_data" in params else params.get("product")
    )
    if not product:
        raise missing("product")
    price["product"] = account.get("product", product, "product")["id"]
    _claim_lookup_key(account, price, params)
    account.emit("price.created", price)
    return account.save(price)


def _terms(params: Params) -> dict[str, Any]:
    if "currency" not in params:
        raise missing("currency")
    recurring, tiers = params.get("recurring"), _tiers(params.get("tiers", []))
    if not tiers and "unit_amount" not in params:
        raise missing("unit_amount")
    amount = None if tiers else integer(params["unit_amount"], "unit_amount")
    shape: Object = new("price")["recurring"]
    return {
        "currency": params["currency"].lower(),
        "unit_amount": amount,
        "unit_amount_decimal": None if amount is None else str(amount),
        "billing_scheme": "tiered" if tiers else "per_unit",
        "tiers_mode": params.get("tiers_mode") if tiers else None,
        "_tiers": tiers,
        "transform_quantity": _transform(params.get("transform_quantity")),
        "type": "recurring" if recurring else "one_time",
        "recurring": {**shape, **recurring, "interval_count": int(recurring.get("interval_count", 1))}
        if recurring
        else None,
    }


def _tiers(given: list[Params]) -> list[Object]:
    amounts = ("unit_amount", "flat_amount")
    return [
        {
            "up_to": math.inf if tier.get("up_to") == "inf" else integer(tier.get("up_to", ""), "tiers[up_to]"),
            **{name: integer(tier.get(name, 0), f"tiers[{name}]") for name in amounts},
        }
        for tier in given
    ]


def _transform(given: Params | None) -> Object | None:
    return {"divide_by": integer(given["divide_by"], "divide_by"), "round": given["round"]} if given else None


def _claim_lookup_key(account: Account, price: Object, params: Params) -> None:
    """A lookup key names one price; it moves to a new one only when asked to."""
    key = price["lookup_key"]
    for other in account.all("price"):
        if key and other["lookup_key"] == key and other["id"] != price["id"]:
            if not boolean(params.get("transfer_lookup_key")):
                raise invalid(f"A price ({other['id']}) already uses that lookup key.", "lookup_key")
            account.save({**other, "lookup_key": None})


@endpoint("GET", "/v1/prices/{id}")
def retrieve_price(account: Account, params: Params, id: str) -> Object:
    return account.get("price", id)


@endpoint("POST", "/v1/prices/{id}", PRICE)
def update_price(account: Account, params: Params, id: str) -> Object:
    price = _changed(account.get("price", id), params)
    _claim_lookup_key(account, price, params)
    account.emit("price.updated", price)
    return account.save(price)


@endpoint("GET", "/v1/prices", f"active currency lookup_keys product type {' '.join(PAGING)}")
def list_prices(account: Account, params: Params) -> Object:
    wanted = params.get("lookup_keys")
    prices = [each for each in account.all("price") if wanted is None or each["lookup_key"] in wanted]
    return paged(prices, params, "/v1/prices", ["active", "currency", "product", "type"])


def cost(price: Object, quantity: int) -> int:
    """What this many cost for one period, before tax."""
    if rule := price["transform_quantity"]:
        exact = quantity / rule["divide_by"]
        quantity = math.ceil(exact) if rule["round"] == "up" else math.floor(exact)
    if price["billing_scheme"] == "per_unit":
        return int(price["unit_amount"]) * quantity
    return _graduated(price, quantity) if price["tiers_mode"] == "graduated" else _by_volume(price, quantity)


def _graduated(price: Object, quantity: int) -> int:
    total, before = 0, 0
    for tier in price["_tiers"]:
        if quantity > before:
            total += tier["flat_amount"] + tier["unit_amount"] * int(min(quantity, tier["up_to"]) - before)
        before = tier["up_to"]
    return total


def _by_volume(price: Object, quantity: int) -> int:
    tier = next(each for each in price["_tiers"] if quantity <= each["up_to"])
    return int(tier["flat_amount"] + tier["unit_amount"] * quantity)


def _changed(item: Object, params: Params) -> Object:
    changes: Object = {name: params[name] or None for name in TEXTS[item["object"]] if name in params}
    if "active" in params:
        changes["active"] = boolean(params["active"])
    return item | changes | {"metadata": merged(item["metadata"], params.get("metadata"))}
