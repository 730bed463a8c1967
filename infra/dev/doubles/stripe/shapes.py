"""New objects with exactly the keys Stripe's have; what a caller does not set has a plain object's value."""

import copy
import json
import secrets
import time
from pathlib import Path
from typing import Any

Object = dict[str, Any]

SHAPES: dict[str, Object] = json.loads(Path(__file__).with_name("shapes.json").read_text())
PREFIXES = {
    "billing_portal.session": "bps_",
    "checkout.session": "cs_test_",
    "customer": "cus_",
    "event": "evt_",
    "invoice": "in_",
    "line_item": "il_",
    "price": "price_",
    "product": "prod_",
    "subscription": "sub_",
    "subscription_item": "si_",
    "webhook_endpoint": "we_",
}


def new(kind: str, **values: Any) -> Object:
    shape = copy.deepcopy(SHAPES[kind])
    fresh = {"id": new_id(kind), "created": int(time.time())} if kind in PREFIXES else {}
    for name, value in {**fresh, **values}.items():
        if name in shape or name.startswith("_"):
            shape[name] = value
    return shape


def new_id(kind: str) -> str:
    return PREFIXES[kind] + secrets.token_hex(12)


def listing(data: list[Object], url: str, *, has_more: bool = False) -> Object:
    return {"object": "list", "data": data, "has_more": has_more, "url": url}


def public(item: Any) -> Any:
    """Without the keys the double keeps for itself (`_secret`, `_line_items`)."""
    if isinstance(item, dict):
        return {name: public(value) for name, value in item.items() if not name.startswith("_")}
    return [public(each) for each in item] if isinstance(item, list) else item
