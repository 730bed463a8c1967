"""How much one caller may ask for. Counted in the cache under the host's key; when it is down, nobody is kept out."""

from typing import cast

import structlog
from redis.exceptions import RedisError
from rest_framework.request import Request
from rest_framework.throttling import AnonRateThrottle, SimpleRateThrottle, UserRateThrottle
from rest_framework.views import APIView

from controlplane.accounts.limits import network_address
from controlplane.tenancy.cache import Cache

log = structlog.get_logger()


class _Steady(SimpleRateThrottle):
    """So many in each minute or hour by the clock: one number per caller, however much they ask."""

    duration: int
    num_requests: int

    def allow_request(self, request: Request, view: APIView) -> bool:
        key = self.get_cache_key(request, view)
        if key is None:
            return True
        window = int(self.timer() // self.duration)
        try:
            times = cast(Cache, self.cache).count(f"{key}:{window}", self.duration)
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
