"""Stripe's form encoding: `items[0][price]=...` to nested values, and the conversions of its plain strings."""

import re
from typing import Any
from urllib.parse import parse_qsl

from infra.dev.doubles.stripe.errors import invalid


def decode(encoded: str) -> dict[str, Any]:
    root: dict[str, Any] = {}
    for name, value in parse_qsl(encoded, keep_blank_values=True):
        head, *rest = re.findall(r"[^\[\]]+|(?<=\[)(?=\])", name)
        _put(root, [head, *rest], value)
    decoded: dict[str, Any] = _lists(root)
    return decoded


def _put(place: dict[str, Any], path: list[str], value: str) -> None:
    for part in path[:-1]:
        place = place.setdefault(part, {})
    place[path[-1] or str(len(place))] = value


def _lists(value: Any) -> Any:
    """`{"0": a, "1": b}` is a list."""
    if not isinstance(value, dict):
        return value
    if value and all(key.isdigit() for key in value):
        return [_lists(value[key]) for key in sorted(value, key=int)]
    return {key: _lists(each) for key, each in value.items()}


def boolean(value: Any) -> bool:
    return str(value).lower() == "true"


def integer(value: Any, param: str) -> int:
    try:
        return int(value)
    except ValueError:
        raise invalid(f"Invalid integer: {value}", param) from None


def merged(metadata: dict[str, str], change: Any) -> dict[str, str]:
    """Stripe's rule: keys are added and replaced; an empty value removes a key, an empty whole removes all."""
    if not change:
        return {} if change == "" else metadata
    return {key: value for key, value in {**metadata, **change}.items() if value != ""}
