"""What people do with a post: comment, react, read. And its delivery: whom it has reached."""

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from api.pagination import InOrder
from api.permissions import IsLeader
from api.shapes import GroupRef, MemberRef
from api.v1.posts import CountsShape, PostView
from api.views import endpoint
from controlplane.associations.features import Feature, FeatureOff
from tenants.feed.models import Comment, Post, Reaction
from tenants.feed.models.delivery import Delivery, GroupReach
from tenants.members.models import Household


class CommentShape(Serializer[Comment]):
    id = serializers.IntegerField()
    author = MemberRef()
    body = serializers.CharField()
    created_at = serializers.DateTimeField()


class CommentDraft(Serializer[Any]):
    body = serializers.CharField(max_length=2000)


class Comments(PostView):
    pagination_class = InOrder

    @endpoint("Comments, oldest first", gives=CommentShape(many=True))
    def get(self, request: Request, pk: int) -> Response:
        return self.page(CommentShape, self.readable(pk).comments.shown())

    @endpoint("Comment", takes=CommentDraft, gives=CommentShape, status=201)
    def post(self, request: Request, pk: int) -> Response:
        comment = self.readable(pk).comment(by=self.member, body=self.body(CommentDraft)["body"])
        return self.answer(CommentShape, comment, status=201)


class CommentDetail(PostView):
    @endpoint("Take a comment away", status=204)
    def delete(self, request: Request, pk: int, comment: int) -> Response:
        """One's own; officers anybody's."""
        get_object_or_404(self.readable(pk).comments.shown(), pk=comment).remove(by=self.member)
        return Response(status=204)


class ReactionDraft(Serializer[Any]):
    kind = serializers.ChoiceField(choices=Reaction.Kind.choices)


class ReactionShape(Serializer[Any]):
    my_reaction = serializers.ChoiceField(choices=Reaction.Kind.choices, allow_null=True)
    counts = CountsShape()


class MyReaction(PostView):
    @endpoint("React, or change one's reaction", takes=ReactionDraft, gives=ReactionShape)
    def put(self, request: Request, pk: int) -> Response:
        post, kind = self.readable(pk), self.body(ReactionDraft)["kind"]
        post.react(self.member, kind)
        return self.answer(ReactionShape, {"my_reaction": kind, "counts": post})

    @endpoint("Take one's reaction back", status=204)
    def delete(self, request: Request, pk: int) -> Response:
        self.readable(pk).react(self.member, None)
        return Response(status=204)


class MyRead(PostView):
    @endpoint("Say that one has read it", gives=CountsShape)
    def put(self, request: Request, pk: int) -> Response:
        """Twice is once; the household counts from its first reader on."""
        post = self.readable(pk)
        post.read_by(self.member)
        post.refresh_from_db(fields=["read_households"])
        return self.answer(CountsShape, post)


class HomeRef(Serializer[Household]):
    id = serializers.IntegerField()
    name = serializers.CharField()


class GroupReachShape(Serializer[GroupReach]):
    group = GroupRef(allow_null=True)
    total = serializers.IntegerField()
    reached = serializers.IntegerField()
    paper = serializers.IntegerField()
    unknown = serializers.IntegerField()
    unknown_households = serializers.SerializerMethodField(help_text="Officers: all; leaders: of their own groups.")

    @extend_schema_field(HomeRef(many=True))
    def get_unknown_households(self, reach: GroupReach) -> Any:
        return [HomeRef(home).data for home in reach.unknown_homes if home.pk in self.context["known"]]


class DeliveryShape(Serializer[Delivery]):
    """In households; the three add up to the total."""

    total = serializers.SerializerMethodField()
    reached = serializers.SerializerMethodField()
    paper = serializers.SerializerMethodField()
    unknown = serializers.SerializerMethodField()
    groups = GroupReachShape(many=True, source="by_group")

    def get_total(self, delivery: Delivery) -> int:
        return len(delivery.homes)

    def get_reached(self, delivery: Delivery) -> int:
        return len(delivery.reached)

    def get_paper(self, delivery: Delivery) -> int:
        return len(delivery.paper)

    def get_unknown(self, delivery: Delivery) -> int:
        return len(delivery.unknown)


class PostDelivery(PostView):
    def get_permissions(self) -> list[BasePermission]:
        return [IsLeader()]

    @endpoint("Whom the post has reached", gives=DeliveryShape, refuses=(402,))
    def get(self, request: Request, pk: int) -> Response:
        """Officers and leaders. A paid feature."""
        return self.answer(DeliveryShape, self._post(pk).delivery())

    def shape_context(self) -> dict[str, Any]:
        known = Household.objects.known_to(self.member).values_list("pk", flat=True)
        return super().shape_context() | {"known": set(known)}

    def _post(self, pk: int) -> Post:
        post = self.readable(pk)
        if not self.site.has(Feature.DELIVERY_LEDGER):
            raise FeatureOff(Feature.DELIVERY_LEDGER)
        return post
