"""The feed: from a bearer token to a page of JSON in one statement. PostgreSQL writes the posts, we put them in a list.

Who sees what is said where it always is, in `Post.objects.visible_to`; here its text is compiled once and kept.
"""

import json
from datetime import date
from functools import cache
from typing import Any, NamedTuple

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import (
    Case,
    CharField,
    Expression,
    F,
    Func,
    IntegerField,
    JSONField,
    OuterRef,
    Q,
    QuerySet,
    TextField,
    Value,
    When,
)
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce, JSONObject, Now
from django.http import HttpRequest, HttpResponse
from rest_framework.request import Request
from rest_framework.views import APIView

from api.authentication import TokenAuthentication
from api.pagination import PinnedFirst
from api.throttles import CallerThrottle
from controlplane.accounts.models import ApiToken, User, token_digest
from controlplane.tenancy import prepared
from tenants.feed.models import Attachment, Post, Reaction
from tenants.feed.models.feeds import PostQuerySet
from tenants.members.models import VIEWER, Member, Reader, viewers

JSON = "application/json"
_DIGEST = "here stands the digest of the token"


class Json(Func):
    """`{"name": value, …}`, keys in the order given."""

    function = "JSON_BUILD_OBJECT"
    output_field = JSONField()

    def __init__(self, **values: Any) -> None:
        super().__init__(*(part for name, value in values.items() for part in (Value(name), value)))


def _ref(to: str) -> Case:
    """`{"id", "name"}` of what a foreign key points at, or null."""
    return Case(When(**{f"{to}__isnull": False}, then=Json(id=F(f"{to}_id"), name=F(f"{to}__name"))))


def _count(kind: str) -> Expression:
    return Coalesce(Cast(KeyTextTransform(kind, "reaction_counts"), IntegerField()), 0)


FILES = ArraySubquery(
    Attachment.objects.filter(post=OuterRef("pk"))
    .order_by("position", "pk")
    .values(
        file=JSONObject(
            id=F("pk"),
            state=Value("ready"),
            **{name: F(name) for name in ("kind", "name", "content_type", "size", "pages", "width", "height")},
            **{name: F(name) for name in ("alt", "caption")},
        )
    )
)
_POST = Json(
    **{name: F(name) for name in ("id", "kind", "title", "body", "audience")},
    group=_ref("group"),
    community=_ref("community"),
    author=Json(
        kind=Case(
            When(~Q(source=""), then=F("source")), When(as_seat=None, then=Value("member")), default=Value("seat")
        ),
        id=Coalesce("as_seat_id", "author_id"),
        name=Coalesce("as_seat__title", "author__name", "source_name", output_field=CharField()),
    ),
    attachments=FILES,
    **{name: F(name) for name in ("pinned", "comments_open", "publish_at", "expires_at", "edited_at")},
    counts=Json(
        comments=F("comment_count"),
        reactions=Json(**{kind: _count(kind) for kind in Reaction.Kind.values}),
        read_households=F("read_households"),
    ),
    my_reaction=F("my_reaction"),
    read=F("opened"),
    household_read_at=F("read_at"),
)


class Row(NamedTuple):
    """A post as JSON, and its place in the order."""

    pinned: bool
    publish_at: str  # as PostgreSQL writes it: only links need it
    pk: int
    body: str


def rows(posts: PostQuerySet, who: Member | Reader) -> "QuerySet[Any, Any]":
    """These posts as Rows, written for this reader."""
    written = posts.with_own(who).annotate(json=Cast(_POST, TextField()), moment=Cast("publish_at", TextField()))
    return written.values_list("pinned", "moment", "pk", "json")


def page(request: Request, posts: PostQuerySet, who: Member | Reader) -> HttpResponse:
    """A page of these posts, as the request asks for it."""
    pages = PinnedFirst()
    pages.settle([Row(*row) for row in pages.window(rows(posts, who), request)])
    return _written(pages)


def first_page(request: HttpRequest) -> HttpResponse | None:
    """What a program that shows its token sees on opening the feed.

    None when this is something else, or when anything is wrong: then the ordinary road is taken, which can say what.
    """
    secret = TokenAuthentication.secret_in(request.headers)
    if secret is None or request.method != "GET" or request.META["QUERY_STRING"]:
        return None
    found = [_Line(*row) for row in prepared.rows(first_page_text(), token_digest(secret))]
    if not found or not found[0].admitted:
        return None
    caller = User(pk=found[0].account, last_seen_on=found[0].seen)
    caller.saw_today()
    ApiToken(pk=found[0].token, last_used_on=found[0].used).used_today()
    asked = Request(request)
    asked.user = caller
    if not (request.accepts(JSON) and CallerThrottle().allow_request(asked, APIView())):
        return None
    pages = PinnedFirst()
    pages.begin(asked)
    pages.settle([Row(line.pinned, line.publish_at, line.pk, line.body) for line in found if line.pk])
    return _written(pages)


class _Line(NamedTuple):
    """The caller's account, and a post they see; without posts there is one line, with nothing in it."""

    account: int
    seen: date | None
    token: int
    used: date | None
    admitted: bool
    pinned: bool
    publish_at: str  # as PostgreSQL writes it: only links need it
    pk: int | None
    body: str


@cache
def first_page_text() -> str:
    """The statement, with one parameter: the digest of the caller's token."""
    tokens = {"digest": _DIGEST, "expires_at__gt": Now(), "user__is_active": True}
    caller = viewers(
        Member.objects.present().filter(**{f"user__tokens__{name}": what for name, what in tokens.items()})
    ).annotate(as_token=F("user__tokens__pk"), as_used=F("user__tokens__last_used_on"))
    reader = Reader.of_viewer()
    posts = PinnedFirst().first(rows(Post.objects.visible_to(reader), reader))
    text = f"""WITH {VIEWER} AS MATERIALIZED ({prepared.text_of(caller)}), page AS ({prepared.text_of(posts)})
        SELECT as_account, as_seen, as_token, as_used, as_admitted, page.* FROM {VIEWER} LEFT JOIN page ON true
         ORDER BY pinned DESC, moment::timestamptz DESC, pk DESC"""  # noqa: S608  its parts are compiled by the ORM
    return text.replace(f"'{_DIGEST}'", "%s")


def _written(pages: PinnedFirst) -> HttpResponse:
    """What DRF's paginated response says, without reading the posts again."""
    links = json.dumps({"next": pages.get_next_link(), "previous": pages.get_previous_link()})
    posts = ",".join(row.body for row in pages.rows)
    return HttpResponse(f'{links[:-1]}, "results": [{posts}]}}', content_type=JSON)
