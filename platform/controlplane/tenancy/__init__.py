"""The only code that says "schema": binding, routing by host, tasks, cache keys, storage prefix, signed tokens."""

from controlplane.tenancy.binding import (
    At,
    Binding,
    Unbound,
    between_transactions,
    bound,
    bound_beside,
    current,
    current_or_none,
    current_uuid,
    goes_along,
    naming,
    public,
    snapshot,
    unbound,
)
from controlplane.tenancy.tokens import BadToken, Purpose, check_letters, sign, unsign

__all__ = [
    "At",
    "BadToken",
    "Binding",
    "Purpose",
    "Unbound",
    "between_transactions",
    "bound",
    "bound_beside",
    "check_letters",
    "current",
    "current_or_none",
    "current_uuid",
    "goes_along",
    "naming",
    "public",
    "sign",
    "snapshot",
    "unbound",
    "unsign",
]
