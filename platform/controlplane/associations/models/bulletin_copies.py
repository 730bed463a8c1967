"""A bulletin at each association it goes to: handed out, counted. Schema: public only."""

import uuid
from datetime import timedelta
from typing import Any, ClassVar

from django.db import models, transaction
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from controlplane.associations.models.associations import Association
from controlplane.associations.models.bulletins import Bulletin
from controlplane.associations.models.federations import FederationMembership
from controlplane.cities.figures import Figure

PATIENCE = timedelta(minutes=1)  # doubled with every failure
COUNTED_FOR = timedelta(days=60)
LEASE = timedelta(minutes=1)
AT_ONCE = 5_000  # of one beat
FRESH = timedelta(days=3)  # counted every few minutes, later once a day


class BulletinCopyQuerySet(models.QuerySet["BulletinCopy"]):
    @transaction.atomic
    def claim(self) -> list[uuid.UUID]:
        """The associations something is due at, those that wait longest first; for a while nobody else is told of them.

        Whoever is told and does not come (a worker killed, a broker emptied) leaves them due again.
        """
        rows = self.due().order_by("due_at", "pk").select_for_update(of=("self",), skip_locked=True)
        claimed = list(rows.values_list("pk", "association_id")[:AT_ONCE])
        self.filter(pk__in=[pk for pk, _whose in claimed]).update(due_at=timezone.now() + LEASE)
        return list(dict.fromkeys(whose for _pk, whose in claimed))

    def due(self) -> "BulletinCopyQuerySet":
        """To be handed out now."""
        return self.open().filter(due_at__lte=timezone.now())

    def open(self) -> "BulletinCopyQuerySet":
        """To be copied into a feed; suspended and closed sites wait.

        What has not arrived when an association leaves the federation never does; what has is still corrected.
        """
        accepted = FederationMembership.objects.accepted().filter(
            federation=OuterRef("bulletin__federation"), association=OuterRef("association")
        )
        wanted = Q(received_at__isnull=False) | Q(bulletin__federation=None) | Exists(accepted)
        return self.filter(wanted, due_at__isnull=False, association__in=Association.objects.live())

    def to_count(self) -> "BulletinCopyQuerySet":
        """Whose readers should be counted again."""
        now = timezone.now()
        stale = Q(counted_at__lte=now - timedelta(days=1)) | Q(
            counted_at__lte=now - timedelta(minutes=10), bulletin__published_at__gte=now - FRESH
        )
        lately = Q(bulletin__published_at__gte=now - COUNTED_FOR, bulletin__withdrawn_at=None)
        return self.filter(lately & stale, association__in=Association.objects.live())

    def hand_out_again(self, association_uuid: uuid.UUID) -> None:
        """Have this association compare each of its bulletins anew: its feed has gone back to an archive."""
        self.filter(association=association_uuid).update(due_at=timezone.now(), tries=0)

    def whose(self) -> list[uuid.UUID]:
        """The associations of these, those that wait longest first."""
        return list(dict.fromkeys(self.order_by("due_at", "pk").values_list("association_id", flat=True)))


class BulletinCopy(models.Model):
    """A bulletin at one association: when it arrived, and how many households have read it."""

    # Not indexed by itself: bulletin_once begins with it.
    bulletin = models.ForeignKey(Bulletin, on_delete=models.CASCADE, related_name="copies", db_index=False)
    association = models.ForeignKey(Association, on_delete=models.CASCADE, related_name="bulletin_copies")
    due_at = models.DateTimeField(null=True, blank=True, default=timezone.now)  # None: nothing to hand out
    tries = models.PositiveSmallIntegerField(default=0)
    received_at = models.DateTimeField(null=True, blank=True)
    counted_at = models.DateTimeField(null=True, blank=True)
    households = models.PositiveIntegerField(default=0)
    read_households = models.PositiveIntegerField(default=0)

    objects = BulletinCopyQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "bulletin copies"
        constraints: ClassVar = [models.UniqueConstraint(fields=["bulletin", "association"], name="bulletin_once")]
        indexes: ClassVar = [
            models.Index(fields=["due_at"], name="bulletin_copy_due", condition=Q(due_at__isnull=False))
        ]

    def __str__(self) -> str:
        return f"{self.bulletin} at {self.association}"

    @property
    def reads(self) -> Figure:
        return Figure.of(self.read_households)

    @property
    def homes(self) -> Figure:
        return Figure.of(self.households)

    def received(self, *, households: int, read: int) -> None:
        """It stands in the feed as it is now: written in the very transaction that puts it there."""
        here = {"due_at": None, "tries": 0, "received_at": self.received_at or timezone.now()}
        BulletinCopy.objects.filter(pk=self.pk).update(**here, **_counts(households, read))

    def counted(self, *, households: int, read: int) -> None:
        BulletinCopy.objects.filter(pk=self.pk).update(**_counts(households, read))

    def failed(self) -> None:
        """Try again later, and later each time: one association's trouble stops nobody."""
        wait = PATIENCE * 2 ** min(self.tries, 8)
        BulletinCopy.objects.filter(pk=self.pk).update(tries=F("tries") + 1, due_at=timezone.now() + wait)


def _counts(households: int, read: int) -> dict[str, Any]:
    return {"counted_at": timezone.now(), "households": households, "read_households": min(read, households)}
