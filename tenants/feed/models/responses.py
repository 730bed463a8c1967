"""What people do with a post: comment, react, read."""

from typing import ClassVar

from django.db import models, transaction
from django.db.models import Count, F
from django.utils.translation import gettext_lazy

from controlplane.audit.models import record
from tenants.feed.models.posts import Post
from tenants.members.models import Act, Household, Member, only


class CommentQuerySet(models.QuerySet["Comment"]):
    def shown(self) -> "CommentQuerySet":
        """Those not removed, oldest first, with their authors."""
        return self.filter(removed_at=None).select_related("author__household__group").order_by("pk")


class Comment(models.Model):
    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="comments")
    author = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="comments")
    body = models.TextField(max_length=2000)
    created_at = models.DateTimeField(auto_now_add=True)
    removed_at = models.DateTimeField(null=True, blank=True)

    objects = CommentQuerySet.as_manager()

    def __str__(self) -> str:
        return self.body[:40]

    @transaction.atomic
    def remove(self, *, by: Member) -> None:
        """Its author or an officer takes a comment away."""
        only(by, Act.REMOVE_COMMENT, self)
        from django.utils import timezone

        if Comment.objects.filter(pk=self.pk, removed_at=None).update(removed_at=timezone.now()):
            Post.objects.filter(pk=self.post_id).update(comment_count=F("comment_count") - 1)
            record("comment.remove", self, by=by)

    def call_out(self) -> None:
        """Tell those whom the text calls by name (@3組 組長, @山本さん) that it does, if they see the post."""
        from tenants.feed import letters, mentions

        for person in mentions.called(self.body):
            if person.pk != self.author_id and Post.objects.filter(pk=self.post_id).visible_to(person).exists():
                letters.you_were_called(person, self)


class ReactionQuerySet(models.QuerySet["Reaction"]):
    def counts(self, post: Post) -> dict[str, int]:
        return dict(self.filter(post=post).values_list("kind").annotate(n=Count("pk")))


class Reaction(models.Model):
    """One per member and post."""

    class Kind(models.TextChoices):
        THANKS = "thanks", gettext_lazy("ありがとう")
        UNDERSTOOD = "understood", gettext_lazy("わかりました")
        HELP = "help", gettext_lazy("手伝えます")

    # Not indexed by itself: reaction_once begins with it.
    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="reactions", db_index=False)
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="reactions")
    kind = models.CharField(max_length=12, choices=Kind)
    at = models.DateTimeField(auto_now_add=True)

    objects = ReactionQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["post", "member"], name="reaction_once")]

    def __str__(self) -> str:
        return self.get_kind_display()


class ReadReceipt(models.Model):
    """A member opened the post; their household counts as reached from the first of them on."""

    # Not indexed by itself: receipt_once begins with it.
    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="receipts", db_index=False)
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="receipts")
    household = models.ForeignKey(Household, on_delete=models.CASCADE, related_name="receipts")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["post", "member"], name="receipt_once")]
        indexes: ClassVar = [models.Index(fields=["post", "household"], name="receipt_household")]

    def __str__(self) -> str:
        return f"{self.household} read {self.post_id}"
