"""Seats (役職) and who holds them from when to when."""

from typing import Any, ClassVar

from django.db.models import Prefetch
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from api.pagination import InOrder, NewestFirst
from api.shapes import DayField, GroupRef, LineField, MemberRef, Versioned, reachable
from api.views import SiteView, endpoint
from tenants.members.models import Act, Group, Member, Seat, SeatTerm, only


class SeatShape(Serializer[Seat]):
    id = serializers.IntegerField()
    title = serializers.CharField()
    kind = serializers.ChoiceField(choices=Seat.Kind.choices)
    group = GroupRef(allow_null=True)
    holder = serializers.SerializerMethodField(help_text="For officers; null for others, and while nobody holds it.")
    version = serializers.IntegerField(help_text="It rises with each handover; name it when you hand over.")

    @extend_schema_field(MemberRef(allow_null=True))
    def get_holder(self, seat: Seat) -> Any:
        held = seat.__dict__["now"] if self.context["member"].may(Act.SEE_SEATS) else ()
        return MemberRef(held[0].member).data if held else None


class SeatDraft(Serializer[Any]):
    title = LineField(max_length=40)
    kind = serializers.ChoiceField(choices=Seat.Kind.choices)
    group = reachable(Group, lambda member: Group.objects.all(), required=False, allow_null=True)


class TermShape(Serializer[SeatTerm]):
    id = serializers.IntegerField()
    member = MemberRef()
    starts_on = serializers.DateField()
    ends_on = serializers.DateField(allow_null=True, help_text="This day no longer counts.")


class TermDraft(Versioned):
    member = reachable(Member, lambda member: Member.objects.admitted())
    on = DayField(required=False, help_text="Today unless given.")


class SeatView(SiteView):
    def seats(self) -> Any:
        now = SeatTerm.objects.current().select_related("member")
        return Seat.objects.select_related("group").prefetch_related(Prefetch("terms", now, to_attr="now"))


class Seats(SeatView):
    pagination_class = InOrder
    acts: ClassVar = {"POST": Act.MAKE_SEAT}

    @endpoint("Seats and their holders", gives=SeatShape(many=True))
    def get(self, request: Request) -> Response:
        return self.page(SeatShape, self.seats())

    @endpoint("Make a seat", takes=SeatDraft, gives=SeatShape, status=201)
    def post(self, request: Request) -> Response:
        """Officers. There is one representative: that seat is handed over, never made."""
        seat = Seat.objects.add(by=self.member, **self.body(SeatDraft))
        return self.answer(SeatShape, self.seats().get(pk=seat.pk), status=201)


class Terms(SeatView):
    pagination_class = NewestFirst
    acts: ClassVar = {"GET": Act.SEE_SEATS, "POST": Act.HAND_OVER}

    @endpoint("Who held the seat", gives=TermShape(many=True))
    def get(self, request: Request, pk: int) -> Response:
        """Officers."""
        seat = get_object_or_404(Seat, pk=pk)
        return self.page(TermShape, seat.terms.select_related("member"))

    @endpoint("Hand the seat over", takes=TermDraft, gives=TermShape, status=201)
    def post(self, request: Request, pk: int) -> Response:
        """On a day: one term ends, the next begins. Only its holder gives the representative's seat away."""
        seat = get_object_or_404(Seat, pk=pk)
        only(self.member, Act.HAND_OVER, seat)
        given = self.change(TermDraft, whole=True)
        return self.answer(TermShape, seat.hand_over(given.pop("member"), by=self.member, **given), status=201)

    def current(self) -> Any:
        """The seat, with who has it now."""
        return SeatShape(self.seats().get(pk=self.kwargs["pk"]), context=self.shape_context()).data
