"""What its federations show on an association's calendar."""

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from api.pagination import Whole
from api.v1.events import WINDOW, window
from api.v1.occurrences import EventView
from api.views import endpoint
from controlplane.associations.models import FederationDate, federation_dates_for
from controlplane.associations.models.federation_dates import touching


class FederationDateShape(Serializer[FederationDate]):
    id = serializers.CharField(source="uid")
    federation = serializers.CharField(help_text="Its name.")
    title = serializers.CharField()
    place = serializers.CharField(allow_blank=True)
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    all_day = serializers.BooleanField()
    called_off = serializers.BooleanField()


class FederationDates(EventView):
    pagination_class = Whole

    @endpoint("What its federations show the association", gives=FederationDateShape(many=True), query=WINDOW)
    def get(self, request: Request) -> Response:
        """Only of federations whose notices its officers have accepted."""
        start, end = window(request.query_params.dict())
        shown = federation_dates_for(self.site.uuid) or ()
        return self.page(FederationDateShape, touching(shown, timezone.localdate(start), timezone.localdate(end)))
