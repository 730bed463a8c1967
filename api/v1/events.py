"""The calendar: occurrences in a window, events, answers (出欠), calling off."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from api.pagination import Whole
from api.shapes import CommunityRef, DayField, LineField, reachable
from api.v1.city_dates import CityDateShape
from api.views import SiteView, endpoint
from controlplane.cities.models import dates_for
from tenants.calendar.models import Event, Occurrence, Rsvp, Turnout
from tenants.calendar.models.telling import Tell
from tenants.communities.models import Community
from tenants.members.models import Household

SPAN = timedelta(days=62)  # when no end is given
LONGEST = timedelta(days=400)
FAR = timedelta(days=3653)  # recurring events are followed from their first time on


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


class EventDraft(Serializer[Any]):
    title = LineField(max_length=120)
    description = serializers.CharField(max_length=5000, required=False, allow_blank=True)
    place = LineField(max_length=120, required=False, allow_blank=True)
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    all_day = serializers.BooleanField(required=False)
    rrule = serializers.CharField(max_length=200, required=False, allow_blank=True, help_text="RFC 5545: FREQ=…")
    exdates = serializers.ListField(child=DayField(), max_length=400, required=False)
    capacity = serializers.IntegerField(min_value=1, max_value=100_000, required=False, allow_null=True)
    waiting_list = serializers.BooleanField(required=False, help_text="Else who comes too late is refused.")
    answers_by = serializers.ChoiceField(choices=Event.AnswersBy.choices, required=False)
    questions = Question(many=True, required=False, help_text="At most two.")
    remind = serializers.ChoiceField(
        choices=Event.Remind.choices, required=False, help_text="0 never, 1 the evening before, 2 and two hours before."
    )
    audience = serializers.ChoiceField(choices=Event.Audience.choices, required=False)
    community = reachable(Community, Community.objects.writable_by, required=False, allow_null=True)
    shared = serializers.BooleanField(
        required=False, help_text="On the members' calendars, too. A federation's officers."
    )

    def validate_exdates(self, days: list[date]) -> list[str]:
        return [day.isoformat() for day in days]

    def validate_questions(self, questions: list[Any]) -> list[dict[str, Any]]:
        return [{"text": each.get("text"), "choices": list(each.get("choices", []))} for each in questions]


class AnswerDraft(Serializer[Any]):
    answer = serializers.ChoiceField(choices=Rsvp.Answer.choices)
    companions = serializers.IntegerField(min_value=0, max_value=20, required=False)
    on = DayField(required=False, help_text="Which occurrence; the next one unless given.")
    replies = serializers.DictField(
        child=LineField(max_length=200, allow_blank=True), required=False, help_text="By the text of the question."
    )


class ProxyDraft(Serializer[Any]):
    """What a home said at the door (代理). Its group's leader, or an officer."""

    household = serializers.IntegerField(min_value=1, max_value=2**31)
    person = serializers.IntegerField(min_value=1, max_value=2**31, required=False)
    answer = serializers.ChoiceField(choices=Rsvp.Answer.choices)
    companions = serializers.IntegerField(min_value=0, max_value=20, required=False)


class AnswerShape(Serializer[Rsvp]):
    answer = serializers.ChoiceField(choices=Rsvp.Answer.choices)
    companions = serializers.IntegerField()
    on = serializers.DateField(source="occurs_on")
    waiting = serializers.BooleanField(source="is_waiting", help_text="In line for a place.")
    by_proxy = serializers.BooleanField()


class CancellationDraft(Serializer[Any]):
    reason = LineField(max_length=200, required=False, allow_blank=True)
    on = DayField(required=False, help_text="One time of a series; all of it unless given.")
    to = serializers.ChoiceField(choices=Tell.choices, required=False, help_text="Who is written to.")
    urgent = serializers.BooleanField(required=False, help_text="A short message too, where a number is known.")


class MoveDraft(Serializer[Any]):
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    place = LineField(max_length=120, required=False, allow_blank=True, help_text="As before unless given.")
    note = LineField(max_length=200, required=False, allow_blank=True)
    tell_answered = serializers.BooleanField(required=False)


class FromQuery(Serializer[Any]):
    def get_fields(self) -> dict[str, Any]:
        return {"from": DayField(required=False, help_text="This time of a series and those after it.")}


def _moment(name: str, meaning: str) -> OpenApiParameter:
    return OpenApiParameter(name, OpenApiTypes.STR, description=f"{meaning} A date, or a date and time with offset.")


WINDOW = [
    _moment("from", "Today unless given."),
    _moment("to", "62 days later unless given, at most 400; a date is included whole."),
]


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


class Events(EventView):
    pagination_class = Whole

    @endpoint("Occurrences in a window, in order", gives=OccurrenceShape(many=True), query=WINDOW)
    def get(self, request: Request) -> Response:
        """Recurring events are expanded: one entry for each time they take place."""
        found = Event.objects.visible_to(self.member).between(*window(request.query_params.dict()))
        return self.page(OccurrenceShape, found, **self.answers(found))

    @endpoint("Plan an event", takes=EventDraft, gives=OccurrenceShape, status=201)
    def post(self, request: Request) -> Response:
        """Officers and leaders for everyone, members inside their communities."""
        return self.next_of(Event.plan(by=self.member, **self.body(EventDraft)), status=201)


