"""How much one caller may ask for. Counted in the cache under the host's key; when it is down, nobody is kept out.

A process lets the first few of a caller pass by its own count: whoever asks for little is never looked up elsewhere.
"""

from collections import Counter
from threading import Lock
from typing import cast

import structlog
from redis.exceptions import RedisError
from rest_framework.request import Request
from rest_framework.throttling import AnonRateThrottle, SimpleRateThrottle, UserRateThrottle
from rest_framework.views import APIView

from controlplane.accounts.limits import network_address
from controlplane.tenancy.cache import Cache

ALONE = 20  # a process counts a twentieth of what a caller may ask for by itself, then tells the others
log = structlog.get_logger()


class _Own:
    """What this process let pass in the current minute or hour."""

    def __init__(self) -> None:
        self._windows: dict[int, tuple[int, Counter[str]]] = {}
        self._lock = Lock()

    def count(self, key: str, duration: int, window: int) -> int:
        with self._lock:
            then, counts = self._windows.get(duration, (-1, Counter()))
            if then != window:
                counts = Counter()
                self._windows[duration] = window, counts
            counts[key] += 1
            return counts[key]


_own = _Own()


class _Steady(SimpleRateThrottle):
    """So many in each minute or hour by the clock: one number per caller, however much they ask."""

    duration: int
    num_requests: int

    def allow_request(self, request: Request, view: APIView) -> bool:
        key = self.get_cache_key(request, view)
        if key is None:
            return True
        window, cache = int(self.timer() // self.duration), cast(Cache, self.cache)
        own, alone = _own.count(cache.make_key(key), self.duration, window), self.num_requests // ALONE
        if own <= alone:
            return True
        try:
            times = cache.count(f"{key}:{window}", self.duration, own if own == alone + 1 else 1)
        except (RedisError, OSError) as error:
            log.warning("throttle_cache_unreachable", error=str(error))
            return True
        return times <= self.num_requests

    def wait(self) -> float:
        return float(self.duration - self.timer() % self.duration)

    def get_ident(self, request: Request) -> str:
        return network_address(request.META)


class AnyoneThrottle(_Steady, AnonRateThrottle):
    pass


class PersonThrottle(_Steady, UserRateThrottle):
    pass


class ApplyThrottle(_Steady):
    """Sending applications in: each mails somebody."""

    scope = "apply"
    rate = "60/hour"

    def get_cache_key(self, request: Request, view: APIView) -> str | None:
        return f"throttle_apply_{self.get_ident(request)}" if request.method == "POST" else None
