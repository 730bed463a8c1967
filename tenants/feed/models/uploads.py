"""A file on its way in, piece by piece, over a line that may break. Its sender's alone, and gone after a day."""

import re
from datetime import timedelta
from typing import ClassVar, cast

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import models, transaction
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.utils.translation import gettext as _

from controlplane.tenancy.storage import AssociationStorage
from tenants.feed import scanning
from tenants.feed.models.attachments import Attachment
from tenants.feed.models.room import Room
from tenants.members.models import Member

FOLDER = "uploads"
LIFETIME = timedelta(hours=24)
AT_ONCE = 40  # for one member: a form takes twenty, and a page may be opened twice
MOST_PIECES = 400
PASSING = {"busy", scanning.SILENT, "room"}  # refusals after which the same file may be tried again


class OffsetMoved(Exception):
    """What has arrived ends elsewhere than the sender thinks."""


class UploadQuerySet(models.QuerySet["Upload"]):
    def open_for(self, member: Member) -> "UploadQuerySet":
        return self.filter(owner=member, expires_at__gt=timezone.now())

    @transaction.atomic
    def begin(self, *, by: Member, name: str, length: int) -> "Upload":
        """Make place for a file of this length. Raises ValidationError when it is too long or there is no room."""
        limit: int = settings.ATTACHMENT_MAX_BYTES
        if length < 1:
            raise ValidationError(_("ファイルの中身が、からっぽです。もう一度えらんでください。"), code="empty")
        if length > limit:
            too_big = _("ファイルが大きすぎます。%(size)s MBまでのものをえらんでください。")
            raise ValidationError(too_big % {"size": limit // (1024 * 1024)}, code="size")
        Room.hold(length)
        if self.open_for(by).filter(attachment=None).count() >= AT_ONCE:
            raise ValidationError(
                _("送りかけのファイルが、たくさんあります。少し待ってから、のせてください。"), code="many"
            )
        shown = re.sub(r"[\x00-\x1f\x7f\ud800-\udfff]", "", name)[-255:]
        key = f"{FOLDER}/{get_random_string(32)}"
        return self.create(owner=by, name=shown, length=length, key=key, expires_at=timezone.now() + LIFETIME)


class Upload(models.Model):
    owner = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="uploads")
    name = models.CharField(max_length=255, blank=True)
    length = models.PositiveIntegerField()
    received = models.PositiveIntegerField(default=0)
    pieces = models.JSONField(default=list)  # where each begins
    key = models.CharField(max_length=80)
    attachment = models.OneToOneField(Attachment, on_delete=models.CASCADE, null=True, blank=True)
    expires_at = models.DateTimeField()

    objects: ClassVar[UploadQuerySet] = UploadQuerySet.as_manager()  # type: ignore[assignment]

    def __str__(self) -> str:
        return f"{self.name} ({self.received} of {self.length})"

    @property
    def is_whole(self) -> bool:
        return self.received == self.length

    @transaction.atomic
    def append(self, content: bytes, *, at: int) -> None:
        """Keep the next piece. Of two that come at once, or one that comes twice, only one counts: OffsetMoved."""
        row = Upload.objects.select_for_update().get(pk=self.pk)
        if at != row.received:
            raise OffsetMoved
        if at + len(content) > row.length or len(row.pieces) >= MOST_PIECES:
            raise ValidationError(
                _("ファイルの長さが、はじめに聞いたのとちがいます。えらびなおしてください。"), code="length"
            )
        if content:
            default_storage.save(row._place(at), ContentFile(content))
            row.pieces.append(at)
            row.received += len(content)
            row.save(update_fields=["pieces", "received"])
        self.received, self.pieces = row.received, row.pieces

    def _place(self, at: int) -> str:
        return f"{self.key}/{at}"

    def finish(self) -> Attachment:
        """What has arrived whole becomes an attachment, once. Raises ValidationError as any upload does.

        No savepoint around it: what a refusal leaves behind (the scanner's entry, the end of this upload) has to stay.
        """
        row = Upload.objects.select_for_update(of=("self",)).select_related("owner").get(pk=self.pk)
        if row.attachment:
            return row.attachment
        if not row.is_whole:
            raise ValidationError(_("まだ、ぜんぶ届いていません。"), code="unfinished")
        try:
            row.attachment = Attachment.objects.receive(row._file(), by=row.owner)
        except ValidationError as refusal:
            if refusal.code not in PASSING:
                row.give_up()
            raise
        row.save(update_fields=["attachment"])
        row._discard_pieces()
        return row.attachment

    def _file(self) -> SimpleUploadedFile:
        content = b""
        for place in self.pieces:
            with default_storage.open(self._place(place)) as piece:
                content += piece.read()
        file = SimpleUploadedFile("x", content)
        file._name = self.name  # type: ignore[attr-defined]  # as it was sent: `clean_name` sees to it
        return file

    @transaction.atomic
    def give_up(self) -> None:
        self._discard_pieces()
        self.delete()

    def _discard_pieces(self) -> None:
        default_storage.discard(*map(self._place, self.pieces))  # type: ignore[attr-defined]


def clear_uploads() -> None:
    """Under the current binding: uploads that ran out, attachments no post carries, pieces whose row was never kept."""
    now = timezone.now()
    for upload in Upload.objects.filter(expires_at__lt=now):
        upload.give_up()
    Attachment.objects.left_loose(now - LIFETIME).forget()
    store = cast(AssociationStorage, default_storage)
    store.discard(*store.listed(FOLDER, before=now - LIFETIME - timedelta(hours=1)))