class EventDetail(EventView):
    @endpoint("One event, at its next occurrence", gives=OccurrenceShape)
    def get(self, request: Request, pk: int) -> Response:
        return self.next_of(self.event(pk))

    @endpoint("Change an event", takes=EventDraft, gives=OccurrenceShape, query=[FromQuery])
    def patch(self, request: Request, pk: int) -> Response:
        """All of it; with `from` that time of a series and those after it, which become an event of their own."""
        event, since = self.event(pk), self.query(FromQuery).get("from")
        if since:
            return self.next_of(event.change_from(since, by=self.member, **self.body(EventDraft, partial=True)))
        event.change(by=self.member, **self.body(EventDraft, partial=True))
        return self.next_of(event)


class OneOccurrence(EventView):
    @endpoint("Move one time of a series", takes=MoveDraft, gives=OccurrenceShape)
    def put(self, request: Request, pk: int, on: str) -> Response:
        """Answers stay with it. `on` is its day by rule."""
        event, told = self.event(pk), self.body(MoveDraft)
        told.setdefault("place", event.place)
        return self.occurrence(event.move(_named(on), by=self.member, **told))

    @endpoint("Put a moved time back", status=204)
    def delete(self, request: Request, pk: int, on: str) -> Response:
        self.event(pk).put_back(_named(on), by=self.member)
        return Response(status=204)


class Proxy(EventView):
    @endpoint("Answer for a household without a phone", takes=ProxyDraft, gives=AnswerShape)
    def put(self, request: Request, pk: int, on: str) -> Response:
        """For its group's leader, or an officer; the answer says so."""
        told = self.body(ProxyDraft)
        home = get_object_or_404(Household.objects.known_to(self.member), pk=told.pop("household"))
        person = told.pop("person", None)
        told["person"] = get_object_or_404(home.members.present(), pk=person) if person else None
        return self.answer(AnswerShape, self.event(pk).answer_for(home, by=self.member, on=_named(on), **told))


class MyAnswer(EventView):
    @endpoint("Answer for one's household", takes=AnswerDraft, gives=AnswerShape)
    def put(self, request: Request, pk: int) -> Response:
        """The last answer holds."""
        return self.answer(AnswerShape, self.event(pk).answer(self.member, **self.body(AnswerDraft)))


class Cancellation(EventView):
    @endpoint("Call an event off", takes=CancellationDraft, gives=OccurrenceShape)
    def post(self, request: Request, pk: int) -> Response:
        """It stays on the calendar, marked."""
        event = self.event(pk)
        told = self.body(CancellationDraft)
        event.cancel(by=self.member, **told)
        called_off = event.occurrence_on(told["on"]) if "on" in told else None
        return self.occurrence(called_off) if called_off else self.next_of(event)


class CityDates(EventView):
    pagination_class = Whole

    @endpoint("What the city tells its associations", gives=CityDateShape(many=True), query=WINDOW)
    def get(self, request: Request) -> Response:
        """Events and deadlines of the whole city and of the association's own ward."""
        start, end = window(request.query_params.dict())
        told = dates_for(self.site.uuid, timezone.localdate(start), timezone.localdate(end))
        return self.page(CityDateShape, told)


def _named(on: str) -> date:
    """The day an address names."""
    try:
        day = date.fromisoformat(on)
    except ValueError as error:
        raise Http404 from error
    if not 2000 <= day.year <= 2100:
        raise Http404
    return day


def window(query: dict[str, Any]) -> tuple[datetime, datetime]:
    try:
        start = _read("from", query.get("from"), time.min) or _midnight(timezone.localdate())
        end = _read("to", query.get("to"), time.max) or start + SPAN
        longest = start + LONGEST
    except OverflowError as error:
        raise serializers.ValidationError({"from": _("日付が読み取れません。")}) from error
    if abs(start - timezone.now()) > FAR:
        raise serializers.ValidationError({"from": _("前後10年のあいだにしてください。")})
    if not start < end <= longest:
        raise serializers.ValidationError({"to": _("「から」より後で、400日以内にしてください。")})
    return start, end


def _read(name: str, typed: str | None, edge: time) -> datetime | None:
    if not typed:
        return None
    try:
        text = typed.replace(" ", "+")  # an offset's plus sign that nobody escaped
        moment = parse_datetime(text) if len(text) > len("2026-04-01") else None
        day = None if moment else parse_date(text)
    except ValueError:
        moment = day = None
    if moment is None and day is None:
        raise serializers.ValidationError({name: _("日付が読み取れません。例：2026-04-01")})
    read = moment or datetime.combine(day or date.min, edge)
    return timezone.make_aware(read) if timezone.is_naive(read) else read


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
