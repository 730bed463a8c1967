"""What a post said before each correction."""

from typing import Any, ClassVar

from django.db import models

from tenants.feed.models.posts import Post
from tenants.members.models import Member


class PostVersion(models.Model):
    """A post as it read until `by` corrected it `at`: one row a correction, wide enough to need no other."""

    # Not indexed by itself: version_once begins with it.
    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="versions", db_index=False)
    number = models.PositiveIntegerField()
    title = models.CharField(max_length=120)
    body = models.TextField(blank=True)
    told = models.JSONField(default=dict)  # the rest: kind, audience, files by name
    by = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["post", "number"], name="version_once")]

    def __str__(self) -> str:
        return f"{self.post_id} version {self.number}"

    @classmethod
    def keep(cls, post: Post, before: dict[str, Any], *, by: Member) -> None:
        """Keep what the post said as number `post.version`, which `by` is about to replace."""
        words = {name: before[name] for name in ("title", "body")}
        told = {name: what for name, what in before.items() if name not in words}
        cls.objects.create(post=post, number=post.version, by=by, told=told, **words)
