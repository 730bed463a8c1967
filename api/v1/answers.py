"""Answers (出欠) to an event: one's home's or own, and those entered for a home without a phone."""

from typing import Any

from django.shortcuts import get_object_or_404
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from api.shapes import DayField, LineField
from api.v1.occurrences import EventView, named
from api.views import endpoint
from tenants.calendar.models import Rsvp
from tenants.members.models import Household


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


class MyAnswer(EventView):
    @endpoint("Answer for one's household", takes=AnswerDraft, gives=AnswerShape)
    def put(self, request: Request, pk: int) -> Response:
        """The last answer holds."""
        return self.answer(AnswerShape, self.event(pk).answer(self.member, **self.body(AnswerDraft)))


class Proxy(EventView):
    @endpoint("Answer for a household without a phone", takes=ProxyDraft, gives=AnswerShape)
    def put(self, request: Request, pk: int, on: str) -> Response:
        """For its group's leader, or an officer; the answer says so."""
        told = self.body(ProxyDraft)
        home = get_object_or_404(Household.objects.known_to(self.member), pk=told.pop("household"))
        person = told.pop("person", None)
        told["person"] = get_object_or_404(home.members.present(), pk=person) if person else None
        return self.answer(AnswerShape, self.event(pk).answer_for(home, by=self.member, on=named(on), **told))
