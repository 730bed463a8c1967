"""A person's calendar feed, for programs that look for it beside the other resources. The token is the key."""

from typing import Any

from django.http import Http404
from drf_spectacular.types import OpenApiTypes
from rest_framework import serializers
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from api.views import PublicView, endpoint
from controlplane.rates import Cost, costs
from tenants.calendar import ical
from tenants.calendar.models import Event
from tenants.members.models import Member


class CalendarRenderer(BaseRenderer):
    media_type = "text/calendar"
    format = "ics"
    charset = "utf-8"

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> bytes:
        return data if isinstance(data, bytes) else JSONRenderer().render(data)


class TokenQuery(Serializer[Any]):
    token = serializers.CharField(max_length=400, help_text="From `calendar_url` of `/me/`.")


@costs(Cost.CALENDAR)
class CalendarFeed(PublicView):
    authentication_classes = ()
    renderer_classes = (CalendarRenderer,)

    @endpoint("A person's events as iCalendar", gives=OpenApiTypes.STR, media_type="text/calendar", query=[TokenQuery])
    def get(self, request: Request) -> Response:
        """The same feed as `/calendar.ics` of the site."""
        member = Member.objects.of_calendar(self.query(TokenQuery)["token"])
        if member is None:
            raise Http404
        site: Any = request.site
        events = Event.objects.visible_to(member).for_phones()
        feed = ical.feed(events, name=site.name, host=site.host)
        return Response(feed, headers={"Cache-Control": "private, no-store"})
