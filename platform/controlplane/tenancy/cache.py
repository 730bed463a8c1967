"""Cache keys carry the association; a key asked for outside a binding raises."""

from typing import Any, cast

from django.core.cache.backends.redis import RedisCache, RedisCacheClient

from controlplane.tenancy.binding import current


def association_key(key: str, key_prefix: str, version: int) -> str:
    """KEY_FUNCTION of the default cache."""
    return f"{key_prefix}:{current().key}:{version}:{key}"


def routing_key(key: str, key_prefix: str, version: int) -> str:
    """KEY_FUNCTION of the routing cache, the one that is read before a binding exists: host → site."""
    return f"{key_prefix}:routing:{version}:{key}"


class KeptClient(RedisCacheClient):
    """Django makes a new client for every command, which costs more than the command; these are kept."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._clients: dict[int, Any] = {}

    def get_client(self, key: Any = None, *, write: bool = False) -> Any:
        index = self._get_connection_pool_index(write)  # type: ignore[attr-defined]  # not in the stubs
        if index not in self._clients:
            self._clients[index] = super().get_client(key, write=write)
        return self._clients[index]

    def count(self, key: str, seconds: int, more: int) -> int:
        """Count and return how many there were; the first starts the clock after which all are forgotten."""
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
        """Count one or more under the bound association's key, for so many seconds from the first; returns the sum."""
        client = cast(KeptClient, self._cache)
        return client.count(self.make_and_validate_key(key), seconds, more)
