"""Communities, entering and leaving them, and the requests at their doors."""

from typing import Any

from django.shortcuts import get_object_or_404
from rest_framework import serializers
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from api.pagination import InOrder, LatelyMovedFirst
from api.permissions import IsMember, IsOfficer
from api.shapes import LineField, MemberRef
from api.views import SiteView, endpoint
from tenants.communities.models import Community, Membership


class CommunityShape(Serializer[Community]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    description = serializers.CharField(allow_blank=True)
    access = serializers.ChoiceField(choices=Community.Access.choices)
    members = serializers.IntegerField(source="member_count")
    standing = serializers.ChoiceField(choices=Membership.State.choices, allow_null=True, help_text="The caller's own.")
    created_at = serializers.DateTimeField()
    last_activity_at = serializers.DateTimeField()


class CommunityDraft(Serializer[Any]):
    name = LineField(max_length=40)
    description = serializers.CharField(max_length=300, required=False, allow_blank=True)
    access = serializers.ChoiceField(choices=Community.Access.choices, required=False)


class MembershipShape(Serializer[Membership]):
    state = serializers.ChoiceField(choices=Membership.State.choices)
    since = serializers.DateTimeField()


class RequestShape(Serializer[Membership]):
    member = MemberRef()
    since = serializers.DateTimeField()


class CommunityView(SiteView):
    def visible(self) -> Any:
        return Community.objects.visible_to(self.member).with_standing(self.member)

    def community(self, pk: int) -> Community:
        found: Community = get_object_or_404(self.visible(), pk=pk)
        return found


class Communities(CommunityView):
    pagination_class = LatelyMovedFirst

    def get_permissions(self) -> list[BasePermission]:
        return [IsMember() if self.request.method == "GET" else IsOfficer()]

    @endpoint("Communities", gives=CommunityShape(many=True))
    def get(self, request: Request) -> Response:
        return self.page(CommunityShape, self.visible())

    @endpoint("Start a community", takes=CommunityDraft, gives=CommunityShape, status=201)
    def post(self, request: Request) -> Response:
        """Officers."""
        community = Community.start(by=self.member, **self.body(CommunityDraft))
        return self.answer(CommunityShape, self.community(community.pk), status=201)


class CommunityDetail(CommunityView):
    @endpoint("One community", gives=CommunityShape)
    def get(self, request: Request, pk: int) -> Response:
        return self.answer(CommunityShape, self.community(pk))


class MyMembership(CommunityView):
    @endpoint("Enter, or ask to", gives=MembershipShape)
    def put(self, request: Request, pk: int) -> Response:
        return self.answer(MembershipShape, self.community(pk).join(self.member))

    @endpoint("Leave", status=204)
    def delete(self, request: Request, pk: int) -> Response:
        self.community(pk).leave(self.member)
        return Response(status=204)


class Requests(CommunityView):
    permission_classes = (IsOfficer,)
    pagination_class = InOrder

    @endpoint("Who waits at the door", gives=RequestShape(many=True))
    def get(self, request: Request, pk: int) -> Response:
        return self.page(RequestShape, self.community(pk).requests())


class RequestAnswer(CommunityView):
    permission_classes = (IsOfficer,)

    @endpoint("Let somebody in", status=204)
    def put(self, request: Request, pk: int, member: int) -> Response:
        waiting = get_object_or_404(self.community(pk).requests(), member=member)
        waiting.community.let_in(waiting.member, by=self.member)
        return Response(status=204)

    @endpoint("Turn a request down", status=204)
    def delete(self, request: Request, pk: int, member: int) -> Response:
        waiting = get_object_or_404(self.community(pk).requests(), member=member)
        waiting.community.turn_away(waiting.member, by=self.member)
        return Response(status=204)
