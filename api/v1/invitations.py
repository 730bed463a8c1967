"""Invitations: a link and a short code that let somebody in without an officer's approval."""

from typing import Any, ClassVar

from django.shortcuts import get_object_or_404
from django.urls import reverse
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from api.shapes import GroupRef, SeatRef, reachable
from api.views import SiteView, endpoint
from tenants.members.models import Act, Group, Invitation, Seat


class InvitationShape(Serializer[Invitation]):
    id = serializers.IntegerField()
    hint = serializers.CharField(help_text="The code's first letters, to tell invitations apart.")
    group = GroupRef(allow_null=True)
    seat = SeatRef(allow_null=True)
    uses = serializers.IntegerField(source="max_uses")
    used = serializers.IntegerField()
    invited_by = serializers.CharField()
    expires_at = serializers.DateTimeField()
    is_open = serializers.BooleanField()


class NewInvitationShape(InvitationShape):
    code = serializers.CharField(help_text="Shown once.")
    url = serializers.CharField(help_text="The link for this code.")


class InvitationDraft(Serializer[Any]):
    group = reachable(Group, lambda member: member.led_groups(), required=False, allow_null=True)
    seat = reachable(Seat, Seat.objects.handed_over_by, required=False, allow_null=True)
    uses = serializers.IntegerField(min_value=1, max_value=500, required=False)
    days = serializers.IntegerField(min_value=1, max_value=90, required=False)


class Invitations(SiteView):
    acts: ClassVar = {"GET": Act.INVITE, "POST": Act.INVITE}

    @endpoint("Invitations", gives=InvitationShape(many=True))
    def get(self, request: Request) -> Response:
        """Officers see all, leaders those into their own groups."""
        return self.page(InvitationShape, Invitation.objects.known_to(self.member).select_related("group", "seat"))

    @endpoint("Invite", takes=InvitationDraft, gives=NewInvitationShape, status=201)
    def post(self, request: Request) -> Response:
        """Officers invite to anything below them, leaders into their own groups."""
        invitation, code = self.member.invite(**self.body(InvitationDraft))
        shown = InvitationShape(invitation).data
        return Response({**shown, "code": code, "url": self.site.url(reverse("invite", args=[code]))}, status=201)


class InvitationDetail(SiteView):
    acts: ClassVar = {"DELETE": Act.WITHDRAW_INVITATION}

    @endpoint("Withdraw an invitation", status=204)
    def delete(self, request: Request, pk: int) -> Response:
        get_object_or_404(Invitation.objects.known_to(self.member), pk=pk).withdraw(by=self.member)
        return Response(status=204)
