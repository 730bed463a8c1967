"""Bulletins from outside: our own code copies them into our feed and hands up how many households have read them."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import structlog
from django.db import connection

from controlplane.associations.models import Bulletin, BulletinCopy, BulletinDraft
from controlplane.tenancy import At, bound, public
from tenants.feed.models.posts import Post
from tenants.feed.models.taken import take_in
from tenants.members.models import Household

log = structlog.get_logger()


def waiting() -> list[UUID]:
    """Send what was waiting for its hour, address what is new; then whom to visit, each told once in a while.

    Nobody: three queries.
    """
    with public():
        BulletinDraft.objects.send_due()
        Bulletin.objects.address()
        return BulletinCopy.objects.claim()


def to_count() -> list[UUID]:
    with public():
        return BulletinCopy.objects.to_count().whose()


def receive(association_uuid: UUID) -> None:
    """Copy whatever is due at this association, one bulletin a transaction. Call unbound."""
    for pk in _numbers(association_uuid, BulletinCopy.objects.open):
        try:
            with bound(At(association_uuid)):
                _receive(pk)
        except Exception:  # what is wrong with one keeps no other back
            log.exception("bulletin_not_received", copy=pk)
            with public():
                BulletinCopy.objects.get(pk=pk).failed()


def count(association_uuid: UUID) -> None:
    """Hand up how many households have read each of them. Call unbound."""
    for pk in _numbers(association_uuid, BulletinCopy.objects.to_count):
        with bound(At(association_uuid)):
            with public():
                copy = BulletinCopy.objects.get(pk=pk)
            post = Post.objects.filter(source_id=copy.bulletin_id).first()
            counts = _counts(post)
            with public():
                copy.counted(**counts)


def _numbers(association_uuid: UUID, which: Callable[[], Any]) -> list[int]:
    """Of an association that is live; of another none."""
    with public():
        rows = which().filter(association=association_uuid)
        return list(rows.order_by("bulletin__published_at", "pk").values_list("pk", flat=True))


def _receive(pk: int) -> None:
    """One transaction: the copy's row is held, the post is written, the row says so. Twice is once.

    Its commit need not wait for the disk: a crash takes the post and the word of it alike, and it is handed out anew.
    """
    with public():
        connection.cursor().execute("SET LOCAL synchronous_commit = off")
        rows = BulletinCopy.objects.filter(pk=pk, due_at__isnull=False).select_for_update(of=("self",))
        copy = rows.select_related("bulletin__city", "bulletin__federation").first()
        said = _said(copy.bulletin) if copy else {}
    if copy is None:
        return
    post = take_in(copy.bulletin_id, withdrawn=copy.bulletin.withdrawn_at is not None, **said)
    counts = _counts(post)
    with public():
        copy.received(**counts)


def _said(bulletin: Bulletin) -> dict[str, Any]:
    words = {name: getattr(bulletin, name) for name in ("kind", "title", "edited_at", "source")}
    to = Post.Audience.OFFICERS if bulletin.officers_only else Post.Audience.EVERYONE
    sent = {"source_name": bulletin.sender, "publish_at": bulletin.published_at}
    return words | sent | {"body": bulletin.text, "audience": to, "files": list(bulletin.files)}


def _counts(post: Post | None) -> dict[str, int]:
    homes = post.audience_households() if post else Household.objects.all()
    return {"households": homes.count(), "read": post.read_households if post else 0}
