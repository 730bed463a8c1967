"""Cache keys carry the association; a key asked for outside a binding raises.

A cache that is away has nothing in it: nobody who asks has to mind, and nobody waits for it twice (`Breaker`).
"""

from collections.abc import Callable
from threading import Lock
from time import monotonic
from typing import Any, TypeVar, cast

import structlog
from django.conf import settings
from django.core.cache.backends.redis import RedisCache, RedisCacheClient
from redis.exceptions import RedisError

from controlplane.tenancy.binding import current

Answer = TypeVar("Answer")
log = structlog.get_logger()


def association_key(key: str, key_prefix: str, version: int) -> str:
    """KEY_FUNCTION of the default cache."""
    return f"{key_prefix}:{current().key}:{version}:{key}"


def routing_key(key: str, key_prefix: str, version: int) -> str:
    """KEY_FUNCTION of the routing cache, the one that is read before a binding exists: host → site."""
    return f"{key_prefix}:routing:{version}:{key}"


class Breaker:
    """Leaves a server alone for some seconds after it has failed, then has one ask while the others go on without."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._away = False
        self._until = 0.0

    def ask(self, question: Callable[[], Answer], otherwise: Answer) -> Answer:
        """The answer, or `otherwise` while the server is away."""
        if self._away and not self._may_probe():
            return otherwise
        try:
            answer = question()
        except (RedisError, OSError) as error:
            self._failed(error)
            return otherwise
        if self._away:
            self._away = False
            log.info("cache_is_back")
        return answer

    def _may_probe(self) -> bool:
        with self._lock:
            if monotonic() < self._until:
                return False
            self._until = monotonic() + settings.REST_CACHE
            return True

    def _failed(self, error: Exception) -> None:
        with self._lock:
            self._until = monotonic() + settings.REST_CACHE
            before, self._away = self._away, True
        if not before:  # once, not for each who asks
            log.warning("cache_unreachable", error=str(error))


_breakers: dict[tuple[str, ...], Breaker] = {}  # of this process, by servers: Django makes a client for each thread


class KeptClient(RedisCacheClient):
    """Django makes a new client for every command, which costs more than the command; these are kept.

    Every command of the cache passes here, and is answered as by an empty cache while the server is away.
    """

    def __init__(self, servers: list[str], *args: Any, **kwargs: Any) -> None:
        super().__init__(servers, *args, **kwargs)
        self._clients: dict[int, Any] = {}
        self._breaker = _breakers.setdefault(tuple(servers), Breaker())

    def get_client(self, key: Any = None, *, write: bool = False) -> Any:
        index = self._get_connection_pool_index(write)  # type: ignore[attr-defined]  # not in the stubs
        if index not in self._clients:
            self._clients[index] = super().get_client(key, write=write)
        return self._clients[index]

    def add(self, key: Any, value: Any, timeout: Any) -> bool:
        return self._breaker.ask(lambda: super(KeptClient, self).add(key, value, timeout), False)

    def get(self, key: Any, default: Any) -> Any:
        return self._breaker.ask(lambda: super(KeptClient, self).get(key, default), default)

    def set(self, key: Any, value: Any, timeout: Any) -> None:
        self._breaker.ask(lambda: super(KeptClient, self).set(key, value, timeout), None)

    def touch(self, key: Any, timeout: Any) -> bool:
        return self._breaker.ask(lambda: super(KeptClient, self).touch(key, timeout), False)

    def delete(self, key: Any) -> bool:
        return self._breaker.ask(lambda: super(KeptClient, self).delete(key), False)

    def get_many(self, keys: Any) -> dict[Any, Any]:
        return self._breaker.ask(lambda: super(KeptClient, self).get_many(keys), {})

    def has_key(self, key: Any) -> bool:
        return self._breaker.ask(lambda: super(KeptClient, self).has_key(key), False)

    def incr(self, key: Any, delta: Any) -> Any:
        """Like any number nobody has put there, one that is away is counted from nothing."""
        return self._breaker.ask(lambda: super(KeptClient, self).incr(key, delta), delta)

    def set_many(self, data: Any, timeout: Any) -> None:
        self._breaker.ask(lambda: super(KeptClient, self).set_many(data, timeout), None)

    def delete_many(self, keys: Any) -> None:
        self._breaker.ask(lambda: super(KeptClient, self).delete_many(keys), None)

    def clear(self) -> bool:
        return self._breaker.ask(lambda: super(KeptClient, self).clear(), False)

    def count(self, key: str, seconds: int, more: int) -> int:
        """Count and return how many there were; the first starts the clock after which all are forgotten."""
        return self._breaker.ask(lambda: self._count(key, seconds, more), more)

    def _count(self, key: str, seconds: int, more: int) -> int:
        client = self.get_client(key, write=True)
        times = int(client.incr(key, more))
        if times == more:
            client.expire(key, seconds)
        return times


class Cache(RedisCache):
    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = KeptClient

    def count(self, key: str, seconds: int, more: int = 1) -> int:
        """Count one or more under the bound association's key, for so many seconds from the first; returns the sum.

        While the cache is away only what is counted now: whoever sets a limit by it lets everybody pass.
        """
        client = cast(KeptClient, self._cache)
        return client.count(self.make_and_validate_key(key), seconds, more)
