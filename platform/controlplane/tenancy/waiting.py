"""Waiting for other servers: never in a transaction, and shorter while somebody waits for a page.

Whoever speaks to a server other than PostgreSQL asks `refuse_in_transaction` first. An open transaction would hold its
rows, its locks and a connection of PostgreSQL for as long as the other server is silent. How long each is waited for is
said in the settings (`WAIT_...`).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import structlog
from django.conf import settings

from controlplane.tenancy.binding import open_transactions

log = structlog.get_logger()
_on_purpose: ContextVar[str] = ContextVar("kairan_waits_on_purpose", default="")
_for_a_page: ContextVar[bool] = ContextVar("kairan_waits_for_a_page", default=False)


class WaitsInTransaction(RuntimeError):
    """Another server was about to be asked while a transaction was open: see `between_transactions`."""


def refuse_in_transaction(what: str) -> None:
    """Raise when a transaction is open. In production it is logged and passes: late is better than never."""
    if not open_transactions() or _on_purpose.get():
        return
    if settings.DEVELOPMENT:
        raise WaitsInTransaction(f"{what} would be waited for with a transaction open: use between_transactions().")
    log.error("waits_in_transaction", what=what, stack_info=True)


@contextmanager
def waits_on_purpose(reason: str) -> Iterator[None]:
    """Where a transaction has to stay open over another server's answer. Say why nobody else waits for its locks."""
    token = _on_purpose.set(reason)
    try:
        yield
    finally:
        _on_purpose.reset(token)


@contextmanager
def for_a_page() -> Iterator[None]:
    """Somebody looks at a screen until this block ends: others are waited for less long."""
    token = _for_a_page.set(True)
    try:
        yield
    finally:
        _for_a_page.reset(token)


def is_for_a_page() -> bool:
    return _for_a_page.get()
