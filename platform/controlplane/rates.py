"""How often one caller, and an association's people together, may ask for what costs something: pages and API alike.

A view says what it costs with `@costs(Cost.PAPER)`; one that says nothing is a page when it is read, an act when it is
sent. Counted in the cache by the minute, or in the time a rate names, under the bound association's key; when the cache
is away, nobody is kept out. A process lets the first few of a caller pass by its own count: whoever asks for little is
never looked up elsewhere.
"""

import time
from collections import Counter
from collections.abc import Callable
from enum import StrEnum
from threading import Lock
from typing import Any, NamedTuple, TypeVar, cast

from django.conf import settings
from django.core.cache import cache

from controlplane.tenancy import cache as tenancy_cache
from controlplane.tenancy import current
from controlplane.tenancy.middleware import READING

ALONE = 20  # a process counts a twentieth of what a caller may ask for by itself, then tells the others
View = TypeVar("View", bound=Callable[..., Any])


class Cost(StrEnum):
    PAGE = "page"  # opening something
    ACT = "act"  # sending a form
    SEARCH = "search"
    PAPER = "paper"  # a PDF made anew
    TABLE = "table"  # everything at once: a table to keep
    CALENDAR = "calendar"  # a calendar for another program, which asks by itself
    FILE = "file"  # a photo or document sent whole, or begun
    PIECE = "piece"  # a piece of one
    API = "api"
    APPLICATION = "application"  # an entry form: it mails somebody


class Rate(NamedTuple):
    """So often in `seconds`: one person, one network address where nobody is signed in, one association's people.

    Who is not signed in counts together too, apart from the members: strangers keep nobody out.
    """

    person: int
    address: int
    association: int
    seconds: int = 60


class TooOften(Exception):
    """More than the rate; a new count begins in so many seconds."""

    def __init__(self, seconds: int) -> None:
        super().__init__(seconds)
        self.seconds = seconds


def costs(cost: Cost) -> Callable[[View], View]:
    """Say what a view, a function or a class, costs."""

    def say(view: View) -> View:
        view.cost = cost  # type: ignore[attr-defined]
        return view

    return say


def cost_of(view: Any, method: str | None, *, otherwise: Cost | None = None) -> Cost:
    """What this view costs when it is asked like this."""
    said = getattr(view, "cost", None) or getattr(getattr(view, "cls", None), "cost", None)
    return said or otherwise or (Cost.PAGE if method in READING else Cost.ACT)


def spend(cost: Cost, *, person: object = None, address: str = "") -> None:
    """Count one for the caller and for the association; raise TooOften past either's rate."""
    rate = Rate(*settings.RATES[cost])
    who, own = (f"u{person}", rate.person) if person else (address, rate.address)
    _count(f"{cost}:{who}", own, rate.seconds)
    if current().uuid:  # the platform's own pages are for everybody
        _count(f"{cost}:{'members' if person else 'strangers'}", rate.association, rate.seconds)


def now() -> float:
    return time.time()


def _count(who: str, rate: int, seconds: int) -> None:
    if not settings.RATE_FACTOR:
        return
    most, window = int(rate * settings.RATE_FACTOR), int(now() // seconds)
    own, alone = _own.count(cache.make_key(who), seconds, window), most // ALONE
    if own <= alone:
        return
    shared = cast(tenancy_cache.Cache, cache)
    if shared.count(f"rate:{who}:{window}", seconds, own if own == alone + 1 else 1) > most:
        raise TooOften(int(seconds - now() % seconds) + 1)


class _Own:
    """What this process let pass in the current minute or hour."""

    def __init__(self) -> None:
        self._windows: dict[int, tuple[int, Counter[str]]] = {}
        self._lock = Lock()

    def count(self, key: str, seconds: int, window: int) -> int:
        with self._lock:
            then, counts = self._windows.get(seconds, (-1, Counter()))
            if then != window:
                counts = Counter()
                self._windows[seconds] = window, counts
            counts[key] += 1
            return counts[key]


_own = _Own()
