"""One event on one day, and the answer of a home or a person."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tenants.calendar.models import Event, Guests, Occurrence, Rsvp, Turnout
from tenants.calendar.models.answers import WAITING
from tenants.calendar.models.telling import meant_to_come
from tenants.members.models import Act, Member
from web.access import member_required
from web.listing import Turning, turn
from web.once import each_time
from web.tenant.calendar.forms import AnswerForm
from web.tenant.calendar.views.month import entries_for
from web.tenant.page import SiteRequest, fragment, show

NAMED = 20  # homes or people, before a page of their own begins


@member_required
@require_safe
def event(request: SiteRequest, pk: int) -> HttpResponse:
    return _page(request, occurrence_of(request, pk))


def visible_event(member: Member, pk: int) -> Event:
    found: Event = get_object_or_404(Event.objects.visible_to(member).select_related("community", "author"), pk=pk)
    return found


def occurrence_of(request: SiteRequest, pk: int) -> Occurrence:
    """The event on the day that is named (`on`), or the next time it takes place; 404 on a day it does not."""
    found, on = visible_event(request.member, pk), request.POST.get("on") or request.GET.get("on", "")
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
    initial = {"companions": entry.answer.companions if entry.answer else 0}
    may_change = request.member.may_look_at(Act.CHANGE_EVENT, found)
    context: dict[str, Any] = {
        "event": found,
        "entry": entry,
        "occurrence": occurrence,
        "form": form or AnswerForm(initial=initial, event=found, answered=entry.answer),
        "may_change": may_change,
        "answers": _answers(occurrence, entry.turnout) if request.member.may_look_at(Act.SEE_ANSWERS) else (),
        "is_full": found.capacity is not None and entry.turnout.people >= found.capacity,
        "to_call": _to_call(request, occurrence) if may_change and occurrence.cancelled_at else None,
    }
    return show(request, "tenant/calendar/event.html", tab="calendar", status=status, **context)


@dataclass(frozen=True)
class Said:
    """An answer, how many gave it, and the first of them."""

    word: str
    label: str
    count: int
    first: Sequence[Rsvp]


def _answers(occurrence: Occurrence, turnout: Turnout) -> list[Said]:
    """Who said what, by answer: officers only. All of them stand on the page of answers."""
    rows = Guests(occurrence.event, occurrence.on).rows.select_related("household__group", "person", "member")
    words = [*Rsvp.Answer.choices, (WAITING, _("キャンセル待ち"))]
    counts = {word: getattr(turnout, word) for word, _label in words}
    return [
        Said(word, str(label), counts[word], list(rows.said(word).order_by("waiting_since", "pk")[:NAMED]))
        for word, label in words
        if counts[word]
    ]


def _to_call(request: SiteRequest, occurrence: Occurrence) -> Turning:
    """Whom no letter reaches: somebody has to tell them."""
    rows = meant_to_come(Guests(occurrence.event, occurrence.on).rows).unreached()
    return turn(request, rows.order_by("household__group__position", "pk"), NAMED, "call")


@member_required
@require_POST
@each_time
def rsvp(request: SiteRequest, pk: int) -> HttpResponse:
    """Saves at once. `on`, `companions` may stand in the address: on the calendar a button is all there is."""
    occurrence = occurrence_of(request, pk)
    answered = Guests(occurrence.event, occurrence.on).rows.own(request.member).first()
    typed = {"companions": request.GET.get("companions") or "0", **request.POST.dict()}
    form, saved = AnswerForm(typed, event=occurrence.event, answered=answered), None
    if form.is_valid():
        try:
            saved = occurrence.event.answer(request.member, on=occurrence.on, **form.told())
        except ValidationError as error:
            form.add_error(None, error.messages)
    if request.htmx:
        return _card(request, occurrence, form)
    if saved is None:
        return _page(request, occurrence, form, status=422)
    messages.success(request, said(saved))
    return redirect(occurrence.path)


def said(saved: Rsvp) -> str:
    """What now holds."""
    if saved.is_waiting:
        return _("いまは満員なので、キャンセル待ちです。席が空くと、参加に変わり、お知らせします。")
    return _("「%(answer)s」と答えました。") % {"answer": saved.get_answer_display()}


def _card(request: SiteRequest, occurrence: Occurrence, form: AnswerForm) -> HttpResponse:
    entry = entries_for(request.member, [occurrence])[0]
    problems = [message for errors in form.errors.values() for message in errors]
    status = 422 if problems else 200
    return fragment(request, "tenant/calendar/_entry.html", status=status, entry=entry, problems=problems)
