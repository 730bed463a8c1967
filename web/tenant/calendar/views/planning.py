"""Putting an event on the calendar, changing it, calling it off."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from tenants.calendar.models import Event
from web.access import member_required
from web.tenant.calendar.forms import CancelForm, EventForm, planned
from web.tenant.calendar.views.event import visible_event
from web.tenant.calendar.views.month import event_url
from web.tenant.page import SiteRequest, number, refusals, show


@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: SiteRequest) -> HttpResponse:
    if request.method != "POST":
        return _page(request, EventForm(member=request.member, initial=_beginning(request)))
    form = EventForm(request.POST, member=request.member)
    if form.is_valid():
        with refusals(form):
            event = Event.plan(by=request.member, **form.fields_of_event())
            messages.success(request, _("「%(title)s」をカレンダーに入れました。") % {"title": event.title})
            return redirect(event_url(event.next_occurrence()))
    return _page(request, form)


def _beginning(request: SiteRequest) -> dict[str, Any]:
    """The day, or the community, one comes from, if one does."""
    day = {"on": request.GET["on"]} if "on" in request.GET else {}
    room = number(request.GET.get("community", ""))
    return day | ({"audience": Event.Audience.COMMUNITY, "community": room} if room else {})


def _page(request: SiteRequest, form: EventForm, event: Event | None = None) -> HttpResponse:
    status = 422 if form.errors else 200
    return show(request, "tenant/calendar/plan.html", tab="calendar", status=status, form=form, event=event)


@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: SiteRequest, pk: int) -> HttpResponse:
    event = _changeable(request, pk)
    if request.method != "POST":
        return _page(request, EventForm(member=request.member, event=event, initial=planned(event)), event)
    form = EventForm(request.POST, member=request.member, event=event)
    if form.is_valid():
        with refusals(form):
            event.change(by=request.member, **form.fields_of_event())
            messages.success(request, _("なおしました。"))
            return redirect(event_url(event.next_occurrence()))
    return _page(request, form, event)


def _changeable(request: SiteRequest, pk: int) -> Event:
    event = visible_event(request.member, pk)
    if not event.may_change(request.member):
        raise Http404
    return event


@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: SiteRequest, pk: int) -> HttpResponse:
    """Asks once more, with the reason; the event stays on the calendar, marked."""
    event = _changeable(request, pk)
    form = CancelForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        with refusals(form):
            event.cancel(by=request.member, reason=form.cleaned_data["reason"])
            messages.success(request, _("中止にしました。カレンダーには「中止」と出ます。"))
            return redirect("event", pk=pk)
    status = 422 if form.errors else 200
    return show(request, "tenant/calendar/cancel.html", tab="calendar", status=status, form=form, event=event)
