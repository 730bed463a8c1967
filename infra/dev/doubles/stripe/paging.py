"""Lists as Stripe pages them: filters, `created` bounds, cursors by object id."""

from collections.abc import Sequence
from typing import Any

from infra.dev.doubles.stripe.errors import invalid, not_found
from infra.dev.doubles.stripe.form import integer
from infra.dev.doubles.stripe.shapes import Object, listing

PAGING = ("limit", "starting_after", "ending_before", "created")
BOUNDS = {"gt": int.__gt__, "gte": int.__ge__, "lt": int.__lt__, "lte": int.__le__}


def paged(items: list[Object], params: dict[str, Any], url: str, filters: Sequence[str] = ()) -> Object:
    """`items` newest first; `filters` name the parameters that must equal the object's field of the same name."""
    for name in filters:
        if name in params:
            items = [item for item in items if _text(item[name]) == params[name]]
    items = [item for item in items if _within(item["created"], params.get("created"))]
    limit = integer(params.get("limit", 10), "limit")
    if not 1 <= limit <= 100:
        raise invalid("Invalid integer: limit is between 1 and 100", "limit")
    if "ending_before" in params:
        items = items[: _position(items, params["ending_before"], "ending_before")]
        return listing(items[-limit:], url, has_more=len(items) > limit)
    if "starting_after" in params:
        items = items[_position(items, params["starting_after"], "starting_after") + 1 :]
    return listing(items[:limit], url, has_more=len(items) > limit)


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _within(created: int, bounds: Any) -> bool:
    if bounds is None:
        return True
    if not isinstance(bounds, dict):
        return created == integer(bounds, "created")
    return all(BOUNDS[name](created, integer(value, "created")) for name, value in bounds.items() if name in BOUNDS)


def _position(items: list[Object], key: str, param: str) -> int:
    for position, item in enumerate(items):
        if item["id"] == key:
            return position
    raise not_found("object", key, param)
