"""Telling a database that is away, full or shutting down from a fault of ours: the one is a 503, the other a 500."""

import psycopg
from django.db import InterfaceError, OperationalError, connection

# Connections that break (class 08), servers that go, come or fail over (57P0x), no room left (class 53).
_AWAY = ("08", "57P0", "53")


def is_away(error: BaseException | None) -> bool:
    """Whether this comes from a database that could not be had; also what stumbled over it afterwards."""
    if connection.closed_in_transaction:  # it went away in the middle: what follows fails in ways of its own
        return True
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        if _says_away(error):
            return True
        seen.add(id(error))
        error = error.__cause__ or error.__context__
    return False


def _says_away(error: BaseException) -> bool:
    if isinstance(error, psycopg.Error) and error.sqlstate:
        return error.sqlstate.startswith(_AWAY)
    # Without a code it never came to the server, or came from it no more: refused, timed out, closed, the pool empty.
    return isinstance(error, (psycopg.OperationalError, psycopg.InterfaceError)) or (
        isinstance(error, (OperationalError, InterfaceError)) and error.__cause__ is None
    )
