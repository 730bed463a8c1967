"""Posts: notices, reports, circulars and urgent news, and who may see them."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from controlplane.audit.models import record
from tenants.communities.models import Community, Membership
from tenants.feed.models.feeds import PostQuerySet
from tenants.members.models import Group, Household, Member, Seat

if TYPE_CHECKING:
    from tenants.feed.models.attachments import Attachment
    from tenants.feed.models.delivery import Delivery
    from tenants.feed.models.responses import Comment

BODY_LENGTH = 20_000


class Post(models.Model):
    """Something the association tells its people. Counts are kept on the row, so that a feed is one statement."""

    class Kind(models.TextChoices):
        NOTICE = "notice", "お知らせ"
        REPORT = "report", "活動報告"
        URGENT = "urgent", "緊急"
        CIRCULAR = "circular", "回覧"

    class Audience(models.TextChoices):
        EVERYONE = "everyone", "全世帯"
        GROUP = "group", "1つの組"
        COMMUNITY = "community", "コミュニティ"
        SEATS = "seats", "役員と組長"
        OFFICERS = "officers", "役員だけ"

    kind = models.CharField(max_length=10, choices=Kind, default=Kind.NOTICE)
    title = models.CharField(max_length=120)
    body = models.TextField(max_length=BODY_LENGTH, blank=True)
    audience = models.CharField(max_length=10, choices=Audience, default=Audience.EVERYONE)
    group = models.ForeignKey(Group, on_delete=models.PROTECT, null=True, blank=True, related_name="posts")
    # Not indexed by itself: post_community begins with it.
    community = models.ForeignKey(
        Community, on_delete=models.CASCADE, null=True, blank=True, related_name="posts", db_index=False
    )
    author = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="posts")
    as_seat = models.ForeignKey(Seat, on_delete=models.PROTECT, null=True, blank=True, related_name="posts")
    pinned = models.BooleanField(default=False)
    comments_open = models.BooleanField(default=True)
    publish_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    edited_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    comment_count = models.PositiveIntegerField(default=0)
    reaction_counts = models.JSONField(default=dict)
    read_households = models.PositiveIntegerField(default=0)

    objects = PostQuerySet.as_manager()

    # Set by for_reading() and with_unread_total().
    my_reaction: str | None
    read_at: datetime | None
    opened: bool
    unread_total: int | None

    class Meta:
        indexes: ClassVar = [
            models.Index(
                F("pinned").desc(),
                F("publish_at").desc(),
                F("id").desc(),
                name="post_feed",
                condition=Q(withdrawn_at=None),
            ),
            models.Index(
                fields=["community", "-publish_at"], name="post_community", condition=Q(community__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def signature(self) -> str:
        """Who speaks: the seat when it speaks as one, else the person."""
        return str(self.as_seat or self.author)

    @property
    def addressee(self) -> str:
        """Whom it is for, by name."""
        return str(self.group or self.community or self.get_audience_display())

    @property
    def photos(self) -> "list[Attachment]":
        return [attachment for attachment in self.attachments.all() if attachment.is_photo]

    @property
    def documents(self) -> "list[Attachment]":
        return [attachment for attachment in self.attachments.all() if not attachment.is_photo]

    @property
    def is_scheduled(self) -> bool:
        return self.publish_at > timezone.now()

    @classmethod
    def may_write(cls, member: Member, audience: str, community: Community | None = None) -> bool:
        """Officers write to anyone, leaders to their seats and groups, members into communities they are in."""
        if not member.is_admitted:
            return False
        if audience == cls.Audience.COMMUNITY:
            return community is not None and Community.objects.readable_by(member).filter(pk=community.pk).exists()
        return member.is_officer or (member.is_leader and audience in {cls.Audience.GROUP, cls.Audience.SEATS})

    @classmethod
    @transaction.atomic
    def write(cls, *, by: Member, attachments: Sequence["Attachment"] = (), **fields: Any) -> "Post":
        """Publish (or schedule) a post with the given fields. Raises PermissionError, ValidationError by field."""
        post = cls(author=by, **fields)
        post._check(by, pinning=post.pinned)
        post.save()
        for attachment in attachments:
            attachment.attach_to(post, by=by)
        if post.community:
            post.community.noticed()
        record("post.write", post, by=post.signature, kind=post.kind, audience=post.audience)
        return post

    @transaction.atomic
    def edit(self, *, by: Member, attachments: "Sequence[Attachment] | None" = None, **fields: Any) -> None:
        """Change a post; the audit entry keeps what it said before. `attachments`, when given, are all it has then."""
        self._only(by)
        pins = bool(fields.get("pinned")) and not self.pinned
        before = {name: str(getattr(self, name)) for name in fields}
        for name, value in fields.items():
            setattr(self, name, value)
        self.edited_at = timezone.now()
        self._check(by, signing="as_seat" in fields, pinning=pins)
        self.save()
        if attachments is not None:
            self.attachments.exclude(pk__in=[attachment.pk for attachment in attachments]).update(post=None)
            for attachment in attachments:
                attachment.attach_to(self, by=by)
        record("post.edit", self, by=by, before=before)

    @transaction.atomic
    def remove(self, *, by: Member) -> None:
        """Withdraw the post: nobody sees it any more, nothing is lost."""
        self._only(by)
        if self.withdrawn_at is None:
            self.withdrawn_at = timezone.now()
            self.save(update_fields=["withdrawn_at"])
            record("post.remove", self, by=by)

    def may_change(self, member: Member) -> bool:
        """Officers, and the author: of what a seat said only while they hold that seat."""
        return member.is_officer or Post.objects.filter(pk=self.pk).written_by(member).exists()

    @transaction.atomic
    def read_by(self, member: Member) -> None:
        """Press the household's seal: once per member, counted once per household. Who only visits leaves none."""
        from tenants.feed.models.responses import ReadReceipt

        if member.visiting:
            return
        seen = ReadReceipt.objects.filter(post=self, household=member.household_id).exists()
        _row, created = ReadReceipt.objects.get_or_create(
            post=self, member=member, defaults={"household_id": member.household_id}
        )
        if created and not seen:
            Post.objects.filter(pk=self.pk).update(read_households=F("read_households") + 1)

    @transaction.atomic
    def comment(self, *, by: Member, body: str) -> "Comment":
        """Say something under the post. Raises ValidationError when comments are closed or the text is empty."""
        if not self.comments_open:
            raise ValidationError(_("このお知らせには、コメントを書けません。"))
        if not body.strip():
            raise ValidationError({"body": _("コメントが、まだ書かれていません。")})
        if len(body) > 2000:
            raise ValidationError({"body": _("コメントは2,000文字までです。")})
        comment = self.comments.create(author=by, body=body.strip())
        Post.objects.filter(pk=self.pk).update(comment_count=F("comment_count") + 1)
        return comment

    @transaction.atomic
    def react(self, member: Member, kind: str | None) -> None:
        """Set, change or (None) take back a member's one reaction; the counts on the row follow."""
        from tenants.feed.models.responses import Reaction

        post = Post.objects.select_for_update().get(pk=self.pk)
        if kind is None:
            post.reactions.filter(member=member).delete()
        else:
            if kind not in Reaction.Kind.values:
                raise ValidationError({"kind": _("この気持ちは選べません。")})
            post.reactions.update_or_create(member=member, defaults={"kind": kind})
        post.reaction_counts = Reaction.objects.counts(post)
        post.save(update_fields=["reaction_counts"])
        self.reaction_counts = post.reaction_counts

    def audience_households(self) -> models.QuerySet[Household]:
        """The households this post is meant for."""
        homes = Household.objects.all()
        if self.audience == self.Audience.GROUP:
            return homes.filter(group=self.group)
        if self.audience == self.Audience.COMMUNITY:
            inside = Membership.objects.active().filter(community=self.community)
            return homes.filter(members__memberships__in=inside).distinct()
        if self.audience == self.Audience.EVERYONE:
            return homes
        officers_only = self.audience == self.Audience.OFFICERS
        holders = Member.objects.officers() if officers_only else Member.objects.leaders()
        return homes.filter(members__in=holders).distinct()

    def delivery(self) -> "Delivery":
        from tenants.feed.models.delivery import Delivery

        return Delivery(self)

    def _only(self, member: Member) -> None:
        if not self.may_change(member):
            raise PermissionError("Only its author or an officer changes a post.")

    def _check(self, by: Member, *, signing: bool = True, pinning: bool = False) -> None:
        if self.audience == self.Audience.COMMUNITY and self.community is None:
            raise ValidationError({"community": _("どのコミュニティに書くか、選んでください。")})
        if not self.may_write(by, self.audience, self.community):
            raise PermissionError("This member may not write to this audience.")
        errors: dict[str, str] = {}
        if not self.title.strip():
            errors["title"] = _("題が、まだ入っていません。")
        if self.audience == self.Audience.GROUP and self.group is None:
            errors["group"] = _("どの組に届けるか、選んでください。")
        if signing and self.as_seat and self.as_seat_id not in set(by.seats().values_list("pk", flat=True)):
            errors["as_seat"] = _("この役職では書けません。")
        if pinning and not by.is_officer:
            errors["pinned"] = _("いちばん上に固定できるのは、役員だけです。")
        if self.expires_at and self.expires_at <= self.publish_at:
            errors["expires_at"] = _("終わりが、始まりより前になっています。")
        if len(self.body) > BODY_LENGTH:
            errors["body"] = _("本文は2万文字までです。")
        if errors:
            raise ValidationError(errors)
