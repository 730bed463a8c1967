"""Answers home by home, entered for those without a phone (代理); the list to print, and as a table."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from controlplane.rates import Cost, costs
from controlplane.spreadsheet import as_csv
from tenants.calendar.models import Event, Guests, Occurrence, Rsvp, RsvpQuerySet
from tenants.members.models import Act, Household, Member
from web.access import allowed_to, member_required
from web.listing import Turning, csv_download, turn
from web.once import changeable
from web.tenant.calendar.forms import AnsweredFilter, ProxyForm
from web.tenant.calendar.views.event import occurrence_of, said
from web.tenant.page import SiteRequest, refusals, show

HOMES = 30  # on one page


@dataclass(frozen=True)
class Row:
    """Somebody who may answer, a home or a person of it, with the answer there is."""

    home: Household
    person: Member | None
    answer: Rsvp | None

    @property
    def who(self) -> Household | Member:
        return self.person or self.home


@allowed_to(Act.ANSWER_FOR)
@require_safe
def answers(request: SiteRequest, pk: int) -> HttpResponse:
    """The homes this person looks after, each with three buttons."""
    occurrence = occurrence_of(request, pk)
    guests = Guests(occurrence.event, occurrence.on)
    form = AnsweredFilter(request.GET, viewer=request.member, guests=guests)
    homes = form.narrow(Household.objects.known_to(request.member).select_related("group"))
    turning = turn(request, homes, HOMES)
    context: dict[str, Any] = {
        "event": occurrence.event,
        "occurrence": occurrence,
        "form": form,
        "turning": turning,
        "rows": _rows(occurrence, turning),
    }
    return show(request, "tenant/calendar/answers.html", tab="calendar", **context)


def _rows(occurrence: Occurrence, turning: Turning) -> list[Row]:
    homes = list(turning.page)
    found = Guests(occurrence.event, occurrence.on).rows.filter(household__in=homes).select_related("member")
    given = {(rsvp.household_id, rsvp.person_id): rsvp for rsvp in found}
    if occurrence.event.answers_by == Event.AnswersBy.HOUSEHOLD:
        return [Row(home, None, given.get((home.pk, None))) for home in homes]
    people = Member.objects.admitted().filter(household__in=homes).order_by("pk")
    return [
        Row(home, person, given.get((home.pk, person.pk)))
        for home in homes
        for person in people
        if person.household_id == home.pk
    ]


@allowed_to(Act.ANSWER_FOR)
@require_POST
@changeable
def answer_for(request: SiteRequest, pk: int) -> HttpResponse:
    """Saves at once, and comes back to the row."""
    occurrence, form = occurrence_of(request, pk), ProxyForm(request.POST)
    if not form.is_valid():
        raise Http404
    told = form.cleaned_data
    home = get_object_or_404(Household.objects.known_to(request.member), pk=told["household"])
    person = get_object_or_404(home.members.present(), pk=told["person"]) if told["person"] else None
    try:
        with refusals():
            saved = occurrence.event.answer_for(
                home,
                told["answer"],
                by=request.member,
                on=occurrence.on,
                person=person,
                companions=told["companions"] or 0,
            )
        messages.success(request, f"{person or home}：{said(saved)}")
    except ValidationError as error:
        messages.error(request, f"{person or home}：{''.join(error.messages)}")
    return redirect(_back(request, occurrence))


def _back(request: SiteRequest, occurrence: Occurrence) -> str:
    """The same page of the same list."""
    where = request.GET.copy()
    where["on"] = occurrence.on.isoformat()
    return f"{reverse('event_answers', args=[occurrence.event.pk])}?{where.urlencode()}"


@member_required
@require_safe
def attendance(request: SiteRequest, pk: int) -> HttpResponse:
    """Who comes, in large print, to tick off at the meeting place. For officers and who planned it."""
    occurrence = _own(request, pk)
    coming = _every(occurrence).filter(answer=Rsvp.Answer.YES)
    rows = sorted(coming, key=lambda row: row.is_waiting)  # who waits for a place comes last
    people = sum(row.people for row in rows if not row.is_waiting)
    context = {"event": occurrence.event, "occurrence": occurrence, "rows": rows, "people": people}
    context["remarks"] = any(row.replies for row in rows)
    return show(request, "tenant/calendar/attendance.html", tab="calendar", **context)


@costs(Cost.TABLE)
@member_required
@require_safe
def attendance_csv(request: SiteRequest, pk: int) -> HttpResponse:
    occurrence = _own(request, pk)
    questions = [question["text"] for question in occurrence.event.questions]
    head = [_("組"), _("世帯"), _("お名前"), _("出欠"), _("人数"), *questions, _("代理で答えた人")]
    rows = (_line(row, questions) for row in _every(occurrence).iterator())
    content = as_csv(chain([head], rows))
    return csv_download(content, f"event-{pk}-{occurrence.on:%Y%m%d}.csv")


def _line(row: Rsvp, questions: Sequence[str]) -> list[object]:
    replies = [row.replies.get(question, "") for question in questions]
    people = row.people if row.answer == Rsvp.Answer.YES else ""
    proxy = row.member.name if row.by_proxy else ""
    group = row.household.group.name if row.household.group else ""
    return [group, str(row.household), row.person.name if row.person else "", row.said, people, *replies, proxy]


def _own(request: SiteRequest, pk: int) -> Occurrence:
    occurrence = occurrence_of(request, pk)
    if not request.member.may_look_at(Act.CHANGE_EVENT, occurrence.event):
        raise Http404
    return occurrence


def _every(occurrence: Occurrence) -> RsvpQuerySet:
    rows = Guests(occurrence.event, occurrence.on).rows.select_related("household__group", "person", "member")
    return rows.order_by("household__group__position", "household__name", "pk")
