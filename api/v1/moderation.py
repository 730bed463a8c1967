"""Telling the officers of a post or comment, and their answer: hide it, show it again, or leave it."""

from typing import Any

from django.shortcuts import get_object_or_404
from rest_framework import serializers
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from api.pagination import InOrder
from api.permissions import IsOfficer
from api.shapes import MemberRef
from api.v1.posts import PostView
from api.views import endpoint
from tenants.feed.models import Comment, Moderation, Post
from tenants.feed.models.feeds import PostQuerySet


class ReasonBody(Serializer[Any]):
    reason = serializers.CharField(max_length=500)


class ModerationShape(Serializer[Moderation]):
    id = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=Moderation.Kind.choices)
    post = serializers.IntegerField(source="post_id")
    comment = serializers.IntegerField(source="comment_id", allow_null=True)
    by = MemberRef()
    reason = serializers.CharField()
    at = serializers.DateTimeField()


class ThingView(PostView):
    """A post, or with `comment` in the address one of its comments."""

    def thing(self, among: PostQuerySet, pk: int, comment: int | None) -> Post | Comment:
        post = get_object_or_404(among, pk=pk)
        return get_object_or_404(post.comments.shown(), pk=comment) if comment else post


class Report(ThingView):
    @endpoint("Tell the officers", takes=ReasonBody, status=204)
    def post(self, request: Request, pk: int, comment: int | None = None) -> Response:
        """The author does not learn who told; one's second word replaces the first."""
        seen, reason = Post.objects.visible_to(self.member), self.body(ReasonBody)["reason"]
        Moderation.report(self.thing(seen, pk, comment), by=self.member, reason=reason)
        return Response(status=204)


class Hiding(ThingView):
    def get_permissions(self) -> list[BasePermission]:
        return [IsOfficer()]

    @endpoint("Hide it", takes=ReasonBody, gives=ModerationShape)
    def put(self, request: Request, pk: int, comment: int | None = None) -> Response:
        """The author is told the reason."""
        judged, reason = Post.objects.judged_by(self.member), self.body(ReasonBody)["reason"]
        hiding = Moderation.hide(self.thing(judged, pk, comment), by=self.member, reason=reason)
        return self.answer(ModerationShape, hiding)


class Reports(PostView):
    pagination_class = InOrder

    def get_permissions(self) -> list[BasePermission]:
        return [IsOfficer()]

    @endpoint("Reports no officer has answered, and what is hidden", gives=ModerationShape(many=True))
    def get(self, request: Request) -> Response:
        return self.page(ModerationShape, Moderation.objects.standing().with_things().order_by("pk"))


class Settlement(PostView):
    def get_permissions(self) -> list[BasePermission]:
        return [IsOfficer()]

    @endpoint("Leave what was reported, or show again what was hidden", status=204)
    def put(self, request: Request, pk: int) -> Response:
        get_object_or_404(Moderation.objects.standing().with_things(), pk=pk).take_back(by=self.member)
        return Response(status=204)
