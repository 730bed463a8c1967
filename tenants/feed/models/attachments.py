"""Attachments: photos and PDFs, checked and re-encoded before anybody sees them."""

from datetime import datetime
from typing import ClassVar, cast

from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db import models, transaction
from django.db.models import F, Q, Sum
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from controlplane.associations.models.bulletin_files import SHARED
from controlplane.associations.models.bulletin_files import link as shared_link
from controlplane.audit.models import record
from controlplane.tenancy import between_transactions
from controlplane.tenancy.storage import AssociationStorage
from tenants.communities.models import HandoverRecord
from tenants.feed import scanning, uploads
from tenants.feed.models.posts import Post
from tenants.members.models import Act, Member, only
from tenants.search.models import Kind, remove

FOLDER, PREVIEW = "attachments", "-preview"  # in the object store: the folder, and how a small picture's name ends
MAX_PHOTOS = 20
MAX_IN_RECORD = 10


class AttachmentQuerySet(models.QuerySet["Attachment"]):
    def receive(self, upload: "UploadedFile[bytes]", *, by: Member) -> "Attachment":
        """Check an upload by its content and keep a clean copy. Raises ValidationError with the reason."""
        return self.keep(self.opened(upload, by=by), by=by)

    def opened(self, upload: "UploadedFile[bytes]", *, by: Member) -> uploads.Clean:
        """The clean copy of an upload, not kept yet. What the scanner finds stands in the association's log."""
        try:
            with between_transactions():
                return uploads.clean(upload)
        except scanning.Infected as infected:
            record("attachment.infected", by, by=by, found=infected.what)
            raise

    def keep(self, clean: uploads.Clean, *, by: Member) -> "Attachment":
        """Store a clean copy where there is room for it: the room first, then the objects, then the row naming them.

        While the object store is waited for nobody is kept from the room, and what comes to nothing is swept.
        """
        from tenants.feed.models.uploads import Upload

        preview = clean.preview or b""
        place = Upload.objects.reserve(len(clean.content) + len(preview), by=by)
        place.fill(clean.content, preview)
        with transaction.atomic():
            place.delete()
            return self._name(place.key, clean, by)

    def _name(self, key: str, clean: uploads.Clean, by: Member) -> "Attachment":
        preview = clean.preview or b""
        return self.create(
            owner=by,
            kind=clean.kind,
            name=clean.name,
            content_type=clean.content_type,
            size=len(clean.content),
            preview_size=len(preview),
            pages=clean.pages,
            text=clean.text,
            width=clean.width,
            height=clean.height,
            key=key,
            preview_key=f"{key}{PREVIEW}" if preview else "",
        )

    def largest_seen_by(self, member: Member) -> "AttachmentQuerySet":
        """Those of posts this member sees, the largest first."""
        seen = Post.objects.visible_to(member).values("pk")
        return (
            self.filter(post__in=seen)
            .exclude(key__startswith=SHARED)
            .defer("text")
            .select_related("post")
            .order_by((F("size") + F("preview_size")).desc(), "pk")
        )

    def total_size(self) -> int:
        """How many bytes the association keeps: the copies and their small pictures, but not bulletins' documents."""
        return int(
            self.exclude(key__startswith=SHARED).aggregate(total=Sum(F("size") + F("preview_size"), default=0))["total"]
        )

    def loose(self) -> "AttachmentQuerySet":
        """Carried by nothing yet."""
        return self.filter(post=None, record=None)

    def left_loose(self, before: datetime) -> "AttachmentQuerySet":
        """Sent in before a moment, and carried by nothing."""
        return self.loose().filter(created_at__lt=before)

    def forget(self) -> None:
        """Take away the rows, and their objects once this has been committed."""
        rows = list(self)
        keys = [key for each in rows if not each.is_shared for key in (each.key, each.preview_key) if key]
        cast(AssociationStorage, default_storage).discard(*keys)
        gone = [each.pk for each in rows]
        self.model.objects.filter(pk__in=gone).delete()
        remove(Kind.DOCUMENT, *gone)


