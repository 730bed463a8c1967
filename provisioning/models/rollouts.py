"""Rollouts as they are watched from elsewhere: begun, in which wave, ended. Schema: public only."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from django.db import connection, models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from controlplane.tenancy import template

LATELY = timedelta(seconds=20)


class RolloutRecord(models.Model):
    """One go over the associations that are behind. How far it is, the releases themselves say (SchemaRelease)."""

    class Wave(models.TextChoices):
        CANARY = "canary", _("はじめの1団体")
        FEW = "few", _("つづく5％")
        ALL = "all", _("のこり全部")

    fingerprint = models.CharField(max_length=64)
    by = models.CharField(max_length=200)
    total = models.PositiveIntegerField()
    wave = models.CharField(max_length=8, choices=Wave, default=Wave.CANARY)
    begun_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)
    migrated = models.PositiveIntegerField(default=0)
    left_aside = models.PositiveIntegerField(default=0)
    stopped = models.BooleanField(default=False)  # more failed than may

    class Meta:
        ordering: ClassVar = ["-pk"]

    def __str__(self) -> str:
        return f"rollout {self.pk} to {self.fingerprint[:12]}"

    @staticmethod
    def ask_for(*, by: object) -> None:
        """Have a worker bring up who is behind, after the commit."""
        from provisioning.tasks import roll_out

        roll_out.on_commit(str(by))

    @property
    def is_interrupted(self) -> bool:
        """It neither ended nor goes on: its process is gone. What it did stays done."""
        return self.ended_at is None and not is_under_way()


class AlreadyRunning(RuntimeError):
    """Another process is rolling out."""


@contextmanager
def alone() -> Iterator[None]:
    """Hold the rollout's lock, for the length of a session's work; AlreadyRunning if somebody has it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtext('kairan.fleet'))")
        if not cursor.fetchone()[0]:
            raise AlreadyRunning("Another rollout is under way; `manage.py fleet status` shows how far it is.")
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(hashtext('kairan.fleet'))")


def is_under_way() -> bool:
    """Whether some process holds the rollout's lock, whatever became of its record."""
    with connection.cursor() as cursor:
        cursor.execute(_HELD)
        return bool(cursor.fetchone()[0])


# A lock by one bigint shows its halves as classid and objid; hashtext gives an int4, widened with its sign.
_HELD = """
    SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 1
                      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
                      AND (classid::bigint << 32) | objid::bigint = hashtext('kairan.fleet')::bigint)
"""


@dataclass(frozen=True, slots=True)
class Fleet:
    """Where the associations' schemas stand, and how fast they move."""

    everyone: int
    arrived: int
    waiting: int
    left_aside: int
    lately: int  # arrived within the last seconds

    @classmethod
    def now(cls) -> "Fleet":
        """One query at any size."""
        from provisioning.models.releases import SchemaRelease

        here = models.Q(fingerprint=template.release_fingerprint())
        aside = ~here & models.Q(failed_at__isnull=False)
        found = SchemaRelease.objects.order_by().aggregate(
            everyone=models.Count("pk"),
            arrived=models.Count("pk", filter=here),
            left_aside=models.Count("pk", filter=aside),
            lately=models.Count("pk", filter=here & models.Q(changed_at__gt=timezone.now() - LATELY)),
        )
        return cls(waiting=found["everyone"] - found["arrived"] - found["left_aside"], **found)

    def rate(self, begun_at: datetime) -> float:
        """Associations in a second, by the last of them."""
        seconds = min(LATELY, max(timezone.now() - begun_at, timedelta(seconds=1))).total_seconds()
        return self.lately / seconds

    def time_left(self, begun_at: datetime) -> timedelta | None:
        """At this speed; None while nobody has arrived yet."""
        rate = self.rate(begun_at)
        return timedelta(seconds=self.waiting / rate) if rate else None
