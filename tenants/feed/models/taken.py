"""The part of a post that came from outside: a bulletin of the city or of a federation, copied by our own code."""

from typing import TYPE_CHECKING, Any, ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy

from controlplane.audit.models import record
from tenants.feed.models.indexing import index

if TYPE_CHECKING:
    from uuid import UUID

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


def take_in(source_id: "UUID", *, withdrawn: bool, **said: Any) -> "Post | None":
    """Have the feed hold this bulletin as it is now; twice is once. The caller holds its row in `public`."""
    from tenants.feed.models.posts import Post

    post = Post.objects.filter(source_id=source_id).first()
    if post is None:
        return None if withdrawn else _publish(source_id, said)
    changed = {name: value for name, value in said.items() if getattr(post, name) != value}
    if withdrawn and post.withdrawn_at is None:
        changed["withdrawn_at"] = timezone.now()
    if changed:
        Post.objects.filter(pk=post.pk).update(**changed)
        record("post.take_in", post, by=post.source_name, changed=sorted(changed))
        post.refresh_from_db()
        index(post)
    return post


def _publish(source_id: "UUID", said: dict[str, Any]) -> "Post":
    from tenants.feed import news
    from tenants.feed.models.posts import Post

    post = Post.objects.create(source_id=source_id, comments_open=False, reactions_open=False, **said)
    record("post.take_in", post, by=post.source_name)
    index(post)
    news.plan(post)
    return post
