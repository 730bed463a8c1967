"""What the association's short messages of this month came to, and what is left."""

from typing import Any, ClassVar

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from api.views import SiteView, endpoint
from controlplane.associations.models import Association
from controlplane.metering.models import Kind, Usage
from controlplane.outbox.models import Message
from controlplane.tenancy import public
from tenants.members.models import Act


class LineShape(Serializer[Any]):
    kind = serializers.ChoiceField(choices=Kind.choices)
    messages = serializers.IntegerField()
    parts = serializers.IntegerField(help_text="What is billed: one for 70 letters, then one for every 67.")
    yen = serializers.IntegerField()
    stopped = serializers.IntegerField(help_text="Not sent, because nothing was left.")


class UsageShape(Serializer[Any]):
    month = serializers.DateTimeField(help_text="When it began.")
    lines = LineShape(many=True)
    news_allowed = serializers.IntegerField(source="allowance.news", help_text="Parts a month, by the plan.")
    news_left = serializers.IntegerField()
    codes_allowed = serializers.IntegerField(source="allowance.codes", help_text="Parts a month, free in every plan.")
    codes_left = serializers.IntegerField()
    yen = serializers.IntegerField()
    budget_yen = serializers.IntegerField(help_text="What the month can cost at most.")
    mails = serializers.SerializerMethodField()

    def get_mails(self, usage: Usage) -> int:
        return Message.objects.mails_sent_since(usage.month)


class MessageUsage(SiteView):
    acts: ClassVar = {"GET": Act.SEE_USAGE}

    @endpoint("This month's messages", gives=UsageShape)
    def get(self, request: Request) -> Response:
        """For officers. At the end of an allowance short messages stop; mails go on."""
        with public():
            usage = Usage.of(Association.objects.get(pk=self.site.uuid))
        return self.answer(UsageShape, usage)
