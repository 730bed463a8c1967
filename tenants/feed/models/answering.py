"""What people do with a post, as its own verbs: read, react, comment. The counts stand on the post's row."""

from typing import TYPE_CHECKING, ClassVar, cast

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from tenants.members.models import Act, Member, only

if TYPE_CHECKING:
    from tenants.feed.models.posts import Post
    from tenants.feed.models.responses import Comment

COMMENT_LENGTH = 2000


class Answered(models.Model):
    """The part of a post that people's answers change."""

    comments_open = models.BooleanField(default=True)
    reactions_open = models.BooleanField(default=True, db_default=True)
    comment_count = models.PositiveIntegerField(default=0)
    reaction_counts = models.JSONField(default=dict)
    read_households = models.PositiveIntegerField(default=0)

    class Meta:
        abstract: ClassVar = True

    @transaction.atomic
    def read_by(self, member: Member) -> None:
        """Press the household's seal: once per member, counted once per household. Who only visits leaves none."""
        from tenants.feed.models.responses import ReadReceipt

        if member.visiting:
            return
        post = cast("Post", self)
        seen = ReadReceipt.objects.filter(post=post, household=member.household_id).exists()
        _row, created = ReadReceipt.objects.get_or_create(
            post=post, member=member, defaults={"household_id": member.household_id}
        )
        if created and not seen:
            type(post).objects.filter(pk=self.pk).update(read_households=F("read_households") + 1)

    @transaction.atomic
    def comment(self, *, by: Member, body: str) -> "Comment":
        """Say something under the post. Raises ValidationError when comments are closed or the text is empty."""
        from tenants.feed.models.responses import Comment
        from tenants.feed.models.rules import FeedRules

        post = cast("Post", self)
        only(by, Act.ANSWER_POST, post)
        if post.community:
            post.community.must_be_open()
        if not (self.comments_open and FeedRules.now().comments):
            raise ValidationError(_("このお知らせには、コメントを書けません。"))
        if not body.strip():
            raise ValidationError({"body": _("コメントが、まだ書かれていません。")})
        if len(body) > COMMENT_LENGTH:
            raise ValidationError({"body": _("コメントは2,000文字までです。")})
        comment = Comment.objects.create(post=post, author=by, body=body.strip())
        type(post).objects.filter(pk=self.pk).update(comment_count=F("comment_count") + 1)
        comment.call_out()
        return comment

    @transaction.atomic
    def react(self, member: Member, kind: str | None) -> None:
        """Set, change or (None) take back a member's one reaction; the counts on the row follow."""
        from tenants.feed.models.responses import Reaction
        from tenants.feed.models.rules import FeedRules

        only(member, Act.ANSWER_POST, self)
        post = type(cast("Post", self)).objects.select_for_update().get(pk=self.pk)
        if kind is None:
            post.reactions.filter(member=member).delete()
        else:
            if kind not in Reaction.Kind.values:
                raise ValidationError({"kind": _("この気持ちは選べません。")})
            if not (self.reactions_open and FeedRules.now().reactions):
                raise ValidationError({"kind": _("このお知らせでは、気持ちを受け付けていません。")})
            post.reactions.update_or_create(member=member, defaults={"kind": kind})
        post.reaction_counts = Reaction.objects.counts(post)
        post.save(update_fields=["reaction_counts"])
        self.reaction_counts = post.reaction_counts
