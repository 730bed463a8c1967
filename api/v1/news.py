"""How the caller hears of news, and the association's rule on comments and reactions."""

from typing import Any, ClassVar

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from api.shapes import VERSION, Versioned
from api.views import SiteView, endpoint
from tenants.feed.models import FeedRules, Receiving
from tenants.members.models import Act


class ReceivingShape(Serializer[Receiving]):
    choice = serializers.ChoiceField(choices=Receiving.Choice.choices)


class MyNews(SiteView):
    acts: ClassVar = {"GET": Act.MIND_ONESELF, "PUT": Act.MIND_ONESELF}

    @endpoint("How one hears of news", gives=ReceivingShape)
    def get(self, request: Request) -> Response:
        return self.answer(ReceivingShape, Receiving.of(self.member))

    @endpoint("Choose", takes=ReceivingShape, gives=ReceivingShape)
    def put(self, request: Request) -> Response:
        """now, daily or none; urgent news comes in any case."""
        mine = Receiving.of(self.member)
        mine.choose(self.body(ReceivingShape)["choice"])
        return self.answer(ReceivingShape, mine)


class RulesShape(Serializer[Any]):
    comments = serializers.BooleanField()
    reactions = serializers.BooleanField()
    version = serializers.IntegerField(help_text=VERSION)


class RulesChange(Versioned):
    comments = serializers.BooleanField()
    reactions = serializers.BooleanField()


class Rules(SiteView):
    @endpoint("Whether people comment and react here", gives=RulesShape)
    def get(self, request: Request) -> Response:
        return self.answer(RulesShape, FeedRules.now())

    @endpoint("Open or close them for every post", takes=RulesChange, gives=RulesShape)
    def put(self, request: Request) -> Response:
        """Officers."""
        return self.answer(RulesShape, FeedRules.lay_down(by=self.member, **self.change(RulesChange, whole=True)))
