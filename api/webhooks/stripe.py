"""Stripe's webhook: the raw body and its signature are kept, nothing more. The work is done afterwards."""

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from api.views import PublicView, endpoint
from billing.models import StripeEvent

SIGNATURE = OpenApiParameter("Stripe-Signature", str, OpenApiParameter.HEADER, required=True)


class StripeWebhook(PublicView):
    authentication_classes = ()
    throttle_classes = ()  # Stripe comes from few addresses, and a refused event is a late one

    @endpoint("Receive an event", takes={"application/json": OpenApiTypes.OBJECT}, status=200, query=[SIGNATURE])
    def post(self, request: Request) -> Response:
        """200: stored, once however often it comes. 400: not signed by our account for this mode, or too old."""
        StripeEvent.receive(request._request.body, request.headers.get("Stripe-Signature", ""))
        return Response(status=200)
