"""The part of a post that came from outside: a bulletin of the city or of a federation, copied by our own code."""

from typing import TYPE_CHECKING, Any, ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy

from controlplane.audit.models import record
from tenants.feed.models.indexing import index

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from controlplane.associations.models import BulletinFile
    from tenants.feed.models.attachments import Attachment
    from tenants.feed.models.posts import Post


class Taken(models.Model):
    """Nobody here wrote it and nobody here changes it; corrections and withdrawal follow its sender."""

    class Source(models.TextChoices):
        OWN = "", gettext_lazy("この会")
        CITY = "city", gettext_lazy("市からのお知らせ")
        FEDERATION = "federation", gettext_lazy("連合会からのお知らせ")

    source = models.CharField(max_length=12, choices=Source, blank=True, default="", db_default="")
    source_id = models.UUIDField(null=True, blank=True)
    source_name = models.CharField(max_length=80, blank=True, default="", db_default="")

    class Meta:
        abstract: ClassVar = True


def take_in(source_id: "UUID", *, withdrawn: bool, files: "Sequence[BulletinFile]" = (), **said: Any) -> "Post | None":
    """Have the feed hold this bulletin as it is now; twice is once. The caller holds its row in `public`."""
    from tenants.feed.models.posts import Post

    post = Post.objects.filter(source_id=source_id).first()
    if post is None:
        return None if withdrawn else _publish(source_id, said, files)
    changed = {name: value for name, value in said.items() if getattr(post, name) != value}
    if withdrawn and post.withdrawn_at is None:
        changed["withdrawn_at"] = timezone.now()
    hung = _hang(files, post)
    if changed:
        Post.objects.filter(pk=post.pk).update(**changed)
        record("post.take_in", post, by=post.source_name, changed=sorted(changed))
        post.refresh_from_db()
    if changed or hung:
        index(post)
    return post


def _publish(source_id: "UUID", said: dict[str, Any], files: "Sequence[BulletinFile]") -> "Post":
    from tenants.feed import news
    from tenants.feed.models.posts import Post

    post = Post.objects.create(source_id=source_id, comments_open=False, reactions_open=False, **said)
    record("post.take_in", post, by=post.source_name)
    index(post, _hang(files, post))
    news.plan(post)
    return post


def _hang(files: "Sequence[BulletinFile]", post: "Post") -> "list[Attachment]":
    """Its documents hang on the post as any do; what they hold is kept once for everybody, see `Attachment.link`."""
    from tenants.feed.models.attachments import Attachment

    there = set(post.attachments.values_list("key", flat=True)) if files else set()
    missing = [(n, file) for n, file in enumerate(files, 1) if file.shared_keys["key"] not in there]
    return [
        Attachment.objects.create(post=post, kind=Attachment.Kind.DOCUMENT, position=position, **_told_of(file))
        for position, file in missing
    ]


def _told_of(file: "BulletinFile") -> dict[str, Any]:
    told = {name: getattr(file, name) for name in ("name", "content_type", "size", "pages", "text")}
    return told | file.shared_keys
