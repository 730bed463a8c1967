"""One time an event takes place: how it is told, and moving one of a series."""

from datetime import date
from typing import Any

from django.http import Http404
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from api.shapes import VERSION, CommunityRef, LineField, Versioned
from api.views import SiteView, endpoint
from tenants.calendar.models import Event, Occurrence, Rsvp, Turnout


class TurnoutShape(Serializer[Turnout]):
    """Households by answer, and the people that makes."""

    yes = serializers.IntegerField()
    no = serializers.IntegerField()
    maybe = serializers.IntegerField()
    people = serializers.IntegerField()


class Question(Serializer[Any]):
    """Asked with the answer; without choices the reply is free."""

    text = LineField(max_length=60)
    choices = serializers.ListField(child=LineField(max_length=60), max_length=8, required=False)


class OccurrenceShape(Serializer[Occurrence]):
    id = serializers.IntegerField(source="event.pk", help_text="The event's: each of its occurrences carries it.")
    on = serializers.DateField(help_text="Its day by rule, which an answer names; it stays when it is moved.")
    moved = serializers.BooleanField(source="is_moved", help_text="It takes place at another time or place, once.")
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    title = serializers.CharField(source="event.title")
    description = serializers.CharField(source="event.description", allow_blank=True)
    place = serializers.CharField(allow_blank=True)
    all_day = serializers.BooleanField(source="event.all_day")
    rrule = serializers.CharField(source="event.rrule", allow_blank=True)
    exdates = serializers.ListField(child=serializers.DateField(), source="event.exdates")
    capacity = serializers.IntegerField(source="event.capacity", allow_null=True)
    waiting_list = serializers.BooleanField(source="event.waiting_list")
    answers_by = serializers.ChoiceField(choices=Event.AnswersBy.choices, source="event.answers_by")
    questions = Question(many=True, source="event.questions")
    remind = serializers.ChoiceField(choices=Event.Remind.choices, source="event.remind")
    audience = serializers.ChoiceField(choices=Event.Audience.choices, source="event.audience")
    community = CommunityRef(source="event.community", allow_null=True)
    shared = serializers.BooleanField(
        source="event.shared", help_text="A federation's, shown on its members' calendars."
    )
    version = serializers.IntegerField(source="event.version", help_text=VERSION)
    move_version = serializers.IntegerField(
        source="version", help_text="How often this one time was moved or called off: the `version` of moving it."
    )
    cancelled_at = serializers.DateTimeField(allow_null=True)
    cancel_reason = serializers.CharField(allow_blank=True)
    turnout = serializers.SerializerMethodField()
    waiting = serializers.SerializerMethodField(help_text="How many answers wait for a place.")
    my_answer = serializers.SerializerMethodField(help_text="The caller's household's, or own where each answers.")

    @extend_schema_field(TurnoutShape)
    def get_turnout(self, occurrence: Occurrence) -> Any:
        return TurnoutShape(self.context["turnout"].get((occurrence.event.pk, occurrence.on), Turnout())).data

    @extend_schema_field(serializers.IntegerField())
    def get_waiting(self, occurrence: Occurrence) -> int:
        turnout: Turnout = self.context["turnout"].get((occurrence.event.pk, occurrence.on), Turnout())
        return turnout.waiting

    @extend_schema_field(serializers.ChoiceField(choices=Rsvp.Answer.choices, allow_null=True))
    def get_my_answer(self, occurrence: Occurrence) -> str | None:
        answer: str | None = self.context["answers"].get((occurrence.event.pk, occurrence.on))
        return answer


class MoveDraft(Versioned):
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    place = LineField(max_length=120, required=False, allow_blank=True, help_text="As before unless given.")
    note = LineField(max_length=200, required=False, allow_blank=True)
    tell_answered = serializers.BooleanField(required=False)


class EventView(SiteView):
    def event(self, pk: int) -> Event:
        event: Event = get_object_or_404(Event.objects.visible_to(self.member).select_related("community"), pk=pk)
        return event

    def answers(self, occurrences: list[Occurrence]) -> dict[str, Any]:
        """Everybody's answers to these occurrences in numbers, and the caller's household's own."""
        given = Rsvp.objects.for_occurrences(occurrences)
        mine = given.own(self.member).values_list("event", "occurs_on", "answer")
        return {"turnout": given.turnout(), "answers": {(event, on): answer for event, on, answer in mine}}

    def next_of(self, event: Event, status: int = 200) -> Response:
        return self.occurrence(event.next_occurrence(), status)

    def occurrence(self, coming: Occurrence, status: int = 200) -> Response:
        context = self.shape_context() | self.answers([coming])
        return Response(OccurrenceShape(coming, context=context).data, status=status)


class OneOccurrence(EventView):
    @endpoint("Move one time of a series", takes=MoveDraft, gives=OccurrenceShape)
    def put(self, request: Request, pk: int, on: str) -> Response:
        """Answers stay with it. `on` is its day by rule."""
        event, told = self.event(pk), self.change(MoveDraft, whole=True)
        told.setdefault("place", event.place)
        return self.occurrence(event.move(named(on), by=self.member, **told))

    def current(self) -> Any:
        found = self.event(self.kwargs["pk"]).occurrence_on(named(self.kwargs["on"]))
        return self.occurrence(found).data if found else None

    @endpoint("Put a moved time back", status=204)
    def delete(self, request: Request, pk: int, on: str) -> Response:
        self.event(pk).put_back(named(on), by=self.member)
        return Response(status=204)


def named(on: str) -> date:
    """The day an address names."""
    try:
        day = date.fromisoformat(on)
    except ValueError as error:
        raise Http404 from error
    if not 2000 <= day.year <= 2100:
        raise Http404
    return day
