"""Telling the officers of a post or comment, and their answer: hide it, show it again, or leave it."""

from typing import Any, ClassVar

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from api.pagination import InOrder
from api.shapes import MemberRef
from api.v1.posts import PostView
from api.views import endpoint
from tenants.feed.models import Comment, Moderation, Post
from tenants.feed.models.feeds import PostQuerySet
from tenants.members.models import Act


class ReasonBody(Serializer[Any]):
    reason = serializers.CharField(max_length=500)


class ModerationShape(Serializer[Moderation]):
    id = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=Moderation.Kind.choices)
    post = serializers.IntegerField(source="post_id")
    comment = serializers.IntegerField(source="comment_id", allow_null=True)
    by = serializers.SerializerMethodField(help_text="Null of a report, for others than the officers.")
    title = serializers.CharField(source="post.title", help_text="Of the post.")
    text = serializers.CharField(source="thing.body", help_text="What was said: for who judges it and is not there.")
    attachments = serializers.SerializerMethodField(help_text="Of the post, by id.")
    reason = serializers.CharField()
    at = serializers.DateTimeField()

    @extend_schema_field(serializers.ListField(child=serializers.IntegerField()))
    def get_attachments(self, row: Moderation) -> list[int]:
        return [] if row.comment_id else [file.pk for file in row.post.attachments.all()]

    @extend_schema_field(MemberRef(allow_null=True))
    def get_by(self, row: Moderation) -> Any:
        secret = row.kind == Moderation.Kind.REPORT and not self.context["member"].may(Act.SEE_REPORTS)
        return None if secret else MemberRef(row.by).data


class ThingView(PostView):
    """A post, or with `comment` in the address one of its comments."""

    def thing(self, among: PostQuerySet, pk: int, comment: int | None) -> Post | Comment:
        post = get_object_or_404(among, pk=pk)
        return post if comment is None else get_object_or_404(post.comments.shown(), pk=comment)


class Report(ThingView):
    @endpoint("Tell the officers", takes=ReasonBody, status=204)
    def post(self, request: Request, pk: int, comment: int | None = None) -> Response:
        """The author does not learn who told; one's second word replaces the first."""
        seen, reason = Post.objects.visible_to(self.member), self.body(ReasonBody)["reason"]
        Moderation.report(self.thing(seen, pk, comment), by=self.member, reason=reason)
        return Response(status=204)


class Hiding(ThingView):
    @endpoint("Hide it", takes=ReasonBody, gives=ModerationShape)
    def put(self, request: Request, pk: int, comment: int | None = None) -> Response:
        """For officers, and for a community's moderators what was reported there. The author is told the reason."""
        judged, reason = Post.objects.judged_by(self.member), self.body(ReasonBody)["reason"]
        hiding = Moderation.hide(self.thing(judged, pk, comment), by=self.member, reason=reason)
        return self.answer(ModerationShape, hiding)


class JudgingView(PostView):
    acts: ClassVar = {"GET": Act.SETTLE, "PUT": Act.SETTLE}

    def standing(self) -> Any:
        return Moderation.objects.standing().judged_by(self.member).with_things().prefetch_related("post__attachments")


class Reports(JudgingView):
    pagination_class = InOrder

    @endpoint("Reports nobody has answered, and what is hidden", gives=ModerationShape(many=True))
    def get(self, request: Request) -> Response:
        """Officers: all; a community's moderators: those about what others said there."""
        return self.page(ModerationShape, self.standing().order_by("pk"))


class Settlement(JudgingView):
    @endpoint("Leave what was reported, or show again what was hidden", status=204)
    def put(self, request: Request, pk: int) -> Response:
        """Moderators show again what they hid themselves; the rest is the officers'."""
        get_object_or_404(self.standing(), pk=pk).take_back(by=self.member)
        return Response(status=204)
