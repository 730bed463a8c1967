"""The register of the API's endpoints. Each says which parameters it knows: like Stripe, the double refuses others, so
that a misspelt one does not pass here and fail in production."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from infra.dev.doubles.stripe.errors import StripeError
from infra.dev.doubles.stripe.shapes import Object

Params = dict[str, Any]
Action = TypeVar("Action", bound=Callable[..., Object])


@dataclass(frozen=True)
class Endpoint:
    method: str
    pattern: re.Pattern[str]
    accepts: frozenset[str]
    act: Callable[..., Object]


ENDPOINTS: list[Endpoint] = []


def endpoint(method: str, path: str, accepts: str = "") -> Callable[[Action], Action]:
    """Register `act(account, params, **ids)`; `{id}` in the path becomes a keyword."""
    pattern = re.compile(re.sub(r"{(\w+)}", r"(?P<\1>[^/]+)", path))

    def register(act: Action) -> Action:
        ENDPOINTS.append(Endpoint(method, pattern, frozenset([*accepts.split(), "expand"]), act))
        return act

    return register


def find(method: str, path: str) -> tuple[Endpoint, dict[str, str]]:
    for each in ENDPOINTS:
        match = each.pattern.fullmatch(path)
        if match and each.method == method:
            return each, match.groupdict()
    raise StripeError(404, f"Unrecognized request URL ({method}: {path}).")
