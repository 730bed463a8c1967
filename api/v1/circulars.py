"""Circulars: the household's own seal, and for leaders the houses that have not confirmed yet."""

from typing import Any, ClassVar

from django.shortcuts import get_object_or_404
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from api.pagination import InOrder
from api.v1.posts import PostView
from api.views import endpoint
from tenants.feed.models import Post, Round
from tenants.members.models import Act, Household


class RoundShape(Serializer[Round]):
    """In households."""

    total = serializers.IntegerField()
    confirmed = serializers.IntegerField()
    open = serializers.IntegerField()
    household_confirmed_at = serializers.SerializerMethodField()

    def get_household_confirmed_at(self, going: Round) -> str | None:
        seal = going.of_home(self.context["member"].household)
        return seal.at.isoformat() if seal else None


class OpenHome(Serializer[Household]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    channel = serializers.ChoiceField(choices=Household.Channel.choices)


class CircularView(PostView):
    def going(self, pk: int) -> Round:
        circulars = Post.objects.visible_to(self.member).filter(kind=Post.Kind.CIRCULAR)
        return get_object_or_404(circulars, pk=pk).round()


class MyConfirmation(CircularView):
    @endpoint("How a circular goes round", gives=RoundShape)
    def get(self, request: Request, pk: int) -> Response:
        return self.answer(RoundShape, self.going(pk))

    @endpoint("Press one's household's seal", gives=RoundShape)
    def put(self, request: Request, pk: int) -> Response:
        """Twice is once."""
        self.going(pk).confirm(self.member.household, by=self.member)
        return self.answer(RoundShape, self.going(pk))

    @endpoint("Take it back", status=204)
    def delete(self, request: Request, pk: int) -> Response:
        self.going(pk).take_back(self.member.household, by=self.member)
        return Response(status=204)


class Confirmations(CircularView):
    pagination_class = InOrder

    acts: ClassVar = {"GET": Act.SEE_REACH}

    @endpoint("Households that have not confirmed", gives=OpenHome(many=True))
    def get(self, request: Request, pk: int) -> Response:
        """Officers: all; leaders: those of their own groups."""
        return self.page(OpenHome, self.going(pk).open_homes(self.member).order_by("pk"))


class ConfirmationFor(CircularView):
    acts: ClassVar = {"PUT": Act.CONFIRM_FOR, "DELETE": Act.CONFIRM_FOR}

    @endpoint("Press the seal for a household one was told by", gives=RoundShape)
    def put(self, request: Request, pk: int, household: int) -> Response:
        self.going(pk).confirm(self._home(household), by=self.member)
        return self.answer(RoundShape, self.going(pk))

    @endpoint("Take that back", status=204)
    def delete(self, request: Request, pk: int, household: int) -> Response:
        self.going(pk).take_back(self._home(household), by=self.member)
        return Response(status=204)

    def _home(self, pk: int) -> Household:
        home: Any = get_object_or_404(Household.objects.known_to(self.member), pk=pk)
        return home  # type: ignore[no-any-return]
