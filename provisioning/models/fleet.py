"""The fleet: which release each association's schema stands at, and the rollout that brings them all to this one.

The fingerprint of an association's schema is kept in `public`, so that nothing to do is one query at any size.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import lru_cache
from time import sleep
from typing import ClassVar
from uuid import UUID

import structlog
from django.db import OperationalError, connection, models
from django.db.models import F
from django.utils import timezone

from controlplane.associations.models import Association
from controlplane.tenancy import public, schemas, template, upgrade
from controlplane.tenancy.binding import schema_name

LOCK_TRIES = 5
MAY_FAIL = 0.01  # of the whole; more stops the rollout
log = structlog.get_logger()


class SchemaReleaseQuerySet(models.QuerySet["SchemaRelease"]):
    def behind(self) -> "SchemaReleaseQuerySet":
        return self.exclude(fingerprint=template.release_fingerprint())

    def waiting(self) -> "SchemaReleaseQuerySet":
        """Behind, and not left aside after a failure."""
        return self.behind().filter(failed_at=None)

    def failed(self) -> "SchemaReleaseQuerySet":
        return self.behind().filter(failed_at__isnull=False)


class SchemaRelease(models.Model):
    """The release an association's schema was last brought to, and what went wrong since."""

    association = models.OneToOneField(Association, on_delete=models.CASCADE, related_name="schema_release")
    fingerprint = models.CharField(max_length=64, db_index=True)
    changed_at = models.DateTimeField(auto_now=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    failed_at = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True)

    objects = SchemaReleaseQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["pk"]

    def __str__(self) -> str:
        return f"{self.association_id} at {self.fingerprint[:12]}"

    @classmethod
    def note(cls, uuid: UUID) -> None:
        """Write down that the schema stands at this release. Call under `public`."""
        now = {"fingerprint": template.release_fingerprint(), "failed_at": None, "error": ""}
        cls.objects.update_or_create(association_id=uuid, defaults=now)


@dataclass
class Outcome:
    """What a rollout did: associations brought up, and those left aside with their error."""

    migrated: int = 0
    failures: dict[UUID, str] = field(default_factory=dict)
    stopped: bool = False


@dataclass
class Rollout:
    """One go over every association that is behind: one first, then 5 %, then all the others.

    Resumable by running it again: who is done is no longer behind.
    """

    workers: int = 2
    report: Callable[[int, int], None] = lambda done, total: None
    outcome: Outcome = field(default_factory=Outcome)

    def run(self) -> Outcome:
        with public():
            waiting = list(SchemaRelease.objects.waiting().values_list("association_id", flat=True))
        for wave in _waves(waiting):
            self._carry(wave, total=len(waiting))
            if len(self.outcome.failures) > MAY_FAIL * len(waiting):
                self.outcome.stopped = self.outcome.migrated + len(self.outcome.failures) < len(waiting)
                break
        return self.outcome

    def _carry(self, wave: Sequence[UUID], *, total: int) -> None:
        with ThreadPoolExecutor(self.workers) as pool:
            for uuid, error in pool.map(_bring_up, wave):
                if error:
                    self.outcome.failures[uuid] = error
                else:
                    self.outcome.migrated += 1
                self.report(self.outcome.migrated + len(self.outcome.failures), total)


def _waves(waiting: Sequence[UUID]) -> Iterator[Sequence[UUID]]:
    few = 1 + max(1, len(waiting) // 20)
    yield from (wave for wave in (waiting[:1], waiting[1:few], waiting[few:]) if wave)


def _bring_up(uuid: UUID) -> tuple[UUID, str]:
    """Bring one association to this release in a thread and connection of its own; returns '' or the error."""
    try:
        _patiently(schema_name(uuid), _plan(schemas.applied_migrations(uuid)))
        if schemas.missing_migrations(uuid):
            raise RuntimeError("The migrations ran, but the schema does not show them all.")
        with public():
            SchemaRelease.note(uuid)
    except Exception as error:  # one association's trouble is recorded and stops nobody else
        log.exception("fleet_association_failed", uuid=str(uuid))
        _leave_aside(uuid, f"{type(error).__name__}: {error}"[:2000])
        return uuid, str(error)
    finally:
        connection.close()
    return uuid, ""


@lru_cache(maxsize=8)
def _plan(applied: frozenset[upgrade.Name]) -> upgrade.Plan:
    return upgrade.plan(applied)


def _patiently(schema: str, steps: upgrade.Plan) -> None:
    """Give way to whoever holds a lock, a few times."""
    for attempt in range(1, LOCK_TRIES + 1):
        try:
            upgrade.apply(schema, steps)
            return
        except OperationalError:
            if attempt == LOCK_TRIES:
                raise
            sleep(0.2 * attempt)


def _leave_aside(uuid: UUID, error: str) -> None:
    with public():
        SchemaRelease.objects.filter(association=uuid).update(
            failed_at=timezone.now(), error=error, attempts=F("attempts") + 1
        )
