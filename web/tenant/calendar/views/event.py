"""One event on one day, and the household's answer."""

from datetime import date

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tenants.calendar.models import Event, Occurrence, Rsvp
from tenants.members.models import Member
from web.access import member_required
from web.tenant.calendar.forms import AnswerForm
from web.tenant.calendar.views.month import entries_for, event_url
from web.tenant.page import SiteRequest, fragment, show


@member_required
@require_safe
def event(request: SiteRequest, pk: int) -> HttpResponse:
    return _page(request, _occurrence(request.member, pk, request.GET.get("on", "")))


def visible_event(member: Member, pk: int) -> Event:
    return get_object_or_404(Event.objects.visible_to(member).select_related("community", "author"), pk=pk)


def _occurrence(member: Member, pk: int, on: str) -> Occurrence:
    """The event on that day, or the next time it takes place; 404 on a day it does not."""
    found = visible_event(member, pk)
    if not on:
        return found.next_occurrence()
    try:
        occurrence = found.occurrence_on(date.fromisoformat(on))
    except ValueError as error:
        raise Http404 from error
    if occurrence is None:
        raise Http404
    return occurrence


def _page(
    request: SiteRequest, occurrence: Occurrence, form: AnswerForm | None = None, status: int = 200
) -> HttpResponse:
    found = occurrence.event
    entry = entries_for(request.member, [occurrence])[0]
    companions = entry.answer.companions if entry.answer else 0
    context = {
        "event": found,
        "entry": entry,
        "occurrence": occurrence,
        "form": form or AnswerForm(initial={"companions": companions}),
        "may_change": found.may_change(request.member),
        "answers": _answers(occurrence) if request.member.is_officer else (),
    }
    return show(request, "tenant/calendar/event.html", tab="calendar", status=status, **context)


def _answers(occurrence: Occurrence) -> list[tuple[str, list[Rsvp]]]:
    """Who said what, by answer: officers only."""
    rsvps = list(
        occurrence.event.rsvps.filter(occurs_on=occurrence.on).select_related("household__group").order_by("pk")
    )
    return [(answer.label, [rsvp for rsvp in rsvps if rsvp.answer == answer]) for answer in Rsvp.Answer]


@member_required
@require_POST
def rsvp(request: SiteRequest, pk: int) -> HttpResponse:
    """Saves at once. `on`, `companions` may stand in the address: on the calendar a button is all there is."""
    occurrence = _occurrence(request.member, pk, request.POST.get("on") or request.GET.get("on", ""))
    form = AnswerForm({"companions": request.GET.get("companions") or "0", **request.POST.dict()})
    if form.is_valid():
        try:
            occurrence.event.answer(request.member, on=occurrence.on, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error.messages)
    if request.htmx:
        return _card(request, occurrence, form)
    if form.errors:
        return _page(request, occurrence, form, status=422)
    said = Rsvp.Answer(form.cleaned_data["answer"]).label
    messages.success(request, _("「%(answer)s」と答えました。") % {"answer": said})
    return redirect(event_url(occurrence))


def _card(request: SiteRequest, occurrence: Occurrence, form: AnswerForm) -> HttpResponse:
    entry = entries_for(request.member, [occurrence])[0]
    problems = [message for errors in form.errors.values() for message in errors]
    status = 422 if problems else 200
    return fragment(request, "tenant/calendar/_entry.html", status=status, entry=entry, problems=problems)
