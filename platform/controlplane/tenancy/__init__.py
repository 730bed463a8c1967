"""The only code that says "schema": binding, routing by host, tasks, cache keys, storage prefix, signed tokens."""

from controlplane.tenancy.binding import (
    Binding,
    Unbound,
    bound,
    current,
    current_or_none,
    current_uuid,
    public,
    unbound,
)
from controlplane.tenancy.tokens import BadToken, Purpose, check_letters, sign, unsign

__all__ = [
    "BadToken",
    "Binding",
    "Purpose",
    "Unbound",
    "bound",
    "check_letters",
    "current",
    "current_or_none",
    "current_uuid",
    "public",
    "sign",
    "unbound",
    "unsign",
]
