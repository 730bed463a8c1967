"""Filling the index with what it does not hold yet: after an upgrade, an import, a restore.

In small transactions, newest things first, so that nobody waits and what people look for most is found soonest. What is
done is in the index: to go on after an interruption is to begin again.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import datetime
from time import sleep
from typing import Any

from django.db.models import Exists, OuterRef

from tenants.search.models import Entry, put
from tenants.search.shelves import Shelf, Things, shelves

BATCH = 200
PAUSE = 0.05  # seconds before asking again for what others were writing
Bind = Callable[[], AbstractContextManager[None]]


def fill(bind: Bind, progress: Callable[[int], None] = lambda made: None) -> int:
    """Make the missing entries of the association that `bind` binds; returns how many. Call unbound."""
    made = 0
    for shelf in shelves():
        for number in _passes(bind, shelf):
            made += number
            progress(made)
    return made


def _passes(bind: Bind, shelf: Shelf) -> Iterator[int]:
    """Down the shelf in batches, and once more for as long as somebody kept a thing from being read."""
    below: int | None = None
    while True:
        with bind():
            things = _some_missing(shelf, below)
        yield len(things)
        below = min(things, default=None)
        if len(things) == BATCH:
            continue
        with bind():
            if not _missing(shelf).exists():
                return
        below = None
        sleep(PAUSE)


def _some_missing(shelf: Shelf, below: int | None) -> list[int]:
    """Index a few things and return their keys. Who withdraws or erases one of them waits until that is done.

    What others are writing is left for later: waiting for them, with some locked already, they might wait for us.
    """
    missing = _missing(shelf).filter(pk__lt=below) if below is not None else _missing(shelf)
    things = list(missing.select_for_update(of=("self",), skip_locked=True).order_by("-pk")[:BATCH])
    Entry.objects.bulk_create(map(shelf.entry, things), ignore_conflicts=True)  # what its own verb wrote is newer
    return [thing.pk for thing in things]


def _missing(shelf: Shelf) -> Things:
    return shelf.everything().filter(~Exists(Entry.objects.filter(kind=shelf.kind, object_id=OuterRef("pk"))))


def catch_up(bind: Bind, since: datetime) -> int:
    """Take up what changed since then without the index being told; returns how many entries. Call unbound."""
    made = fill(bind)
    for shelf in shelves():
        with bind():
            made += _correct(shelf, since) + _clear(shelf)
    return made


def _correct(shelf: Shelf, since: datetime) -> int:
    """What is being written just now is looked at the next time."""
    things = shelf.lately(since).select_for_update(of=("self",), skip_locked=True).order_by("pk")
    entries = [shelf.entry(thing) for thing in things]
    there = Entry.objects.filter(kind=shelf.kind, object_id__in=[entry.object_id for entry in entries])
    known = {entry.object_id: _said(entry) for entry in there}
    stale = [entry for entry in entries if known.get(entry.object_id) != _said(entry)]
    put(*stale)
    return len(stale)


def _said(entry: Entry) -> tuple[Any, ...]:
    return entry.at, entry.text, entry.grams


def _clear(shelf: Shelf) -> int:
    """Entries of what is no longer there."""
    there = Exists(shelf.everything().filter(pk=OuterRef("object_id")))
    return Entry.objects.filter(~there, kind=shelf.kind).delete()[0]
