"""What a walk tries, undone again, so that the next try finds everything as it was."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction


@contextmanager
def undone() -> Iterator[None]:
    """A transaction of the test's own: a request inside may let go of its bindings as it does in the world."""
    block = transaction.atomic()
    block._from_testcase = True  # type: ignore[attr-defined]  # as Django marks those around its own test cases
    with block:
        yield
        transaction.set_rollback(True)
