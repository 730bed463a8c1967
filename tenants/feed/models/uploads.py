"""A file on its way in, piece by piece, over a line that may break. Its sender's alone, and gone after a day.

Objects are put before the row that names them, with no transaction open; those whose row never came are swept where
`dispatch.Wakeup` says that something was sent in.
"""

import re
from datetime import timedelta
from typing import ClassVar, cast

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import models, transaction
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.utils.translation import gettext as _

from controlplane.dispatch.models import Wakeup
from controlplane.tenancy import At, between_transactions, bound, current_uuid
from controlplane.tenancy.storage import AWAY, AssociationStorage, StorageUnavailable
from tenants.feed import scanning
from tenants.feed.models import attachments
from tenants.feed.models.attachments import Attachment
from tenants.feed.models.room import Room
from tenants.members.models import Act, Member, only

FOLDER = "uploads"
LIFETIME = timedelta(hours=24)
RESERVED = timedelta(hours=1)  # how long room is held for a copy that is being put into the object store
SWEEPING = "uploads"  # the purpose of a visit
AT_ONCE = 40  # for one member: a form takes twenty, and a page may be opened twice
MOST_PIECES = 400
PASSING = {"busy", scanning.SILENT, "room", AWAY}  # refusals after which the same file may be tried again


class OffsetMoved(Exception):
    """What has arrived ends elsewhere than the sender thinks."""


class UploadQuerySet(models.QuerySet["Upload"]):
    def open_for(self, member: Member) -> "UploadQuerySet":
        return self.filter(owner=member, key__startswith=f"{FOLDER}/", expires_at__gt=timezone.now())

    @transaction.atomic
    def begin(self, *, by: Member, name: str, length: int) -> "Upload":
        """Make place for a file of this length. Raises ValidationError when it is too long or there is no room."""
        only(by, Act.SEND_FILES)
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
        _look_again()
        return self.create(owner=by, name=shown, length=length, key=key, expires_at=timezone.now() + LIFETIME)

    @transaction.atomic
    def reserve(self, size: int, *, by: Member) -> "Upload":
        """Room for a copy that is about to be put into the object store, until its attachment names it."""
        Room.hold(size)
        key = f"{attachments.FOLDER}/{get_random_string(32)}"
        _look_again()
        until = timezone.now() + RESERVED
        return self.create(owner=by, length=size, received=size, key=key, expires_at=until)


def _look_again() -> None:
    """Have the association visited when nothing of today can be on its way any more."""
    Wakeup.objects.note(current_uuid(), SWEEPING, timezone.now() + LIFETIME + timedelta(hours=2))


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

    def append(self, content: bytes, *, at: int) -> None:
        """Keep the next piece. Of two that come at once, or one that comes twice, only one counts: OffsetMoved."""
        Upload.objects.get(pk=self.pk)._check(content, at)
        piece = f"{at}-{get_random_string(8)}"  # of its own name: another one for this place may be on its way, too
        if content:
            with between_transactions():
                _store().put(self._place(piece), content)
        try:
            self._count(content, at, piece)
        except (OffsetMoved, ValidationError, Upload.DoesNotExist):
            if content:
                _store().discard(self._place(piece))
            raise

    @transaction.atomic
    def _count(self, content: bytes, at: int, piece: str) -> None:
        row = Upload.objects.select_for_update().get(pk=self.pk)
        row._check(content, at)
        if content:
            row.pieces.append(piece)
            row.received += len(content)
            row.save(update_fields=["pieces", "received"])
        self.received, self.pieces = row.received, row.pieces

    def _check(self, content: bytes, at: int) -> None:
        if at != self.received:
            raise OffsetMoved
        if at + len(content) > self.length or len(self.pieces) >= MOST_PIECES:
            raise ValidationError(
                _("ファイルの長さが、はじめに聞いたのとちがいます。えらびなおしてください。"), code="length"
            )

    def _place(self, piece: object) -> str:
        return f"{self.key}/{piece}"

    def fill(self, *contents: bytes) -> None:
        """Put a copy and its small picture where room is reserved for them. Failing gives the room back at once."""
        with between_transactions():
            try:
                for key, content in zip(self._objects, contents, strict=True):
                    if content:
                        _store().put(key, content)
            except StorageUnavailable:
                with bound(At(current_uuid())):
                    Upload.objects.filter(pk=self.pk).update(expires_at=timezone.now())
                raise

    def finish(self) -> Attachment:
        """What has arrived whole becomes an attachment, once. Raises ValidationError as any upload does."""
        row = Upload.objects.select_related("owner", "attachment").get(pk=self.pk)
        if row.attachment:
            return row.attachment
        if not row.is_whole:
            raise ValidationError(_("まだ、ぜんぶ届いていません。"), code="unfinished")
        try:
            with between_transactions():
                file = row._file()
            return row._become(Attachment.objects.receive(file, by=row.owner))
        except ValidationError as refusal:
            if refusal.code not in PASSING:
                row.give_up()
            raise

    @transaction.atomic
    def _become(self, made: Attachment) -> Attachment:
        """The attachment that counts: who asked twice at once has made two, and one is thrown away."""
        row = Upload.objects.select_for_update(of=("self",)).select_related("attachment").get(pk=self.pk)
        if row.attachment:
            Attachment.objects.filter(pk=made.pk).forget()
            return row.attachment
        row.attachment = made
        row.save(update_fields=["attachment"])
        row._discard_objects()
        return made

    def _file(self) -> SimpleUploadedFile:
        content = b"".join(_store().get(self._place(piece)) for piece in self.pieces)
        file = SimpleUploadedFile("x", content)
        file._name = self.name  # type: ignore[attr-defined]  # as it was sent: `clean_name` sees to it
        return file

    @transaction.atomic
    def give_up(self) -> None:
        self._discard_objects()
        self.delete()

    @property
    def _objects(self) -> list[str]:
        """What of it lies, or may lie, in the object store."""
        if self.key.startswith(f"{attachments.FOLDER}/"):
            return [self.key, f"{self.key}{attachments.PREVIEW}"]
        return [self._place(piece) for piece in self.pieces]

    def _discard_objects(self) -> None:
        _store().discard(*self._objects)


def clear_uploads() -> None:
    """Under the current binding: uploads that ran out, attachments no post carries, pieces whose row was never kept."""
    now = timezone.now()
    for upload in Upload.objects.filter(expires_at__lt=now):
        upload.give_up()
    Attachment.objects.left_loose(now - LIFETIME).forget()
    with between_transactions():
        stray = _store().listed(FOLDER, before=now - LIFETIME - timedelta(hours=1))
    _store().discard(*stray)


def _store() -> AssociationStorage:
    return cast(AssociationStorage, default_storage)
