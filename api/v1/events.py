"""The calendar: occurrences in a window, planning, changing and calling off; the city's dates."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from api.pagination import Cut, Whole
from api.shapes import DayField, LineField, Versioned, reachable
from api.v1.city_dates import CityDateShape
from api.v1.occurrences import EventView, OccurrenceShape, Question
from api.views import endpoint
from controlplane.cities.models import dates_for
from tenants.calendar.models import Event
from tenants.calendar.models.telling import Tell
from tenants.communities.models import Community

SPAN = timedelta(days=62)  # when no end is given
LONGEST = timedelta(days=400)
MOST = 500  # occurrences in one answer: a daily event's in the longest window, and some
FAR = timedelta(days=3653)  # recurring events are followed from their first time on


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


class EventChange(Versioned, EventDraft):
    pass


class CancellationDraft(Serializer[Any]):
    reason = LineField(max_length=200, required=False, allow_blank=True)
    on = DayField(required=False, help_text="One time of a series; all of it unless given.")
    to = serializers.ChoiceField(choices=Tell.choices, required=False, help_text="Who is written to.")
    urgent = serializers.BooleanField(required=False, help_text="A short message too, where a number is known.")


class FromQuery(Serializer[Any]):
    def get_fields(self) -> dict[str, Any]:
        return {"from": DayField(required=False, help_text="This time of a series and those after it.")}


def _moment(name: str, meaning: str) -> OpenApiParameter:
    return OpenApiParameter(name, OpenApiTypes.STR, description=f"{meaning} A date, or a date and time with offset.")


WINDOW = [
    _moment("from", "Today unless given."),
    _moment("to", "62 days later unless given, at most 400; a date is included whole."),
]


class Events(EventView):
    pagination_class = Cut

    @endpoint("Occurrences in a window, in order", gives=OccurrenceShape(many=True), query=WINDOW)
    def get(self, request: Request) -> Response:
        """Recurring events are expanded: one entry for each time they take place, 500 at most; see `cut`."""
        found = Event.objects.visible_to(self.member).between(*window(request.query_params.dict()), MOST)
        return self.page(OccurrenceShape, found, **self.answers(found))

    @endpoint("Plan an event", takes=EventDraft, gives=OccurrenceShape, status=201)
    def post(self, request: Request) -> Response:
        """Officers and leaders for everyone, members inside their communities."""
        return self.next_of(Event.plan(by=self.member, **self.body(EventDraft)), status=201)


class EventDetail(EventView):
    @endpoint("One event, at its next occurrence", gives=OccurrenceShape)
    def get(self, request: Request, pk: int) -> Response:
        return self.next_of(self.event(pk))

    @endpoint("Change an event", takes=EventChange, gives=OccurrenceShape, query=[FromQuery])
    def patch(self, request: Request, pk: int) -> Response:
        """All of it; with `from` that time of a series and those after it, which become an event of their own."""
        event, since = self.event(pk), self.query(FromQuery).get("from")
        if since:
            return self.next_of(event.change_from(since, by=self.member, **self.change(EventChange)))
        event.change(by=self.member, **self.change(EventChange))
        return self.next_of(event)


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
