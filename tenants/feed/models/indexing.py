"""What of a post the search index holds: its words, and those of its documents."""

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, cast

from tenants.search.circles import circle
from tenants.search.models import Entry, Kind, put

if TYPE_CHECKING:
    from tenants.feed.models.attachments import Attachment
    from tenants.feed.models.posts import Post

DOCUMENT = "document"  # the tag of every document, as a post has its kind's


def index(post: "Post", documents: "Iterable[Attachment] | None" = None) -> None:
    """Have search know the post as it is now. Drafts it need not know; withdrawn and hidden ones `visible_to` hides.

    `documents`, when the caller knows them, are not looked up.
    """
    if post.publish_at:
        known = post.attachments.filter(kind=DOCUMENT) if documents is None else documents
        put(post_entry(post), *(document_entry(document, post) for document in known))


def post_entry(post: "Post") -> Entry:
    text = f"{post.title}\n{post.body}"
    return Entry.of(Kind.POST, post.pk, at=_moment(post), text=text, tags=(post.kind, *_tags(post)))


def document_entry(document: "Attachment", post: "Post") -> Entry:
    text = f"{document.name}\n{document.text}"
    return Entry.of(Kind.DOCUMENT, document.pk, at=_moment(post), text=text, tags=(DOCUMENT, *_tags(post)))


def _moment(post: "Post") -> datetime:
    return cast(datetime, post.publish_at)  # drafts have none, and are not indexed


def _tags(post: "Post") -> list[str]:
    """To whom, and who speaks; of a bulletin nobody here does."""
    circles = [circle(post.audience, post.group_id or post.community_id)]
    if post.group_id:
        circles += [circle("groups"), f"group:{post.group_id}"]
    if post.as_seat_id:
        return [*circles, f"seat:{post.as_seat_id}"]
    return [*circles, f"member:{post.author_id}"] if post.author_id else circles
