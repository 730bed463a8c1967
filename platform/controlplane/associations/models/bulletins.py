"""Bulletins: what a city or a federation tells associations. Each association's own code copies it into its feed.

Schema: public only. Counts come back, people do not.
"""

import uuid
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Count, Q, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from controlplane.associations.models.bulletin_words import BulletinWords
from controlplane.audit.models import record
from controlplane.cities.figures import SUPPRESS_BELOW, Figure


class BulletinQuerySet(models.QuerySet["Bulletin"]):
    def standing(self) -> "BulletinQuerySet":
        return self.filter(withdrawn_at=None)

    def with_counts(self) -> "BulletinQuerySet":
        """With `sent`, `arrived`, and of those that arrived the `homes` it is for and those that have `read` it.

        Counts that could point at somebody are left out; `few_homes` and `few` say how many those are.
        """
        told = Q(copies__read_households__gte=SUPPRESS_BELOW) | Q(copies__read_households=0)
        told_homes = Q(copies__households__gte=SUPPRESS_BELOW) | Q(copies__households=0)
        counts: dict[str, Any] = {
            "sent": Count("copies"),
            "arrived": Count("copies", filter=Q(copies__received_at__isnull=False)),
            "homes": Sum("copies__households", filter=told_homes, default=0),
            "few_homes": Count("copies", filter=~told_homes),
            "read": Sum("copies__read_households", filter=told, default=0),
            "few": Count("copies", filter=~told),
        }
        return self.annotate(**counts).order_by("-published_at")

    @transaction.atomic
    def publish(self, *, by: str, **fields: Any) -> "Bulletin":
        """Tell associations something; a beat hands it out. Raises ValidationError by field."""
        bulletin = Bulletin(by=by[:80], **fields)
        bulletin.check_words()
        bulletin.check_audience()
        bulletin.save(force_insert=True)
        record("bulletin.publish", bulletin, by=by, audience=bulletin.audience)
        return bulletin

    @transaction.atomic
    def address(self) -> None:
        """Give every new bulletin a row for each association it goes to. Two at once: one does, the other waits."""
        from controlplane.associations.models.bulletin_copies import BulletinCopy

        for bulletin in self.select_for_update().filter(addressed_at=None):
            recipients = bulletin.recipients().values_list("pk", flat=True)
            rows = (BulletinCopy(bulletin=bulletin, association_id=pk) for pk in recipients)
            BulletinCopy.objects.bulk_create(rows, ignore_conflicts=True, batch_size=1000)
            bulletin.addressed_at = timezone.now()
            bulletin.save(update_fields=["addressed_at"])


class Bulletin(BulletinWords):
    """One that is sent."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    published_at = models.DateTimeField(default=timezone.now)
    edited_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    addressed_at = models.DateTimeField(null=True, blank=True)

    objects = BulletinQuerySet.as_manager()

    # Set by with_counts().
    sent: int
    arrived: int
    homes: int
    read: int
    few: int
    few_homes: int

    class Meta:
        ordering: ClassVar = ["-published_at"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(city__isnull=False, federation=None) | Q(city=None, federation__isnull=False),
                name="bulletin_of_city_or_federation",
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["published_at"], name="bulletin_to_address", condition=Q(addressed_at=None))
        ]

    @property
    def households(self) -> Figure:
        """Households it is for, as the associations have counted them. Needs with_counts()."""
        return Figure.sum_of(self.homes, hidden=self.few_homes)

    @property
    def reads(self) -> Figure:
        """Households that have read it, rounded where a small count would show. Needs with_counts()."""
        return Figure.sum_of(self.read, hidden=self.few)

    @transaction.atomic
    def edit(self, *, by: str, title: str, body: str, version: int | None = None) -> None:
        """Correct it, here and in every feed. Raises EditedMeanwhile when `version` is not the newest."""
        row = self._standing(version)
        row.title, row.body, row.edited_at = title, body, timezone.now()
        row.check_words()
        row.put("title", "body", "edited_at")
        row._again()
        record("bulletin.edit", row, by=by)
        self.refresh_from_db()

    @transaction.atomic
    def withdraw(self, *, by: str) -> None:
        """Take it back out of every feed. Twice is once."""
        row = self.locked()
        if row.withdrawn_at is None:
            row.withdrawn_at = timezone.now()
            row.put("withdrawn_at")
            row._again()
            record("bulletin.withdraw", row, by=by)
        self.refresh_from_db()

    def _standing(self, version: int | None) -> "Bulletin":
        row = self.locked()
        if row.withdrawn_at:
            raise ValidationError(_("取り下げたお知らせは、なおせません。"))
        row.must_be(version)
        return row

    def _again(self) -> None:
        """What it says has changed: hand it out once more."""
        self.copies.update(due_at=timezone.now(), tries=0)
