"""The calendar in one's own phone: a private link that can be changed, and one event as a file."""

from datetime import timedelta
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from controlplane.associations.models import FederationDate, federation_dates_for
from controlplane.associations.models.federation_dates import touching
from controlplane.cities.models import CityDate, dates_for
from controlplane.rates import Cost, costs
from tenants.calendar import ical
from tenants.calendar.models import Event
from tenants.members.models import Member
from web.access import member_required, neighbour_required
from web.tenant.calendar.views.event import visible_event
from web.tenant.page import SiteRequest, show

PAST, AHEAD = timedelta(days=62), timedelta(days=400)  # of what city and federations tell
LAYERS = ("city", "federation")


@neighbour_required
@require_http_methods(["GET", "HEAD", "POST"])
def share(request: SiteRequest) -> HttpResponse:
    """The link, and what comes along with the association's own events: a button each, which saves at once."""
    without = _without(request.member)
    if request.method == "POST":
        request.member.leave_out_of_calendar((without ^ {request.POST.get("layer", "")}) & frozenset(LAYERS))
        return redirect("calendar_share")
    url = request.site.url(f"{reverse('calendar_feed')}?token={request.member.calendar_token}")
    subscribe = "webcal" + url.removeprefix("https").removeprefix("http")
    federated = federation_dates_for(request.site.uuid) is not None
    layers = [(name, name not in without) for name in LAYERS if name != "federation" or federated]
    return show(request, "tenant/calendar/share.html", tab="calendar", url=url, subscribe=subscribe, layers=layers)


def _without(member: Member) -> frozenset[str]:
    return frozenset(member.calendar_without.split(".")) & frozenset(LAYERS)


@neighbour_required
@require_http_methods(["GET", "HEAD", "POST"])
def revoke(request: SiteRequest) -> HttpResponse:
    """Asks once more; then the old link is worth nothing, and there is a new one."""
    if request.method != "POST":
        return show(request, "tenant/calendar/revoke.html", tab="calendar")
    request.member.revoke_calendar()
    messages.success(request, _("前のリンクを使えなくしました。新しいリンクができています。"))
    return redirect("calendar_share")


@costs(Cost.CALENDAR)
@require_safe
def calendar_feed(request: SiteRequest) -> HttpResponse:
    """What a phone's calendar asks for by itself: no session, the token is the key."""
    member = Member.objects.of_calendar(request.GET.get("token", ""))
    if member is None:
        raise Http404
    events = Event.objects.visible_to(member).for_phones()
    told = _told(request.site.uuid, _without(member))
    return _file(ical.feed(events, name=request.site.name, host=request.site.host, told=told))


def _told(uuid: UUID, without: frozenset[str]) -> list[CityDate | FederationDate]:
    """What city and federations tell, of a year and a little more."""
    today = timezone.localdate()
    since, until = today - PAST, today + AHEAD
    city = [] if "city" in without else dates_for(uuid, since, until)
    joint = [] if "federation" in without else touching(federation_dates_for(uuid) or (), since, until)
    return [*city, *joint]


@costs(Cost.CALENDAR)
@member_required
@require_safe
def event_file(request: SiteRequest, pk: int) -> HttpResponse:
    event = visible_event(request.member, pk)
    response = _file(ical.feed([event], name=request.site.name, host=request.site.host))
    response["Content-Disposition"] = f'attachment; filename="event-{pk}.ics"'
    return response


def _file(content: bytes) -> HttpResponse:
    response = HttpResponse(content, content_type="text/calendar; charset=utf-8")
    response["Cache-Control"] = "private, no-store"
    return response
