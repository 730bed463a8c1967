"""Filling the index with what it does not hold yet: after an upgrade, an import, a restore.

In small transactions, newest things first, so that nobody waits and what people look for most is found soonest. What is
done is in the index: to go on after an interruption is to begin again.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager

from django.db.models import Exists, OuterRef

from tenants.search.models import Entry
from tenants.search.shelves import Shelf, shelves

BATCH = 200


def fill(bind: Callable[[], AbstractContextManager[None]], progress: Callable[[int], None] = lambda made: None) -> int:
    """Make the missing entries of the association that `bind` binds; returns how many. Call unbound."""
    made = 0
    for shelf in shelves():
        lowest: int | None = None
        more = True
        while more:
            with bind():
                things = _some_missing(shelf, lowest)
            made += len(things)
            more = len(things) == BATCH
            lowest = min(things, default=None)
            progress(made)
    return made


def _some_missing(shelf: Shelf, below: int | None) -> list[int]:
    """Index a few things and return their keys. They are locked: who withdraws or erases one waits, or was faster."""
    missing = shelf.everything().filter(~Exists(Entry.objects.filter(kind=shelf.kind, object_id=OuterRef("pk"))))
    further = missing.filter(pk__lt=below) if below is not None else missing
    things = list(further.select_for_update(of=("self",)).order_by("-pk")[:BATCH])
    Entry.objects.bulk_create(map(shelf.entry, things), ignore_conflicts=True)  # what its own verb wrote is newer
    return [thing.pk for thing in things]
