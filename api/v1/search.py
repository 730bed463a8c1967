"""Search across posts, documents, events and communities."""

from datetime import date, datetime, time, timedelta
from typing import Any, cast

from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from api.pagination import Keyset
from api.shapes import CommunityRef, DayField, GroupRef
from api.v1.posts import AuthorShape, author_of
from api.views import SiteView, endpoint
from controlplane.rates import Cost, costs
from tenants.feed.models import Post
from tenants.search.excerpts import Part, excerpt, marked
from tenants.search.models import Entry, Kind, Place
from tenants.search.question import Author, Question
from tenants.search.shelves import Found, find

KINDS = [*Post.Kind.values, "document", "event", "community", "record"]


class SearchQuery(Serializer[Any]):
    q = serializers.CharField(required=False, allow_blank=True, max_length=100, help_text="Words, all of which occur.")
    kind = serializers.ChoiceField(choices=KINDS, required=False)
    group = serializers.IntegerField(required=False, min_value=1, max_value=2**63 - 1)
    author = serializers.RegexField(
        r"^(seat|member):[0-9]{1,18}$", required=False, help_text="Who speaks: `seat:3` or `member:12`."
    )

    def get_fields(self) -> dict[str, Any]:
        """With `from` and `to`, the first day and the last: Python keeps one of these words for itself."""
        return {**super().get_fields(), "from": DayField(required=False), "to": DayField(required=False)}

    def validate(self, asked: dict[str, Any]) -> dict[str, Any]:
        if "from" in asked and "to" in asked and asked["to"] < asked["from"]:
            raise serializers.ValidationError({"to": _("終わりの日が、始まりの日より前になっています。")})
        return asked


class PartShape(Serializer[Part]):
    text = serializers.CharField(trim_whitespace=False)
    found = serializers.BooleanField(help_text="Whether it is one of the words.")


def _parts(parts: list[Part]) -> Any:
    return PartShape(cast(Any, parts), many=True).data


class FoundShape(Serializer[Found]):
    kind = serializers.SerializerMethodField()
    id = serializers.IntegerField(source="thing.pk", help_text="The post's, the attachment's, the event's, …")
    post = serializers.SerializerMethodField(help_text="The post it is, or that it is attached to.")
    at = serializers.DateTimeField(
        help_text="When it was published, or takes place first, or was started, or happened."
    )
    title = serializers.CharField()
    marked_title = serializers.SerializerMethodField()
    excerpt = serializers.SerializerMethodField(help_text="A line of its text around the first word found.")
    author = serializers.SerializerMethodField(help_text="Of posts and documents.")
    group = serializers.SerializerMethodField()
    community = serializers.SerializerMethodField()

    @extend_schema_field(serializers.ChoiceField(choices=KINDS))
    def get_kind(self, found: Found) -> str:
        return str(found.thing.kind if found.kind in (Kind.POST, Kind.DOCUMENT) else found.kind.name.lower())

    @extend_schema_field(serializers.IntegerField(allow_null=True))
    def get_post(self, found: Found) -> int | None:
        post = _post_of(found)
        return post.pk if post else None

    @extend_schema_field(PartShape(many=True))
    def get_marked_title(self, found: Found) -> Any:
        return _parts(marked(found.title, self.context["words"]))

    @extend_schema_field(PartShape(many=True))
    def get_excerpt(self, found: Found) -> Any:
        return _parts(excerpt(found.text, self.context["words"]))

    @extend_schema_field(AuthorShape(allow_null=True))
    def get_author(self, found: Found) -> dict[str, Any] | None:
        post = _post_of(found)
        return author_of(post) if post else None

    @extend_schema_field(GroupRef(allow_null=True))
    def get_group(self, found: Found) -> Any:
        post = _post_of(found)
        return GroupRef(post.group).data if post and post.group else None

    @extend_schema_field(CommunityRef(allow_null=True))
    def get_community(self, found: Found) -> Any:
        """The one it stands in, or is."""
        inside = found.thing if found.kind == Kind.COMMUNITY else (_post_of(found) or found.thing).community
        return CommunityRef(inside).data if inside else None


def _post_of(found: Found) -> Post | None:
    if found.kind == Kind.POST:
        return found.thing  # type: ignore[no-any-return]
    return found.thing.post if found.kind == Kind.DOCUMENT else None


class Onward(Keyset):
    """From one page to the next, never back: what was found before is still at hand."""

    order = ("at", "pk")

    def after(self, request: Request) -> Place | None:
        self.begin(request)
        _backwards, place = self._read_cursor(Entry.objects.all())
        return Place(*place) if place else None

    def size(self) -> int:
        return self._size()

    def told(self, following: Place | None) -> None:
        self.rows, self.has_next, self.has_previous = [following], following is not None, False


@costs(Cost.SEARCH)
class Search(SiteView):
    pagination_class = Onward

    @endpoint("Search", gives=FoundShape(many=True), query=[SearchQuery])
    def get(self, request: Request) -> Response:
        """What the caller may see of what answers, newest first. Kana, width and case make no difference."""
        question, pages = _question(self.query(SearchQuery)), Onward()
        page = find(self.member, question, after=pages.after(request), size=pages.size())
        pages.told(page.next)
        context = self.shape_context() | {"words": question.words}
        return pages.get_paginated_response(FoundShape(cast(Any, page.found), many=True, context=context).data)


def _question(asked: dict[str, Any]) -> Question:
    kind, _colon, number = asked.get("author", "").partition(":")
    return Question.asking(
        asked.get("q", ""),
        what=asked.get("kind", ""),
        author=Author(kind, int(number)) if number else None,
        group=asked.get("group"),
        since=_midnight(asked.get("from")),
        until=_midnight(asked["to"] + timedelta(days=1)) if "to" in asked else None,
    )


def _midnight(day: date | None) -> datetime | None:
    return timezone.make_aware(datetime.combine(day, time.min)) if day else None
