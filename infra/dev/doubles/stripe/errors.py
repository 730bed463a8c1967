"""Errors in Stripe's shape."""

from typing import Any


class StripeError(Exception):
    def __init__(
        self,
        status: int,
        message: str,
        *,
        code: str | None = None,
        param: str | None = None,
        kind: str = "invalid_request_error",
    ) -> None:
        super().__init__(message)
        self.status = status
        fields = {"type": kind, "message": message, "code": code, "param": param}
        self.body: dict[str, Any] = {"error": {name: value for name, value in fields.items() if value is not None}}


def missing(param: str) -> StripeError:
    return StripeError(400, f"Missing required param: {param}.", code="parameter_missing", param=param)


def invalid(message: str, param: str) -> StripeError:
    return StripeError(400, message, param=param)


def not_found(kind: str, key: str, param: str = "id") -> StripeError:
    return StripeError(404, f"No such {kind}: '{key}'", code="resource_missing", param=param)
