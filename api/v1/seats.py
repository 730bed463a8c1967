"""Seats (役職) and who holds them from when to when."""

from typing import Any

from django.db.models import Prefetch
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from api.pagination import InOrder, NewestFirst
from api.permissions import IsMember, IsOfficer
from api.shapes import DayField, GroupRef, LineField, MemberRef, reachable
from api.views import SiteView, endpoint
from tenants.members.models import Group, Member, Seat, SeatTerm


class SeatShape(Serializer[Seat]):
    id = serializers.IntegerField()
    title = serializers.CharField()
    kind = serializers.ChoiceField(choices=Seat.Kind.choices)
    group = GroupRef(allow_null=True)
    holder = serializers.SerializerMethodField()

    @extend_schema_field(MemberRef(allow_null=True))
    def get_holder(self, seat: Seat) -> Any:
        held = seat.__dict__["now"]
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


class TermDraft(Serializer[Any]):
    member = reachable(Member, lambda member: Member.objects.admitted())
    on = DayField(required=False, help_text="Today unless given.")


class SeatView(SiteView):
    def get_permissions(self) -> list[BasePermission]:
        return [IsMember() if self.request.method == "GET" else IsOfficer()]

    def seats(self) -> Any:
        now = SeatTerm.objects.current().select_related("member")
        return Seat.objects.select_related("group").prefetch_related(Prefetch("terms", now, to_attr="now"))


class Seats(SeatView):
    pagination_class = InOrder

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

    @endpoint("Who held the seat", gives=TermShape(many=True))
    def get(self, request: Request, pk: int) -> Response:
        seat = get_object_or_404(Seat, pk=pk)
        return self.page(TermShape, seat.terms.select_related("member"))

    @endpoint("Hand the seat over", takes=TermDraft, gives=TermShape, status=201)
    def post(self, request: Request, pk: int) -> Response:
        """On a day: one term ends, the next begins. Only its holder gives the representative's seat away."""
        seat = get_object_or_404(Seat, pk=pk)
        if not seat.may_be_handed_over_by(self.member):
            raise PermissionError("This seat is not theirs to hand over.")
        given = self.body(TermDraft)
        return self.answer(TermShape, seat.hand_over(given.pop("member"), by=self.member, **given), status=201)
