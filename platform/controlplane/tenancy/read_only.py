"""Reading without a way to write: PostgreSQL itself refuses, whatever the code above does."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction
from psycopg.errors import ReadOnlySqlTransaction


@contextmanager
def read_only() -> Iterator[None]:
    """Until its end nothing in this transaction writes; neither savepoints nor bindings inside can lift it.

    What was written before stays, also when the block fails: it is a savepoint of its own.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('transaction_read_only', 'on', true)")
        yield


def was_refused(error: BaseException) -> bool:
    """Whether this is PostgreSQL's no to somebody who wrote while only reading."""
    return isinstance(error.__cause__, ReadOnlySqlTransaction)
