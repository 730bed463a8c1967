"""A writer's own: drafts, what was withdrawn and the way back, and what a post said before each correction."""

from typing import Any

from django.shortcuts import get_object_or_404
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from api.shapes import MemberRef
from api.v1.posts import PostDetailShape, PostView
from api.views import endpoint
from tenants.feed.models import Post, PostVersion
from tenants.feed.models.posts import REASON_LENGTH


class VersionShape(Serializer[PostVersion]):
    number = serializers.IntegerField()
    title = serializers.CharField()
    body = serializers.CharField()
    by = MemberRef(help_text="Who replaced it.")
    at = serializers.DateTimeField(help_text="When it was replaced.")


class Drafts(PostView):
    @endpoint("One's drafts", gives=PostDetailShape(many=True))
    def get(self, request: Request) -> Response:
        """Seen by nobody else. A draft is a post without `publish_at`; giving it one publishes it."""
        return self.page(PostDetailShape, self.shown(Post.objects.drafts_of(self.member)))


class Withdrawn(PostView):
    @endpoint("What was withdrawn lately", gives=PostDetailShape(many=True))
    def get(self, request: Request) -> Response:
        return self.page(PostDetailShape, self.shown(Post.objects.withdrawn_for(self.member)))


class WithdrawalDraft(Serializer[Any]):
    reason = serializers.CharField(max_length=REASON_LENGTH, required=False, allow_blank=True)


class Withdrawal(PostView):
    @endpoint("Withdraw a post, with a reason", takes=WithdrawalDraft, status=204)
    def put(self, request: Request, pk: int) -> Response:
        """Nobody sees it any more; for thirty days it can be brought back. The reason is for those who may."""
        post: Any = get_object_or_404(Post.objects.looked_after_by(self.member), pk=pk)
        post.remove(by=self.member, **self.body(WithdrawalDraft))
        return Response(status=204)


class Restoration(PostView):
    @endpoint("Bring a withdrawn post back", status=204)
    def put(self, request: Request, pk: int) -> Response:
        """Within thirty days; what officers have hidden stays hidden."""
        get_object_or_404(Post.objects.withdrawn_for(self.member), pk=pk).restore(by=self.member)
        return Response(status=204)


class Versions(PostView):
    @endpoint("What it said before each correction", gives=VersionShape(many=True))
    def get(self, request: Request, pk: int) -> Response:
        """For those who look after it: its writer, and officers of what an office said."""
        post: Any = get_object_or_404(Post.objects.looked_after_by(self.member), pk=pk)
        return self.page(VersionShape, post.versions.select_related("by"))
