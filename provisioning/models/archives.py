"""Archives kept in the object store: asked for by a representative, or made before a restore. Schema: public only."""

import hashlib
from datetime import timedelta
from pathlib import PurePosixPath
from tempfile import TemporaryFile
from typing import IO, ClassVar, cast
from uuid import UUID

import structlog
from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from controlplane.associations.models import Association
from controlplane.audit.models import record
from controlplane.tenancy import naming, public
from controlplane.tenancy.storage import AssociationStorage

LIFE = timedelta(days=7)
SAFETY_LIFE = timedelta(days=90)
LEASE = timedelta(minutes=2)  # renewed file by file
PER_DAY = 5
log = structlog.get_logger()


class ArchiveQuerySet(models.QuerySet["Archive"]):
    def unfinished(self) -> "ArchiveQuerySet":
        return self.filter(state__in=Archive.UNFINISHED)

    def waiting(self) -> "ArchiveQuerySet":
        """Unfinished, and nobody works on it."""
        return self.unfinished().filter(Q(leased_until=None) | Q(leased_until__lt=timezone.now()))

    def ready(self) -> "ArchiveQuerySet":
        return self.filter(state=Archive.State.READY, expires_at__gt=timezone.now())

    def expired(self) -> "ArchiveQuerySet":
        return self.filter(state=Archive.State.READY, expires_at__lte=timezone.now())

    def asked_for(self, uuid: UUID) -> "ArchiveQuerySet":
        """What this association's representatives asked for, the newest first."""
        return self.filter(association=uuid, kind=Archive.Kind.EXPORT)

    def ask(self, uuid: UUID, *, by: object) -> "Archive":
        """Have an archive made; while one is being made, that one. Call under `public`."""
        from provisioning.tasks import make_archive

        association = Association.objects.select_for_update().get(pk=uuid)  # two presses are one archive
        asked = self.asked_for(uuid)
        under_way = asked.unfinished().first()
        if under_way:
            return under_way
        if asked.filter(created_at__gt=timezone.now() - timedelta(days=1)).count() >= PER_DAY:
            raise ValidationError(_("1日に作れるのは5回までです。あしたまた、お願いします。"))
        archive = self.create(association=association, kind=Archive.Kind.EXPORT)
        record("archive.ask", archive, by=by)
        make_archive.on_commit(archive.pk)
        return archive

    def keep(self, association: Association, *, beside: str) -> "Archive":
        """Make and check an archive of another schema of the association, at once. Call unbound."""
        with public():
            archive = self.create(association=association, kind=Archive.Kind.SAFETY, state=Archive.State.MAKING)
        archive._write(beside=beside)
        return archive

    def remove_expired(self) -> int:
        """Delete what has been kept long enough; returns how many. Call unbound."""
        with public():
            over = list(self.expired().select_related("association"))
        for archive in over:
            archive.remove()
        return len(over)


class Archive(models.Model):
    """A ZIP of one association, on its way or ready to be fetched until it expires. Nothing personal is on the row."""

    class Kind(models.TextChoices):
        EXPORT = "export", gettext_lazy("持ち出し")
        SAFETY = "safety", gettext_lazy("戻す前の控え")

    class State(models.TextChoices):
        WAITING = "waiting", gettext_lazy("順番を待っています")
        MAKING = "making", gettext_lazy("作っています")
        READY = "ready", gettext_lazy("できました")
        FAILED = "failed", gettext_lazy("作れませんでした")
        REMOVED = "removed", gettext_lazy("消しました")

    UNFINISHED: ClassVar = (State.WAITING, State.MAKING)

    association = models.ForeignKey(Association, on_delete=models.CASCADE, related_name="archives")
    kind = models.CharField(max_length=6, choices=Kind)
    state = models.CharField(max_length=7, choices=State, default=State.WAITING)
    done = models.PositiveIntegerField(default=0)  # files written so far
    total = models.PositiveIntegerField(default=0)
    key = models.CharField(max_length=80, blank=True)
    size = models.BigIntegerField(null=True, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    error = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    leased_until = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)

    objects = ArchiveQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["association"],
                condition=Q(kind="export", state__in=["waiting", "making"]),
                name="archive_one_under_way",
            )
        ]

    def __str__(self) -> str:
        return f"archive {self.pk}"

    @property
    def is_under_way(self) -> bool:
        return self.state in self.UNFINISHED

    @property
    def is_ready(self) -> bool:
        return bool(self.state == self.State.READY and self.expires_at and self.expires_at > timezone.now())

    def make(self) -> None:
        """Take the work up unless somebody is at it; a failure is noted and shown. Call unbound."""
        with public():
            mine = Archive.objects.waiting().select_for_update(skip_locked=True).filter(pk=self.pk)
            if not mine.exists():
                return
            self._update(state=self.State.MAKING, leased_until=timezone.now() + LEASE, done=0, total=0)
        try:
            self._write()
        except Exception:
            log.exception("archive_failed", archive=self.pk)

    def hand_out(self, *, by: object) -> None:
        """Note that somebody fetches it. Call under `public`."""
        record("archive.fetch", self, by=by)

    def link(self) -> str:
        """A presigned link for five minutes. Call with the association bound."""
        name = f"kairan-{self.association.slug}-{timezone.localdate(self.finished_at):%Y%m%d}.zip"
        return cast(AssociationStorage, default_storage).link(self.key, filename=name)

    def fetch(self, file: IO[bytes]) -> None:
        """Copy the kept archive into a file. Call unbound."""
        with naming(self.association), default_storage.open(self.key) as stored:
            for part in stored.chunks():
                file.write(part)
        file.seek(0)

    def remove(self) -> None:
        """Delete the file and keep the row, which says that there was one."""
        with naming(self.association):
            default_storage.delete(self.key)
        with public():
            self._update(state=self.State.REMOVED, key="")

    def _write(self, *, beside: str = "") -> None:
        from provisioning import archive

        try:
            with TemporaryFile() as file:
                archive.export(self.association, file, beside=beside, progress=self._progress)
                archive.verify(file)  # what cannot be read back is not kept
                self._store(file)
        except Exception as error:
            with public():
                self._update(
                    state=self.State.FAILED, error=f"{type(error).__name__}: {error}"[:2000], leased_until=None
                )
            raise

    def _store(self, file: IO[bytes]) -> None:
        file.seek(0)
        digest = hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]  # typeshed wants more than it uses
        size, now = file.tell(), timezone.now()
        file.seek(0)
        with naming(self.association):
            key = default_storage.save(str(PurePosixPath("archives", f"{get_random_string(32)}.zip")), File(file))
        life = SAFETY_LIFE if self.kind == self.Kind.SAFETY else LIFE
        finished = {"finished_at": now, "expires_at": now + life, "leased_until": None, "error": ""}
        with public():
            self._update(state=self.State.READY, key=key, size=size, sha256=digest, **finished)

    def _progress(self, done: int, total: int) -> None:
        with public():
            self._update(done=done, total=total, leased_until=timezone.now() + LEASE)

    @transaction.atomic
    def _update(self, **fields: object) -> None:
        Archive.objects.filter(pk=self.pk).update(**fields)
        for name, value in fields.items():
            setattr(self, name, value)
