"""How much one caller of the API may ask for: `controlplane.rates`, said in DRF's words."""

from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from controlplane import rates
from controlplane.accounts.limits import network_address
from controlplane.rates import Cost, TooOften


class CallerThrottle(BaseThrottle):
    """By the person who asks, or by the network address of who is not signed in; and by association."""

    seconds = 0

    def allow_request(self, request: Request, view: APIView) -> bool:
        try:
            rates.spend(self.cost(request, view), person=request.user.pk, address=network_address(request.META))
        except TooOften as refused:
            self.seconds = refused.seconds
            return False
        return True

    def cost(self, request: Request, view: APIView) -> Cost:
        return rates.cost_of(view, request.method, otherwise=Cost.API)

    def wait(self) -> float:
        return float(self.seconds)
