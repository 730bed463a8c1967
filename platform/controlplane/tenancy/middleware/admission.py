"""How much a process works on at once. Whoever finds no place is told so in words, at once, instead of waiting in line.

A request that is being worked on holds one of WEB_PLACES places, and with it one of the process's connections to
PostgreSQL: both are bounded together (wsgi.py). A few wait a moment for a place; the others get 503 with Retry-After,
which costs so little that a flood of them leaves the places to those who have one. Answers and posts may wait where
pages no longer do: on the day of a disaster answers go first.

One association takes no more than half of the places, and waits with no more than a few requests, so that its waiting
takes nobody else's. While somebody is there who has used less lately, it may use only its share of the process's time,
measured as the processor's time its requests took; alone, or among others as busy, it may use all of it. Within its
share it then takes a quarter of the places, and each of its requests stands back, before it asks PostgreSQL for
anything, while one of theirs is at work. They share one interpreter, and both would take twice as long otherwise.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Condition
from typing import Any

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from controlplane.tenancy import routing
from controlplane.tenancy.middleware import HEALTH, READING, elsewhere

LET_IN = HEALTH - {"/certz"}  # a certificate may be asked for any name, and each is looked up
PATIENCE = 1.0  # seconds a request waits for a place
COMPANY = 2.0  # seconds after which an association is no longer thought to be there
# Seconds of work an association may be ahead of its share: for pages; for answers, to which what pages use up still
# leaves room; and counted at most, so that it is served again a second after a flood.
PAGES_AHEAD, ANSWERS_AHEAD, MOST_AHEAD = 0.5, 0.6, 0.65
STANDS_BACK = 0.25  # seconds of work an association has to be ahead of another by, to stand back for it
RETRY_AFTER = 10  # seconds


class Full(Exception):
    """There is no place, and no room to wait for one."""


@dataclass
class _Use:
    """What one association has of this process: requests at work, those that wait, and seconds it is ahead by."""

    working: int = 0
    waiting: int = 0
    ahead: float = 0.0
    looked_at: float = field(default_factory=lambda: time.monotonic())
    seen_at: float = field(default_factory=lambda: time.monotonic())

    def forgive(self, share: float) -> None:
        """Take off what the share has paid for since the last look."""
        now = time.monotonic()
        self.ahead = max(0.0, self.ahead - share * (now - self.looked_at))
        self.looked_at = now


class Places:
    """The places of one process. Threads ask for one and give it back; `key` says for which association."""

    def __init__(self, places: int, share: float) -> None:
        self.places, self.share = places, share
        self._uses: dict[str, _Use] = {}
        self._count: Counter[str] = Counter()  # working and waiting, over all
        self._free = Condition()

    @contextmanager
    def one(self, key: str, *, reading: bool, patience: float = PATIENCE) -> Iterator["Place"]:
        """Hold a place for this block; raise Full when none comes free in time."""
        self._take(key, reading, patience)
        started = time.thread_time()
        try:
            yield Place(self, key, reading, patience)
        finally:
            self._give_back(key, time.thread_time() - started)

    def _take(self, key: str, reading: bool, patience: float) -> None:
        with self._free:
            use = self._uses.setdefault(key, _Use())
            use.seen_at = time.monotonic()
            if not self._is_free_for(key, use, reading):
                self._wait(key, use, reading, patience)
            use.working += 1
            self._count["working"] += 1

    def _wait(self, key: str, use: _Use, reading: bool, patience: float) -> None:
        """Wait for a place; only so many do, pages fewer than answers, and of one association a quarter of those."""
        room = 2 * self.places if reading else 3 * self.places
        if self._count["waiting"] >= room or use.waiting >= max(1, room // 4):
            raise Full
        use.waiting += 1
        self._count["waiting"] += 1
        try:
            until = time.monotonic() + patience
            while not self._is_free_for(key, use, reading):
                left = until - time.monotonic()
                if left <= 0:
                    raise Full
                self._free.wait(min(left, 0.1))  # a share comes back with time alone, without anybody's notice
        finally:
            use.waiting -= 1
            self._count["waiting"] -= 1

    def _is_free_for(self, key: str, use: _Use, reading: bool) -> bool:
        """Whether one of this association may begin now.

        Hosts that are not known yet have no share, but half of the places like anybody: kept out by what others of them
        used, none of them would ever be known.
        """
        use.forgive(self.share)
        alone = not self.share or key == routing.ELSEWHERE or not self._has_company(use)
        part = 2 if alone or use.ahead <= STANDS_BACK else 4
        if self._count["working"] >= self.places or use.working >= max(1, self.places // part):
            return False
        return alone or use.ahead < (PAGES_AHEAD if reading else ANSWERS_AHEAD)

    def is_ahead(self, key: str) -> bool:
        """Whether its association has used enough here to stand back for others."""
        with self._free:
            use = self._uses[key]
            use.forgive(self.share)
            return use.ahead > STANDS_BACK

    def stand_back(self, key: str, patience: float) -> float:
        """Wait while somebody is at work who has used less; the seconds of patience that are left."""
        until = time.monotonic() + patience
        with self._free:
            use = self._uses[key]
            while patience > 0 and any(other.working for other in self._calmer_than(use)):
                self._free.wait(patience)
                patience = until - time.monotonic()
        return patience

    def _has_company(self, use: _Use) -> bool:
        """Whether somebody is there who has used less; where all are as busy, there is nobody to leave time to."""
        since = time.monotonic() - COMPANY
        return any(other.working or other.seen_at > since for other in self._calmer_than(use))

    def _calmer_than(self, use: _Use) -> Iterator[_Use]:
        return (other for other in self._uses.values() if other.ahead + STANDS_BACK < use.ahead)

    def _give_back(self, key: str, worked: float) -> None:
        with self._free:
            use = self._uses[key]
            use.forgive(self.share)
            use.ahead = min(use.ahead + worked, MOST_AHEAD)
            use.working -= 1
            self._count["working"] -= 1
            if len(self._uses) > 1000:
                self._forget()
            self._free.notify_all()

    def _forget(self) -> None:
        """Drop whom nothing is known of any more."""
        since = time.monotonic() - 60
        gone = [key for key, use in self._uses.items() if not (use.working or use.waiting) and use.seen_at < since]
        for key in gone:
            del self._uses[key]


@dataclass
class Place:
    """The place of one request, which in all stands back no longer than it would have waited to be let in.

    What changes something stands back before its first query only: after that it may hold locks.
    """

    places: Places
    key: str
    reading: bool
    patience: float

    @contextmanager
    def standing_back(self) -> Iterator[None]:
        if not self.places.share or not self.places.is_ahead(self.key):
            yield
            return
        with connection.execute_wrapper(self._before_a_query):
            yield

    def _before_a_query(self, execute: Callable[..., Any], *query: Any) -> Any:
        if self.patience > 0:
            left = self.places.stand_back(self.key, self.patience)
            self.patience = left if self.reading else 0
        return execute(*query)


class AdmissionMiddleware:
    """Stands before everything that touches data: what finds no place costs neither a connection nor a query."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.places = Places(settings.WEB_PLACES, settings.ASSOCIATION_SHARE)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info in LET_IN:
            return self.get_response(request)
        key = routing.known(request.META.get("HTTP_HOST", ""))
        try:
            with self.places.one(key, reading=request.method in READING) as place, place.standing_back():
                return self.get_response(request)
        except Full:
            return full(request)


def full(request: HttpRequest) -> HttpResponse:
    """503: everybody is busy; it will be over soon."""
    response = elsewhere.say_plainly(request, 503, "errors/full.html", _("いま、混み合っています"))
    response["Retry-After"] = str(RETRY_AFTER)
    response["Cache-Control"] = "no-store"
    return response
