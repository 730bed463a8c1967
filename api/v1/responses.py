"""What people do with a post: comment, react, read. And its delivery: whom it has reached."""

from typing import Any, ClassVar

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from api.pagination import InOrder
from api.shapes import GroupRef, MemberRef
from api.v1.posts import CountsShape, PostView
from api.views import endpoint
from controlplane.associations.features import Feature, FeatureOff
from tenants.feed.models import Comment, Delivery, Reaction
from tenants.members.models import Act, Household


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
    acts: ClassVar = {"PUT": Act.ANSWER_POST, "DELETE": Act.ANSWER_POST}

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
    acts: ClassVar = {"PUT": Act.ANSWER_POST}

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


class GroupReachShape(Serializer[Any]):
    group = serializers.SerializerMethodField()
    total = serializers.IntegerField()
    reached = serializers.IntegerField()
    paper = serializers.IntegerField()
    unknown = serializers.IntegerField()

    @extend_schema_field(GroupRef(allow_null=True))
    def get_group(self, reach: dict[str, Any]) -> dict[str, Any] | None:
        return {"id": reach["group"], "name": reach["group_name"]} if reach["group"] else None


class DeliveryShape(Serializer[Delivery]):
    """In households; the three add up to the total."""

    total = serializers.IntegerField(source="figures.total")
    reached = serializers.IntegerField(source="figures.reached")
    paper = serializers.IntegerField(source="figures.paper")
    unknown = serializers.IntegerField(source="figures.unknown")
    groups = GroupReachShape(many=True, source="by_group")
    stopped_sms = serializers.IntegerField(help_text="People not told by short message, because a limit stopped it.")


class DeliveryView(PostView):
    acts: ClassVar = {"GET": Act.SEE_REACH}

    def delivery(self, pk: int) -> Delivery:
        post = self.readable(pk)
        if not self.site.has(Feature.DELIVERY_LEDGER):
            raise FeatureOff(Feature.DELIVERY_LEDGER)
        return post.delivery()


class PostDelivery(DeliveryView):
    @endpoint("Whom the post has reached", gives=DeliveryShape, refuses=(402,))
    def get(self, request: Request, pk: int) -> Response:
        """Officers and leaders. A paid feature."""
        return self.answer(DeliveryShape, self.delivery(pk))


class UnknownHouseholds(DeliveryView):
    pagination_class = InOrder

    @endpoint("Households it is not known to have reached", gives=HomeRef(many=True), refuses=(402,))
    def get(self, request: Request, pk: int) -> Response:
        """Officers: all; leaders: those of their own groups."""
        return self.page(HomeRef, self.delivery(pk).unknown().known_to(self.member))
