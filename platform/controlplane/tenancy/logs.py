"""Log lines: each says which association it is about, and none holds a secret, an address or a telephone number."""

import re
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


# What lets somebody in, or says who somebody is; a path, a complaint of PostgreSQL's or of a library may hold it.
_HIDDEN = (
    (re.compile(r"\.?[\w-]{2,}(?::|%3A)[A-Za-z0-9]{5,8}(?::|%3A)[\w-]{27,}"), "[token]"),  # what tenancy.sign gives
    (re.compile(r"(?<![\w-])[A-Za-z0-9]{4}(?:-[A-Za-z0-9]{4}){2}(?![\w-])"), "[code]"),  # an invitation
    (re.compile(r"[^\s@<>\"'(),;=\[\]]+@[\w.-]*\w"), "[address]"),  # also a password in a URL
    (re.compile(r"\+[0-9]{9,15}(?![0-9])|(?<![\w.-])0[0-9]{1,4}-[0-9]{1,4}-[0-9]{3,4}(?![\w-])"), "[number]"),
    (re.compile(r"(?<![\w.])0[5-9]0[0-9]{8}(?![\w.])"), "[number]"),
    (re.compile(r"\b(Token|Bearer) [\w.~+/=-]{16,}"), r"\1 [token]"),
    (re.compile(r"\b([\w-]*(?:token|signature|secret|password|session|csrf)[\w-]*=)[^&\s\"']+", re.I), r"\1[token]"),
)


def hide(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A structlog processor, the last before a line is written."""
    for name, value in event.items():
        if isinstance(value, str):
            event[name] = hidden(value)
    return event


def hidden(text: str) -> str:
    for secret, instead in _HIDDEN:
        text = secret.sub(instead, text)
    return text
