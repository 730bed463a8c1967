"""Posts and their documents as search finds them: through `Post.objects.visible_to`, like everywhere."""

from datetime import datetime

from django.db.models import Q, QuerySet

from tenants.feed.models.attachments import Attachment
from tenants.feed.models.feeds import PostQuerySet
from tenants.feed.models.indexing import DOCUMENT, document_entry, post_entry
from tenants.feed.models.posts import Post
from tenants.members.models import Member
from tenants.search.models import Kind
from tenants.search.question import Question
from tenants.search.shelves import Shelf, put_up


def posts(member: Member, question: Question) -> PostQuerySet:
    if question.what and question.what not in Post.Kind.values:
        return Post.objects.none()
    fitting = _narrowed(member, question)
    return fitting.filter(kind=question.what) if question.what else fitting


def documents(member: Member, question: Question) -> "QuerySet[Attachment]":
    if question.what not in ("", DOCUMENT):
        return Attachment.objects.none()
    return Attachment.objects.filter(kind=DOCUMENT, post__in=_narrowed(member, question))


def _narrowed(member: Member, question: Question) -> PostQuerySet:
    fitting = Post.objects.visible_to(member)
    if question.group is not None:
        fitting = fitting.filter(group=question.group)
    if question.author is None:
        return fitting
    if question.author.kind == "seat":
        return fitting.filter(as_seat=question.author.pk)
    return fitting.filter(author=question.author.pk, as_seat=None)


def _posts() -> PostQuerySet:
    return Post.objects.filter(publish_at__isnull=False)


def _documents() -> "QuerySet[Attachment]":
    return Attachment.objects.filter(kind=DOCUMENT, post__publish_at__isnull=False).select_related("post")


def _touched(since: datetime) -> PostQuerySet:
    moments = ("created_at", "publish_at", "edited_at", "withdrawn_at", "author__left_at")
    return _posts().filter(Q(*((f"{moment}__gte", since) for moment in moments), _connector=Q.OR))


put_up(
    Shelf(
        kind=Kind.POST,
        visible=posts,
        ready=lambda member, found: found.for_reading(member),
        everything=_posts,
        lately=_touched,
        entry=post_entry,
        said=lambda post: (post.title, post.body),
    )
)
put_up(
    Shelf(
        kind=Kind.DOCUMENT,
        visible=documents,
        ready=lambda member, found: found.select_related(
            "post__author", "post__as_seat", "post__group", "post__community"
        ),
        everything=_documents,
        lately=lambda since: _documents().filter(post__in=_touched(since).values("pk")),
        entry=lambda document: document_entry(document, document.post),
        said=lambda document: (document.name, document.text),
    )
)
