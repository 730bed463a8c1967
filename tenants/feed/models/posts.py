"""Posts: notices, reports, circulars and urgent news: written, kept as drafts, corrected, withdrawn."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from controlplane.audit.models import record
from controlplane.versioned import Versioned
from tenants.feed import prose
from tenants.feed.models.addressing import Addressed
from tenants.feed.models.answering import Answered
from tenants.feed.models.checking import BODY_LENGTH, check
from tenants.feed.models.feeds import PostQuerySet
from tenants.feed.models.indexing import index
from tenants.feed.models.taken import Taken
from tenants.members.models import Act, Member, Seat, only

if TYPE_CHECKING:
    from tenants.feed.models.attachments import Attachment
    from tenants.feed.models.circulars import Round
    from tenants.feed.models.delivery import Delivery

REASON_LENGTH = 200
UNDO_FOR = timedelta(days=30)


class Post(Addressed, Answered, Taken, Versioned):
    """Something the association tells its people. Counts are kept on the row, so that a feed is one statement."""

    class Kind(models.TextChoices):
        NOTICE = "notice", pgettext_lazy("kind", "お知らせ")
        REPORT = "report", gettext_lazy("活動報告")
        URGENT = "urgent", gettext_lazy("緊急")
        CIRCULAR = "circular", pgettext_lazy("kind", "回覧")

    kind = models.CharField(max_length=10, choices=Kind, default=Kind.NOTICE)
    title = models.CharField(max_length=120)
    body = models.TextField(max_length=BODY_LENGTH, blank=True)
    # None: a copy of a bulletin, see `Taken`.
    author = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="posts", null=True, blank=True)
    as_seat = models.ForeignKey(Seat, on_delete=models.PROTECT, null=True, blank=True, related_name="posts")
    pinned = models.BooleanField(default=False)
    # None: a draft. No comparison with a moment holds for it, so that no reader ever sees one.
    publish_at = models.DateTimeField(default=timezone.now, null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    edited_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_reason = models.CharField(max_length=REASON_LENGTH, blank=True, default="", db_default="")
    event = models.BigIntegerField(null=True, blank=True)  # of the calendar, which this app does not know
    preview = models.JSONField(null=True, blank=True)  # of the first link: {"url", "title", "site"}
    tell_at = models.DateTimeField(null=True, blank=True)  # when people are to be told by message; None: done
    told_to = models.BigIntegerField(default=0, db_default=0)  # the last member told so far

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
            models.Index(fields=["source_id"], name="post_source", condition=Q(source_id__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.title or _("（題名なし）")

    @property
    def signature(self) -> str:
        """Who speaks: the seat when it speaks as one, else the person; of a bulletin the city or federation."""
        return str(self.as_seat or self.author or self.source_name)

    @property
    def photos(self) -> "list[Attachment]":
        return [attachment for attachment in self.attachments.all() if attachment.is_photo]

    @property
    def documents(self) -> "list[Attachment]":
        return [attachment for attachment in self.attachments.all() if not attachment.is_photo]

    @property
    def is_draft(self) -> bool:
        return self.publish_at is None

    @property
    def is_scheduled(self) -> bool:
        return self.publish_at is not None and self.publish_at > timezone.now()

    @property
    def is_public(self) -> bool:
        """Whether its readers have it: neither a draft nor waiting for its time."""
        return not (self.is_draft or self.is_scheduled)

    @property
    def first_link(self) -> str:
        """The first address in the text that leads out of Kairan."""
        return next((url for url in prose.links(self.body) if not _leads_here(url)), "")

    @classmethod
    @transaction.atomic
    def write(cls, *, by: Member, attachments: Sequence["Attachment"] = (), **fields: Any) -> "Post":
        """Publish, schedule, or (publish_at=None) keep as a draft. Raises PermissionError, ValidationError by field."""
        post = cls(author=by, **fields)
        check(post, by, pinning=post.pinned)
        post.save(force_insert=True)
        post._attach(attachments, by)
        index(post)
        record("post.draft" if post.is_draft else "post.write", post, by=post.signature, **post._sort())
        if not post.is_draft:
            post._go_out()
        return post

    @transaction.atomic
    def edit(
        self,
        *,
        by: Member,
        attachments: "Sequence[Attachment] | None" = None,
        version: int | None = None,
        **fields: Any,
    ) -> None:
        """Change a post and keep what it said before. `attachments`, when given, are all it has then.

        `version`, when given, is the one the writer had before them; raises EditedMeanwhile when it is not the newest.
        """
        from tenants.feed.models.versions import PostVersion

        only(by, Act.EDIT_POST, self)
        now = self.locked(version, "as_seat", "author", "group", "community")
        before, was_draft = now._words(), now.is_draft
        if not was_draft and fields.get("as_seat", now.as_seat) != now.as_seat:
            raise ValidationError({"as_seat": _("差出人は、出したあとでは変えられません。")})
        pins = bool(fields.get("pinned")) and not now.pinned
        for name, value in fields.items():
            setattr(self, name, value)
        check(self, by, signing=was_draft or "as_seat" in fields, pinning=pins)
        if now.is_public:
            self.edited_at = timezone.now()
        if not was_draft:
            PostVersion.keep(now, before, by=by)
        self.version = now.version
        self.put(*fields, "edited_at")
        if attachments is not None:
            self.attachments.exclude(pk__in=[attachment.pk for attachment in attachments]).update(post=None)
            self._attach(attachments, by)
        index(self)
        record("post.edit", self, by=by, before={"title": before["title"]}, version=now.version)
        self._edited(was_draft=was_draft, moved="publish_at" in fields, rewritten="body" in fields)

    @transaction.atomic
    def remove(self, *, by: Member, reason: str = "") -> None:
        """Withdraw the post: nobody sees it any more, nothing is lost, and it can be brought back for a while."""
        only(by, Act.WITHDRAW_POST, self)
        if len(reason) > REASON_LENGTH:
            raise ValidationError({"reason": _("わけは200文字までです。")})
        standing = Post.objects.filter(pk=self.pk, withdrawn_at=None)
        self.withdrawn_at, self.withdrawn_reason = timezone.now(), reason.strip()
        if standing.update(withdrawn_at=self.withdrawn_at, withdrawn_reason=self.withdrawn_reason):
            record("post.remove", self, by=by, reason=self.withdrawn_reason)

    @transaction.atomic
    def restore(self, *, by: Member) -> None:
        """Bring a withdrawn post back. One that officers hid stays hidden until they show it again."""
        from tenants.feed.models.moderation import Moderation

        only(by, Act.WITHDRAW_POST, self)
        if Moderation.objects.hiding(self).exists():
            raise ValidationError(_("役員がかくしたお知らせです。もどすときは、役員に伝えてください。"))
        back = Post.objects.filter(pk=self.pk, withdrawn_at__gte=timezone.now() - UNDO_FOR)
        if back.update(withdrawn_at=None, withdrawn_reason=""):
            record("post.restore", self, by=by)
        self.refresh_from_db(fields=["withdrawn_at", "withdrawn_reason"])

    def delivery(self) -> "Delivery":
        from tenants.feed.models.delivery import Delivery

        return Delivery(self)

    def round(self) -> "Round":
        from tenants.feed.models.circulars import Round

        return Round(self)

    def _attach(self, attachments: Sequence["Attachment"], by: Member) -> None:
        for position, attachment in enumerate(attachments, 1):
            attachment.attach_to(self, by=by, position=position)

    def _sort(self) -> dict[str, str]:
        return {"kind": self.kind, "audience": self.audience}

    def _words(self) -> dict[str, Any]:
        """All that a reader was told, as it is kept of a version."""
        files = list(self.attachments.order_by("position", "pk").values_list("name", flat=True))
        told = {"kind": self.get_kind_display(), "to": self.addressee, "from": self.signature, "files": files}
        return {"title": self.title, "body": self.body, **told}

    def _go_out(self) -> None:
        """What follows from having been published: the link is looked at, people are told."""
        from tenants.feed import news, tasks

        if self.community:
            self.community.noticed()
        news.plan(self)
        if self.first_link:
            tasks.look_at_link.on_commit(*tasks.place(), self.pk)

    def _edited(self, *, was_draft: bool, moved: bool, rewritten: bool) -> None:
        from tenants.feed import news, tasks

        if was_draft and not self.is_draft:
            self._go_out()
        elif moved and self.tell_at:
            news.plan(self)
        if rewritten and not (was_draft or self.is_draft) and (self.preview or {}).get("url", "") != self.first_link:
            tasks.look_at_link.on_commit(*tasks.place(), self.pk)


def _leads_here(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    return host == settings.APEX_HOST or host.endswith(f".{settings.APEX_HOST}")
