"""Posts: the feed in one statement, and writing to it."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from api.pagination import PinnedFirst
from api.shapes import VERSION, CommunityRef, GroupRef, LineField, Versioned, reachable
from api.v1 import feed
from api.v1.attachments import AttachmentShape
from api.views import SiteView, endpoint
from tenants.calendar.models import Event
from tenants.communities.models import Community
from tenants.feed.models import Attachment, Post, Reaction
from tenants.members.models import Group, Member, Seat


class AuthorShape(Serializer[Any]):
    kind = serializers.ChoiceField(choices=["seat", "member", "city", "federation"])
    id = serializers.IntegerField(allow_null=True, help_text="Null of the city and of a federation.")
    name = serializers.CharField()


def author_of(post: Post) -> dict[str, Any]:
    speaker: Seat | Member | None = post.as_seat or post.author
    kind = post.source or ("seat" if post.as_seat else "member")
    return {"kind": kind, "id": speaker.pk if speaker else None, "name": post.signature}


class ReactionCounts(Serializer[Any]):
    thanks = serializers.IntegerField(default=0)
    understood = serializers.IntegerField(default=0)
    help = serializers.IntegerField(default=0)


class CountsShape(Serializer[Post]):
    comments = serializers.IntegerField(source="comment_count")
    reactions = ReactionCounts(source="reaction_counts")
    read_households = serializers.IntegerField()


class PostShape(Serializer[Post]):
    id = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=Post.Kind.choices)
    title = serializers.CharField()
    body = serializers.CharField(allow_blank=True)
    audience = serializers.ChoiceField(choices=Post.Audience.choices)
    group = GroupRef(allow_null=True)
    community = CommunityRef(allow_null=True)
    author = serializers.SerializerMethodField(help_text="The seat when the post speaks as one, else the person.")
    attachments = serializers.SerializerMethodField()
    pinned = serializers.BooleanField()
    comments_open = serializers.BooleanField()
    publish_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField(allow_null=True)
    edited_at = serializers.DateTimeField(allow_null=True)
    counts = CountsShape(source="*")
    my_reaction = serializers.ChoiceField(choices=Reaction.Kind.choices, allow_null=True)
    read = serializers.BooleanField(source="opened", help_text="Whether the caller has opened it.")
    household_read_at = serializers.DateTimeField(source="read_at", allow_null=True)

    @extend_schema_field(AuthorShape)
    def get_author(self, post: Post) -> dict[str, Any]:
        return author_of(post)

    @extend_schema_field(AttachmentShape(many=True))
    def get_attachments(self, post: Post) -> list[dict[str, Any]]:
        files: list[dict[str, Any]] = post.__dict__["files"]
        return files


class PreviewShape(Serializer[Any]):
    """The page the first link leads to."""

    url = serializers.CharField()
    title = serializers.CharField()
    site = serializers.CharField()


class PostDetailShape(PostShape):
    """One post by itself says more than it does in the feed."""

    publish_at = serializers.DateTimeField(allow_null=True, help_text="null: a draft.")
    version = serializers.IntegerField(help_text=VERSION)
    event = serializers.IntegerField(allow_null=True, help_text="An event of the calendar it is about.")
    reactions_open = serializers.BooleanField()
    preview = PreviewShape(allow_null=True)


class PostDraft(Serializer[Any]):
    kind = serializers.ChoiceField(choices=Post.Kind.choices, required=False)
    title = LineField(max_length=120)
    body = serializers.CharField(max_length=20_000, required=False, allow_blank=True)
    audience = serializers.ChoiceField(choices=Post.Audience.choices, required=False)
    group = reachable(Group, Member.led_groups, required=False, allow_null=True)
    community = reachable(Community, Community.objects.writable_by, required=False, allow_null=True)
    as_seat = reachable(Seat, lambda member: member.seats(), required=False, allow_null=True)
    attachments = reachable(
        Attachment, lambda member: Attachment.objects.filter(owner=member), many=True, required=False, allow_empty=True
    )
    pinned = serializers.BooleanField(required=False)
    comments_open = serializers.BooleanField(required=False)
    reactions_open = serializers.BooleanField(required=False)
    event = reachable(Event, Event.objects.visible_to, required=False, allow_null=True)
    publish_at = serializers.DateTimeField(required=False, allow_null=True, help_text="null keeps it as a draft.")
    expires_at = serializers.DateTimeField(required=False, allow_null=True)


class PostChange(Versioned, PostDraft):
    pass


class PostQuery(Serializer[Any]):
    audience = serializers.ChoiceField(choices=Post.Audience.choices, required=False)
    community = serializers.IntegerField(required=False, min_value=1)
    kind = serializers.ChoiceField(choices=Post.Kind.choices, required=False)
    q = serializers.CharField(required=False, allow_blank=True, max_length=100, help_text="Words, all of which occur.")


class PostView(SiteView):
    def shown(self, posts: Any) -> Any:
        """With author, files, counts and the caller's own standing, in one statement."""
        return posts.for_reading(self.member).prefetch_related(None).annotate(files=feed.FILES)

    def readable(self, pk: int) -> Post:
        """A post the caller may read, without the trimmings."""
        post: Post = get_object_or_404(Post.objects.visible_to(self.member), pk=pk)
        return post


class Posts(PostView):
    pagination_class = PinnedFirst

    @endpoint("The feed", gives=PostShape(many=True), query=[PostQuery])
    def get(self, request: Request) -> HttpResponse:
        """All the caller may read, communities' own talk included: newest first, pinned on top."""
        wanted = self.query(PostQuery)
        posts = Post.objects.visible_to(self.member).search(wanted.pop("q", ""))
        return feed.page(request, posts.filter(**wanted), self.member)

    @endpoint("Write", takes=PostDraft, gives=PostDetailShape, status=201)
    def post(self, request: Request) -> Response:
        """Officers write to anyone, leaders to seats and groups, members into their communities."""
        post = Post.write(by=self.member, **_fields(self.body(PostDraft)))
        return self.answer(PostDetailShape, self.shown(Post.objects.filter(pk=post.pk)).get(), status=201)


def _fields(told: dict[str, Any]) -> dict[str, Any]:
    """The event by its number: the feed does not know the calendar."""
    return told | ({"event": told["event"] and told["event"].pk} if "event" in told else {})


class PostDetail(PostView):
    @endpoint("One post", gives=PostDetailShape)
    def get(self, request: Request, pk: int) -> Response:
        """One the caller may read, or looks after: scheduled and expired ones, too."""
        return self.answer(PostDetailShape, self._find(pk))

    @endpoint("Change a post", takes=PostChange, gives=PostDetailShape)
    def patch(self, request: Request, pk: int) -> Response:
        self._find(pk).edit(by=self.member, **_fields(self.change(PostChange)))
        return self.answer(PostDetailShape, self._find(pk))

    @endpoint("Withdraw a post", status=204)
    def delete(self, request: Request, pk: int) -> Response:
        """Without a reason; `withdrawal/` takes one."""
        self._find(pk).remove(by=self.member)
        return Response(status=204)

    def _find(self, pk: int) -> Post:
        known = Post.objects.visible_to(self.member) | Post.objects.looked_after_by(self.member)
        post: Post = get_object_or_404(self.shown(known), pk=pk)
        return post
