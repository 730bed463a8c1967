"""Putting an event on the calendar, changing all of it or from one time on, calling it off."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tenants.calendar.models import Event, Occurrence
from tenants.calendar.models.telling import Tell
from tenants.members.models import Act
from web.access import member_required
from web.tenant.calendar.forms import CancelForm, EventForm, MoveForm
from web.tenant.calendar.views.event import occurrence_of, visible_event
from web.tenant.federation.page import leads
from web.tenant.page import SiteRequest, number, refusals, show


@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: SiteRequest) -> HttpResponse:
    if request.method != "POST":
        return _page(request, EventForm(member=request.member, leads=leads(request), initial=_beginning(request)))
    form = EventForm(request.POST, member=request.member, leads=leads(request))
    if form.is_valid():
        with refusals(form):
            event = Event.plan(by=request.member, **form.fields_of_event())
            messages.success(request, _("「%(title)s」をカレンダーに入れました。") % {"title": event.title})
            return redirect(event.next_occurrence().path)
    return _page(request, form)


def _beginning(request: SiteRequest) -> dict[str, Any]:
    """The day, or the community, one comes from, if one does; and what most events want."""
    usual = {"waiting_list": True, "answers_by": Event.AnswersBy.HOUSEHOLD, "remind": Event.Remind.DAY_BEFORE}
    day = {"on": request.GET["on"]} if "on" in request.GET else {}
    room = number(request.GET.get("community", ""))
    return usual | day | ({"audience": Event.Audience.COMMUNITY, "community": room} if room else {})


def _page(request: SiteRequest, form: EventForm, event: Event | None = None, **more: Any) -> HttpResponse:
    context = {"form": form, "event": event, **more}
    return show(request, "tenant/calendar/plan.html", tab="calendar", status=form.status, **context)


@member_required
@require_safe
def which(request: SiteRequest, pk: int) -> HttpResponse:
    """A series is to be changed: this time of it, this and those after it, or all."""
    occurrence = _changeable_on(request, pk)
    return show(request, "tenant/calendar/which.html", tab="calendar", event=occurrence.event, occurrence=occurrence)


@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: SiteRequest, pk: int) -> HttpResponse:
    """All of an event; with `?from=` that time of a series and those after it."""
    event, since = _changeable(request, pk), _since(request)
    given = request.POST if request.method == "POST" else None
    if since and given is None and (not event.rrule or event.occurrence_on(since) is None):
        raise Http404
    form = EventForm(given, member=request.member, leads=leads(request), of=event, since=since)
    if form.is_valid():
        with refusals(form):
            changed = _change(request, event, since, form.fields_of_event())
            messages.success(request, _("なおしました。"))
            return redirect(changed.next_occurrence().path)
    return _page(request, form, event, since=since)


def _since(request: SiteRequest) -> date | None:
    try:
        return date.fromisoformat(request.GET["from"]) if "from" in request.GET else None
    except ValueError as error:
        raise Http404 from error


def _change(request: SiteRequest, event: Event, since: date | None, fields: dict[str, Any]) -> Event:
    if since:
        return event.change_from(since, by=request.member, **fields)
    event.change(by=request.member, **fields)
    return event


def _changeable(request: SiteRequest, pk: int) -> Event:
    event = visible_event(request.member, pk)
    if not request.member.may_look_at(Act.CHANGE_EVENT, event):
        raise Http404
    return event


def _changeable_on(request: SiteRequest, pk: int) -> Occurrence:
    """One time of a series, by who may change it."""
    occurrence = occurrence_of(request, pk)
    if not occurrence.event.rrule or not request.member.may_look_at(Act.CHANGE_EVENT, occurrence.event):
        raise Http404
    return occurrence


@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def move(request: SiteRequest, pk: int) -> HttpResponse:
    """One time of a series at another hour or place."""
    occurrence = _changeable_on(request, pk)
    form = MoveForm(request.POST if request.method == "POST" else None, of=occurrence)
    if form.is_valid():
        with refusals(form):
            moved = occurrence.event.move(occurrence.on, by=request.member, **form.told())
            messages.success(request, _("この日だけ、変えました。答えはそのまま残っています。"))
            return redirect(moved.path)
    context = {"form": form, "event": occurrence.event, "occurrence": occurrence}
    return show(request, "tenant/calendar/move.html", tab="calendar", status=form.status, **context)


@member_required
@require_POST
def put_back(request: SiteRequest, pk: int) -> HttpResponse:
    occurrence = _changeable_on(request, pk)
    with refusals():
        occurrence.event.put_back(occurrence.on, by=request.member)
    messages.success(request, _("いつもの日時にもどしました。"))
    return redirect(occurrence.path)


@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: SiteRequest, pk: int) -> HttpResponse:
    """Asks once more, with the reason and who is to be told; the event stays on the calendar, marked."""
    event = _changeable(request, pk)
    occurrence = occurrence_of(request, pk)
    form = CancelForm(request.POST if request.method == "POST" else None, repeats=bool(event.rrule))
    if form.is_valid():
        with refusals(form):
            called_off = _call_off(request, occurrence, form.cleaned_data)
            messages.success(request, _("中止にしました。カレンダーには「中止」と出ます。"))
            return redirect(called_off.path)
    context = {"form": form, "event": event, "occurrence": occurrence}
    return show(request, "tenant/calendar/cancel.html", tab="calendar", status=422 if form.errors else 200, **context)


def _call_off(request: SiteRequest, occurrence: Occurrence, told: dict[str, Any]) -> Occurrence:
    event, scope = occurrence.event, told.get("scope") or "all"
    if scope == "following":
        event = event.part(occurrence.on, by=request.member)
    one = occurrence.on if scope == "one" else None
    event.cancel(
        by=request.member,
        reason=told["reason"],
        on=one,
        to=told["to"] or Tell.ANSWERED,
        urgent=told["urgent"],
    )
    return event.next_occurrence() if scope == "following" else occurrence