class Attachment(models.Model):
    class Kind(models.TextChoices):
        PHOTO = "photo", gettext_lazy("写真")
        DOCUMENT = "document", gettext_lazy("書類")

    post = models.ForeignKey(Post, on_delete=models.CASCADE, null=True, blank=True, related_name="attachments")
    # Not indexed by itself: attachment_record begins with it.
    record = models.ForeignKey(
        HandoverRecord, on_delete=models.CASCADE, null=True, blank=True, related_name="attachments", db_index=False
    )
    # None: a document of a bulletin, see `Taken`.
    owner = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="attachments", null=True, blank=True)
    kind = models.CharField(max_length=10, choices=Kind)
    name = models.CharField(max_length=120)
    alt = models.CharField(max_length=200, blank=True)
    caption = models.CharField(max_length=200, blank=True, default="", db_default="")
    position = models.PositiveSmallIntegerField(default=0, db_default=0)
    content_type = models.CharField(max_length=40)
    size = models.PositiveIntegerField()
    preview_size = models.PositiveIntegerField(default=0, db_default=0)
    pages = models.PositiveSmallIntegerField(null=True, blank=True)
    width = models.PositiveSmallIntegerField(null=True, blank=True)
    height = models.PositiveSmallIntegerField(null=True, blank=True)
    key = models.CharField(max_length=80)
    preview_key = models.CharField(max_length=80, blank=True)
    text = models.TextField(blank=True, default="", db_default="")  # a document's own words, for search
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[AttachmentQuerySet] = AttachmentQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["record"], name="attachment_record", condition=Q(record__isnull=False))
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_loose(self) -> bool:
        return self.post_id is None and self.record_id is None

    @property
    def is_photo(self) -> bool:
        return self.kind == self.Kind.PHOTO

    @property
    def is_shared(self) -> bool:
        return self.key.startswith(SHARED)

    @property
    def kept_bytes(self) -> int:
        return self.size + self.preview_size

    @transaction.atomic
    def attach_to(self, post: Post, *, by: Member, position: int = 0) -> None:
        """Bind an own, still loose attachment to a post: at most 20 photos and one PDF."""
        if self.post_id != post.pk and not (self.is_loose and self.owner_id == by.pk):
            raise ValidationError({"attachments": _("この添付は使えません。")})
        there = post.attachments.filter(kind=self.kind).exclude(pk=self.pk).count()
        if there >= (MAX_PHOTOS if self.is_photo else 1):
            raise ValidationError({"attachments": _("写真は20枚まで、PDFは1つまでです。")})
        self.post, self.position = post, position
        self.save(update_fields=["post", "position"])

    @transaction.atomic
    def put_into(self, handover: HandoverRecord, *, by: Member) -> None:
        """Bind an own, still loose attachment to a handover record, for as long as that may be changed."""
        HandoverRecord.objects.select_for_update().get(pk=handover.pk)
        only(by, Act.EDIT_RECORD, handover)
        if not (self.is_loose and self.owner_id == by.pk):
            raise ValidationError({"attachments": _("この添付は使えません。")})
        if handover.attachments.count() >= MAX_IN_RECORD:
            raise ValidationError({"attachments": _("1つの記録には、写真と書類をあわせて10までです。")})
        self.record = handover
        self.save(update_fields=["record"])
        record("record.attach", handover, by=by, name=self.name)

    def describe(self, *, by: Member, caption: str, alt: str) -> None:
        """Say under a photo what it shows, and to those who do not see it; as long as it is one's to say."""
        only(by, Act.DESCRIBE_FILE, self)
        caption, alt = " ".join(caption.split())[:200], " ".join(alt.split())[:200]
        if (caption, alt) != (self.caption, self.alt):
            self.caption, self.alt = caption, alt
            self.save(update_fields=["caption", "alt"])

    @property
    def said(self) -> str:
        """What is read out for the picture."""
        return self.alt or self.caption

    @transaction.atomic
    def remove(self, *, by: Member) -> None:
        """Take it away for good, by whoever may change what carries it: that stays, the bytes are free."""
        carrier = self.post or self.record
        if carrier is None:
            raise PermissionError("What nothing carries goes by itself, a day later.")
        only(by, Act.REMOVE_FILE, self)
        record("attachment.remove", carrier, by=by, name=self.name, size=self.size)
        Attachment.objects.filter(pk=self.pk).forget()

    def may_see(self, member: Member) -> bool:
        if self.record_id:
            return HandoverRecord.objects.visible_to(member).filter(pk=self.record_id).exists()
        if self.post_id is None:
            return self.owner_id == member.pk
        posts = Post.objects.filter(pk=self.post_id)
        seen = posts.visible_to(member).exists() or posts.looked_after_by(member).exists()
        return seen or posts.judged_by(member).exists()  # whoever is asked to look at it

    def link(self, *, preview: bool = False) -> str:
        """A presigned link for five minutes. Ask `may_see` first. A document is saved, never run beside our pages."""
        if self.is_shared:
            key, name, kind = self.key, self.name, self.content_type
            if preview and self.preview_key:
                key, name, kind = self.preview_key, "", "image/webp"
            return shared_link(key.removeprefix("public/"), name, kind)
        store = cast(AssociationStorage, default_storage)
        if preview and self.preview_key:
            return str(store.url(self.preview_key, parameters={"ResponseContentType": "image/webp"}))
        if self.is_photo:
            return str(store.url(self.key, parameters={"ResponseContentType": self.content_type}))
        return store.link(self.key, filename=self.name, content_type=self.content_type)
