"""Closures: an association ends, may come back while its data is kept, and is gone after that. Schema: public only.

close → kept for ninety days → dumped and the dump verified → approved by two operators → dropped. Every part looks at
the database for what is done, so that whoever is killed in the middle is followed by somebody who goes on.
"""

from datetime import date, datetime, time, timedelta
from typing import ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.db import models, transaction
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _

from controlplane.associations.models import Association, Operator
from controlplane.audit.models import record
from controlplane.tenancy import between_transactions, schemas
from provisioning.models.approvals import Approval
from provisioning.models.retention import ClosureQuerySet


class Closure(models.Model):
    """Who closed an association, why, and how far its end has come."""

    association = models.ForeignKey(Association, on_delete=models.PROTECT, related_name="closures")
    by = models.CharField(max_length=200)
    reason = models.TextField()
    closed_at = models.DateTimeField()
    retained_until = models.DateTimeField()
    warned_at = models.DateTimeField(null=True, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.CharField(max_length=200, blank=True)
    dump_key = models.CharField(max_length=200, blank=True)  # in object storage, under `public`
    dump_sha256 = models.CharField(max_length=64, blank=True)
    dump_bytes = models.BigIntegerField(null=True, blank=True)
    dump_verified_at = models.DateTimeField(null=True, blank=True)
    dump_error = models.TextField(blank=True)
    dropped_at = models.DateTimeField(null=True, blank=True)  # written in the transaction that drops the schema
    settled_at = models.DateTimeField(null=True, blank=True)  # nothing is left to do, at Stripe and in storage neither
    message_ids = models.JSONField(default=list)  # letters about it, which go when everything goes

    objects = ClosureQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["association"], condition=Q(undone_at=None), name="closure_one_standing"),
            models.CheckConstraint(
                condition=Q(dropped_at=None)
                | Q(undone_at=None, dump_verified_at__isnull=False, dropped_at__gte=F("retained_until")),
                name="closure_dropped_only_when_ripe",
            ),
        ]

    def __str__(self) -> str:
        return f"closure {self.pk}"

    @classmethod
    @transaction.atomic
    def begin(cls, association: Association, *, by: object, reason: str) -> "Closure":
        """Shut the site and say so by letter; nothing is charged any more. Closing twice is closing once."""
        from provisioning.closing import letters

        row = Association.objects.select_for_update().get(pk=association.pk)
        standing = cls.objects.standing().filter(association=row).first()
        if standing:
            return standing
        if not reason.strip():
            raise ValidationError({"reason": _("理由を書いてください。")})
        if row.live_at is None:
            raise ValidationError(_("まだ公開していないページは、閉じられません。"))
        now = timezone.now()
        closure = cls(association=row, by=str(by), reason=reason.strip(), closed_at=now, retained_until=_end(now))
        closure.save(force_insert=True)
        row.shut(now)
        closure._remember(letters.closed(closure))
        record("association.close", row, by=by, reason=closure.reason, until=str(closure.last_day))
        closure.wake()
        return closure

    @property
    def last_day(self) -> date:
        """The last day on which everything can still be brought back for certain."""
        return timezone.localdate(self.retained_until - timedelta(seconds=1))

    @property
    def days_left(self) -> int:
        return max(0, (self.last_day - timezone.localdate()).days)

    @property
    def is_ripe(self) -> bool:
        """Retention is over and the dump is verified: approval is all that is missing."""
        ripe = Closure.objects.standing().filter(retained_until__lte=Now(), dump_verified_at__isnull=False)
        return ripe.filter(pk=self.pk, dropped_at=None).exists()

    @property
    def valid_approvals(self) -> models.QuerySet[Approval]:
        """Those given for the dump as it is now."""
        return self.approvals.filter(dump_sha256=self.dump_sha256).exclude(dump_sha256="")

    @transaction.atomic
    def undo(self, *, by: object) -> None:
        """Open the site as it was. Possible as long as there is something to bring back."""
        from provisioning.closing import letters

        self._lock()
        if self.undone_at:
            return
        if self.dropped_at or schemas.schema_stamp(self.association_id) is None:
            raise ValidationError(_("データは、もう消えています。取り消せません。"))
        self.undone_at, self.undone_by = timezone.now(), str(by)
        self.save(update_fields=["undone_at", "undone_by"])
        self.association.shut(None)
        self._remember(letters.reopened(self))
        record("association.undo_close", self.association, by=by)
        self.wake()

    @transaction.atomic
    def approve(self, *, by: Operator, name: str) -> None:
        """Agree to the drop, having typed the association's name. The second of two different people sets it going."""
        self._lock()
        if not self.is_ripe:
            raise ValidationError(_("まだ承認できません。保管の期間と、書き出しの確認が先です。"))
        if name.strip() != self.association.name:
            raise ValidationError({"name": _("「%(name)s」と入れてください。") % {"name": self.association.name}})
        if self.valid_approvals.filter(operator=by.pk).exists():
            raise ValidationError({"name": _("あなたは、もう承認しています。もう1人は、別の人です。")})
        given = {"name": str(by), "at": timezone.now(), "dump_sha256": self.dump_sha256}
        Approval.objects.update_or_create(closure=self, operator_id=by.pk, defaults=given)
        record("association.approve_drop", self.association, by=by, dump=self.dump_sha256)
        self.wake()

    def wake(self) -> None:
        from provisioning.tasks import tend_closure

        tend_closure.on_commit(self.pk)

    def tend(self) -> None:
        """Do what is due now. Call unbound; done again, or after being killed, it goes on where the database stands."""
        from provisioning.closing import ending

        ending.tend(self)

    @property
    def is_over(self) -> bool:
        """Retention has ended, by the database's clock."""
        return Closure.objects.filter(pk=self.pk, retained_until__lte=Now()).exists()

    @transaction.atomic
    def warn(self) -> None:
        """Write to the representative, once, that the end is near."""
        from provisioning.closing import letters

        self._lock()
        near = self.retained_until - timedelta(days=settings.CLOSURE_WARNING_DAYS)
        if self.warned_at is None and self.undone_at is None and near <= timezone.now() < self.retained_until:
            self.warned_at = timezone.now()
            self.save(update_fields=["warned_at"])
            self._remember(letters.ending(self))

    @transaction.atomic
    def note_dump(self, key: str, sha256: str, size: int) -> None:
        """The dump is stored and was read back whole. Approvals given for an earlier one count no longer."""
        self._lock()
        if self.undone_at is None and self.dump_verified_at is None:
            self.dump_key, self.dump_sha256, self.dump_bytes, self.dump_error = key, sha256, size, ""
            self.dump_verified_at = timezone.now()
            self.save(update_fields=["dump_key", "dump_sha256", "dump_bytes", "dump_error", "dump_verified_at"])
            record("association.dump", self.association, by=_("自動の作業"), dump=sha256, bytes=size)

    @transaction.atomic
    def note_failed_dump(self, error: str) -> None:
        """There is no dump to rely on; while the schema is there, a new one is made."""
        self._lock()
        if self.dropped_at is None:
            self.dump_verified_at, self.dump_error = None, error[:2000]
            self.save(update_fields=["dump_verified_at", "dump_error"])

    @transaction.atomic
    def note_drop(self) -> None:
        """The schema is gone. In the transaction that drops it."""
        self._lock()
        if self.dropped_at:
            return
        self.dropped_at = timezone.now()
        self.save(update_fields=["dropped_at"])
        record("association.drop", self.association, by=_("自動の作業"), dump=self.dump_sha256)

    def forget_dump(self) -> None:
        """Remove the last copy there is; its digest stays, to recognise one that somebody was given."""
        if not Closure.objects.outlived().filter(pk=self.pk).exists():
            return
        with between_transactions():
            default_storage.delete(self.dump_key)
        self._note_forgotten_dump()

    @transaction.atomic
    def _note_forgotten_dump(self) -> None:
        self._lock()
        if self.dump_key:
            self.dump_key = ""
            self.save(update_fields=["dump_key"])
            record("association.forget_dump", self.association, by=_("自動の作業"), dump=self.dump_sha256)

    def _remember(self, letters: list[int]) -> None:
        self.message_ids = [*self.message_ids, *letters]
        self.save(update_fields=["message_ids"])

    def _lock(self) -> None:
        """Hold association and closure until the verb has ended, in this order everywhere, and see them as they are."""
        self.association = Association.objects.select_for_update().get(pk=self.association_id)
        list(Closure.objects.select_for_update().filter(pk=self.pk))
        self.refresh_from_db(fields=[f.name for f in self._meta.concrete_fields if f.name != "association"])


def last_day_from(closed_at: datetime) -> date:
    """The last day of retention for what is closed now."""
    return timezone.localdate(closed_at) + timedelta(days=settings.CLOSURE_RETENTION_DAYS)


def _end(closed_at: datetime) -> datetime:
    """Midnight after the last day, so that a letter can name a whole day."""
    return timezone.make_aware(datetime.combine(last_day_from(closed_at) + timedelta(days=1), time()))
