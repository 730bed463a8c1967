"""A bulletin that is being written, or waits for its hour. It is sent once, under the same id. Schema: public only."""

import uuid
from datetime import timedelta
from typing import Any, ClassVar

import structlog
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from controlplane.associations.features import Feature
from controlplane.associations.models.associations import Association
from controlplane.associations.models.bulletin_words import BulletinWords
from controlplane.associations.models.bulletins import Bulletin
from controlplane.audit.models import record

log = structlog.get_logger()

SAID = "audience ward to_federation chosen officers_only kind title body url".split()
TOO_LATE = timedelta(days=1)  # what could not go out by then is looked at by its writer first
FAR = timedelta(days=366)


class BulletinDraftQuerySet(models.QuerySet["BulletinDraft"]):
    def due(self) -> "BulletinDraftQuerySet":
        """Looked through by their writers, and their hour has come; a suspended federation's wait."""
        open_ones = Q(federation=None) | Q(federation__in=Association.objects.live())
        return self.filter(open_ones, settled_at__isnull=False, send_at__lte=timezone.now())

    @transaction.atomic
    def keep(self, *, by: str, **fields: Any) -> "BulletinDraft":
        """Begin one; it may be as unfinished as it likes."""
        draft: BulletinDraft = self.create(by=by[:80], **fields)
        record("bulletin.draft", draft, by=by)
        return draft

    def send_due(self) -> None:
        """Each by itself: one that can no longer be sent is told its writer, and keeps no other back."""
        for draft in self.due():
            try:
                draft.send(by=draft.settled_by)
            except ValidationError as error:
                draft.give_back(" ".join(error.messages))
            except Bulletin.DoesNotExist:  # thrown away in this moment
                continue
            except Exception:
                log.exception("draft_not_sent", draft=str(draft.pk))


class BulletinDraft(BulletinWords):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    title = models.CharField(max_length=120, blank=True)
    body = models.TextField(max_length=20_000, blank=True)
    changed_at = models.DateTimeField(auto_now=True)
    send_at = models.DateTimeField(null=True, blank=True)  # None: as soon as it is sent
    settled_at = models.DateTimeField(null=True, blank=True)  # looked through, and to go out at its hour
    settled_by = models.CharField(max_length=80, blank=True)
    trouble = models.CharField(max_length=300, blank=True)  # why it did not go out at its hour

    objects: ClassVar[BulletinDraftQuerySet] = BulletinDraftQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering: ClassVar = ["-changed_at"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(city__isnull=False, federation=None) | Q(city=None, federation__isnull=False),
                name="draft_of_city_or_federation",
            )
        ]
        indexes: ClassVar = [models.Index(fields=["send_at"], name="draft_due", condition=Q(settled_at__isnull=False))]

    def __str__(self) -> str:
        return self.title or _("（題名なし）")

    @property
    def is_settled(self) -> bool:
        return self.settled_at is not None

    @transaction.atomic
    def rewrite(self, *, by: str, version: int | None = None, **fields: Any) -> None:
        """Change what it says. One that waited for its hour is to be looked through again first.

        Raises EditedMeanwhile when `version` is not the newest.
        """
        row = self.locked(version)
        fields |= {"settled_at": None, "settled_by": "", "trouble": ""}
        for name, value in fields.items():
            setattr(row, name, value)
        row.put(*fields)
        record("bulletin.draft", row, by=by)
        self.refresh_from_db()

    def check_ready(self) -> None:
        """Raise ValidationError, by field, while it cannot be sent as it is."""
        self.check_words()
        self.check_audience()
        if self.federation and not self.federation.has(Feature.MEMBER_ASSOCIATIONS):
            raise ValidationError(_("お知らせを届けるには、連合会プランがいります。"))
        if not self.recipients().exists():
            raise ValidationError({"audience": _("この届け先には、まだ受け取る団体がありません。")})
        if self.send_at and self.send_at > timezone.now() + FAR:
            raise ValidationError({"publish_on": _("届ける日は、1年先までにしてください。")})

    @transaction.atomic
    def send(self, *, by: str, version: int | None = None) -> Bulletin | None:
        """Send it, or have it wait for its hour. Twice is once. Bulletin.DoesNotExist: it was thrown away.

        Raises EditedMeanwhile when `version`, which was looked through, is not the newest.
        """
        try:
            row = self.locked(version)
        except BulletinDraft.DoesNotExist:
            return Bulletin.objects.get(pk=self.pk)
        row.check_ready()
        if row.send_at and row.send_at > timezone.now():
            BulletinDraft.objects.filter(pk=row.pk).update(settled_at=timezone.now(), settled_by=by[:80], trouble="")
            record("bulletin.settle", row, by=by, send_at=row.send_at.isoformat())
            self.refresh_from_db()
            return None
        if row.is_settled and row.send_at and row.send_at < timezone.now() - TOO_LATE:
            raise ValidationError(_("届ける日時を、1日よりすぎてしまいました。もう一度たしかめてください。"))
        said = {name: getattr(row, name) for name in SAID}
        sent = Bulletin.objects.publish(by=by, id=row.pk, city=row.city, federation=row.federation, **said)
        row.delete()
        return sent

    def give_back(self, why: str) -> None:
        """It did not go out: its writer is told why, and looks through it again."""
        BulletinDraft.objects.filter(pk=self.pk).update(settled_at=None, settled_by="", trouble=why[:300])

    @transaction.atomic
    def discard(self, *, by: str) -> None:
        """Throw it away with its files. What was sent meanwhile stays."""
        row = BulletinDraft.objects.select_for_update(of=("self",)).filter(pk=self.pk).first()
        if row is not None:
            record("bulletin.discard", row, by=by, title=row.title)
            row.files.forget()
            row.delete()
