"""The calendar in one's own phone: a private link that can be changed, and one event as a file."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from tenants.calendar import ical
from tenants.calendar.models import Event
from tenants.members.models import Member
from web.access import member_required, neighbour_required
from web.tenant.calendar.views.event import visible_event
from web.tenant.page import SiteRequest, show


@neighbour_required
@require_safe
def share(request: SiteRequest) -> HttpResponse:
    url = request.site.url(f"{reverse('calendar_feed')}?token={request.member.calendar_token}")
    subscribe = "webcal" + url.removeprefix("https").removeprefix("http")
    return show(request, "tenant/calendar/share.html", tab="calendar", url=url, subscribe=subscribe)


@neighbour_required
@require_http_methods(["GET", "HEAD", "POST"])
def revoke(request: SiteRequest) -> HttpResponse:
    """Asks once more; then the old link is worth nothing, and there is a new one."""
    if request.method != "POST":
        return show(request, "tenant/calendar/revoke.html", tab="calendar")
    request.member.revoke_calendar()
    messages.success(request, _("前のリンクを使えなくしました。新しいリンクができています。"))
    return redirect("calendar_share")


@require_safe
def calendar_feed(request: SiteRequest) -> HttpResponse:
    """What a phone's calendar asks for by itself: no session, the token is the key."""
    member = Member.objects.of_calendar(request.GET.get("token", ""))
    if member is None:
        raise Http404
    events = Event.objects.visible_to(member).prefetch_related("changes")
    return _file(ical.feed(events, name=request.site.name, host=request.site.host))


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
