"""Reports of posts and comments, and hiding them: who, when, why, and when it was taken back.

Officers judge everything; moderators what was reported in their own communities, unless they said it themselves.
"""

from typing import ClassVar

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from controlplane.audit.models import record
from tenants.communities.models import Community
from tenants.feed import letters
from tenants.feed.models.posts import Post
from tenants.feed.models.responses import Comment
from tenants.members.models import Act, Member, only

REASON_LENGTH = 500


class ModerationQuerySet(models.QuerySet["Moderation"]):
    def standing(self) -> "ModerationQuerySet":
        """Neither settled nor taken back."""
        return self.filter(settled_at=None)

    def judged_by(self, member: Member) -> "ModerationQuerySet":
        """What this person is asked to look at."""
        if member.is_officer:
            return self
        inside = self.filter(post__community__in=Community.objects.moderated_by(member).values("pk"))
        return inside.exclude(post__author=member, comment=None).exclude(comment__author=member)

    def about(self, thing: "Post | Comment") -> "ModerationQuerySet":
        return self.filter(comment=thing) if isinstance(thing, Comment) else self.filter(post=thing, comment=None)

    def hiding(self, thing: "Post | Comment") -> "ModerationQuerySet":
        return self.standing().about(thing).filter(kind=Moderation.Kind.HIDING)

    def to_look_at(self) -> "ModerationQuerySet":
        """Reports no officer has answered, oldest first."""
        return self.standing().filter(kind=Moderation.Kind.REPORT).order_by("pk").with_things()

    def hidden(self) -> "ModerationQuerySet":
        """What is hidden now, newest first."""
        return self.standing().filter(kind=Moderation.Kind.HIDING).order_by("-pk").with_things()

    def with_things(self) -> "ModerationQuerySet":
        return self.select_related("post__author", "post__as_seat", "comment__author", "by")


class Moderation(models.Model):
    """A report by a member, or a hiding by an officer; of a post, or of the one comment named."""

    class Kind(models.TextChoices):
        REPORT = "report", gettext_lazy("知らせ")
        HIDING = "hiding", gettext_lazy("かくす")

    kind = models.CharField(max_length=8, choices=Kind)
    # Not indexed by itself: moderation_post begins with it.
    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="moderations", db_index=False)
    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, null=True, related_name="+", db_index=False)
    by = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+", db_index=False)
    reason = models.CharField(max_length=REASON_LENGTH)
    at = models.DateTimeField(auto_now_add=True)
    settled_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey(Member, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)

    objects = ModerationQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["post", "kind"], name="moderation_post")]

    def __str__(self) -> str:
        return f"{self.kind} {self.comment_id or self.post_id}"

    @property
    def thing(self) -> Post | Comment:
        return self.comment or self.post

    @classmethod
    @transaction.atomic
    def report(cls, thing: Post | Comment, *, by: Member, reason: str) -> "Moderation":
        """Tell the officers, who alone see who told. The same person's second word replaces the first."""
        words = _reason(reason)
        only(by, Act.REPORT, thing)
        post, comment = _parts(thing)
        Post.objects.select_for_update().get(pk=post.pk)
        mine = cls.objects.standing().about(thing).filter(kind=cls.Kind.REPORT, by=by)
        if mine.update(reason=words):
            return mine.get()
        told = cls.objects.create(kind=cls.Kind.REPORT, post=post, comment=comment, by=by, reason=words)
        if cls.objects.to_look_at().about(thing).count() == 1:  # one letter to each, however many tell
            _have_it_looked_at(thing, post)
        return told

    @classmethod
    @transaction.atomic
    def hide(cls, thing: Post | Comment, *, by: Member, reason: str) -> "Moderation":
        """Take a post or comment out of sight; its author is told kindly, not by whom it was reported."""
        words = _reason(reason)
        post, comment = _parts(thing)
        only(by, Act.HIDE, thing)
        if thing.author is None:
            raise PermissionError("What the city or a federation says is theirs to withdraw.")
        Post.objects.select_for_update().get(pk=post.pk)
        if already := cls.objects.hiding(thing).first():
            return already
        hiding = cls.objects.create(kind=cls.Kind.HIDING, post=post, comment=comment, by=by, reason=words)
        _conceal(thing)
        _settle(cls.objects.standing().about(thing).filter(kind=cls.Kind.REPORT), by)
        record("post.hide" if comment is None else "comment.hide", thing, by=by, reason=words)
        letters.words_were_hidden(thing.author, title=post.title, reason=words)
        return hiding

    @transaction.atomic
    def take_back(self, *, by: Member) -> None:
        """Show it again, or (officers) answer a report by leaving things as they are."""
        only(by, Act.SETTLE, self)
        Post.objects.select_for_update().get(pk=self.post_id)
        if not _settle(Moderation.objects.standing().filter(pk=self.pk), by):
            return
        if self.kind == self.Kind.HIDING and self.thing.author:
            _reveal(self.thing)
            letters.words_are_back(self.thing.author, title=self.post.title)
        verb = "show" if self.kind == self.Kind.HIDING else "leave"
        record(f"comment.{verb}" if self.comment_id else f"post.{verb}", self.thing, by=by)


def _reason(reason: str) -> str:
    if not reason.strip():
        raise ValidationError({"reason": _("わけを、ひとこと書いてください。")})
    if len(reason) > REASON_LENGTH:
        raise ValidationError({"reason": _("わけは500文字までです。")})
    return reason.strip()


def _have_it_looked_at(thing: Post | Comment, post: Post) -> None:
    """Write to the officers, and to the moderators of the community it was said in."""
    officers = Member.objects.officers()
    letters.something_was_reported(officers.select_related("user"), "reports")
    if post.community and not post.community.closed_at:
        others = post.community.moderators().exclude(pk__in=officers.values("pk")).exclude(pk=thing.author_id or 0)
        letters.something_was_reported(others.select_related("user"), "community_reports", post.community.pk)


def _parts(thing: Post | Comment) -> tuple[Post, Comment | None]:
    return (thing.post, thing) if isinstance(thing, Comment) else (thing, None)


def _settle(rows: ModerationQuerySet, by: Member) -> int:
    return rows.update(settled_at=timezone.now(), settled_by=by)


def _conceal(thing: Post | Comment) -> None:
    now = timezone.now()
    if isinstance(thing, Post):
        Post.objects.filter(pk=thing.pk, withdrawn_at=None).update(withdrawn_at=now)
    elif Comment.objects.filter(pk=thing.pk, removed_at=None).update(removed_at=now):
        Post.objects.filter(pk=thing.post_id).update(comment_count=F("comment_count") - 1)


def _reveal(thing: Post | Comment) -> None:
    if isinstance(thing, Post):
        Post.objects.filter(pk=thing.pk).update(withdrawn_at=None)
    elif Comment.objects.filter(~Q(removed_at=None), pk=thing.pk).update(removed_at=None):
        Post.objects.filter(pk=thing.post_id).update(comment_count=F("comment_count") + 1)
