"""Log context: every line says which association it is about."""

from collections.abc import MutableMapping
from typing import Any

from controlplane.tenancy.binding import current_or_none


def add_association(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A structlog processor; `-` means nothing is bound."""
    binding = current_or_none()
    if binding:
        event["association"] = binding.key
    else:
        event.setdefault("association", "-")
    return event
