"""The fleet: which release each association's schema stands at, and the rollout that brings them all to this one.

The fingerprint of an association's schema is kept in `public`, so that nothing to do is one query at any size.
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock
from time import sleep
from typing import ClassVar
from uuid import UUID

import structlog
from django.db import OperationalError, connection, models, transaction
from django.db.models import F
from django.utils import timezone

from controlplane.associations.models import Association
from controlplane.audit.models import record
from controlplane.tenancy import public, schemas, template, upgrade
from controlplane.tenancy.binding import schema_name
from controlplane.tenancy.models import Template

LOCK_TRIES = 5
MAY_FAIL = 0.01  # of the whole; more stops the rollout
CONNECTION_LIFE = 200  # associations; a backend remembers every table it has touched
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
        now = {
            "fingerprint": template.release_fingerprint(),
            "failed_at": None,
            "error": "",
            "changed_at": timezone.now(),
        }
        if not cls.objects.filter(association=uuid).update(**now):
            cls.objects.update_or_create(association_id=uuid, defaults=now)


@dataclass
class Outcome:
    """What a rollout did: associations brought up, and those left aside with their error."""

    migrated: int = 0
    failures: dict[UUID, str] = field(default_factory=dict)
    stopped: bool = False


class AlreadyRunning(RuntimeError):
    """Another process is rolling out."""


@dataclass
class Rollout:
    """One go over every association that is behind: one first, then 5 %, then all the others.

    Resumable by running it again: who is done is no longer behind.
    """

    workers: int = 2
    report: Callable[[int, int], None] = lambda done, total: None
    outcome: Outcome = field(default_factory=Outcome)
    _total: int = 0
    _plans: dict[str, upgrade.Plan] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def run(self) -> Outcome:
        """Go on until nobody waits: what is made by the release before while we work is brought up as well."""
        if not _waiting():
            return self.outcome
        with _alone():
            while (waiting := _waiting()) and not self.outcome.stopped:
                self._total += len(waiting)
                for wave in _waves(waiting):
                    self._carry(wave)
            if self.outcome.migrated or self.outcome.failures:
                self._sign_off()
        return self.outcome

    def _carry(self, wave: Sequence[UUID]) -> None:
        left = deque(wave)
        with ThreadPoolExecutor(self.workers) as pool:
            for worker in [pool.submit(self._drain, left) for _n in range(self.workers)]:
                worker.result()

    def _drain(self, left: deque[UUID]) -> None:
        """Work off what is left, in this thread and with a connection of its own."""
        try:
            for number in range(len(left)):
                if self.outcome.stopped or not left:
                    return
                if number % CONNECTION_LIFE == 0:
                    connection.close()
                self._note(left.popleft())
        finally:
            connection.close()

    def _note(self, uuid: UUID) -> None:
        error = self._bring_up(uuid)
        with self._lock:
            if error:
                self.outcome.failures[uuid] = error
                self.outcome.stopped = len(self.outcome.failures) > MAY_FAIL * self._total
            else:
                self.outcome.migrated += 1
            self.report(self.outcome.migrated + len(self.outcome.failures), self._total)

    def _bring_up(self, uuid: UUID) -> str:
        """Bring one association to this release; returns '' or the error, which is also written down."""
        try:
            for attempt in range(1, LOCK_TRIES + 1):
                try:
                    self._change(uuid)
                    return ""
                except OperationalError:  # somebody holds a lock: give way to them, a few times
                    if attempt == LOCK_TRIES:
                        raise
                    sleep(0.2 * attempt)
        except Exception as error:  # one association's trouble is recorded and stops nobody else
            log.exception("fleet_association_failed", uuid=str(uuid))
            _leave_aside(uuid, f"{type(error).__name__}: {error}"[:2000])
            return str(error)
        return ""

    def _change(self, uuid: UUID) -> None:
        """Definitions, their history and the new fingerprint in one transaction; data migrations run in Django."""
        schema = schema_name(uuid)
        with public():
            SchemaRelease.note(uuid)
            steps = self._plans.get(upgrade.enter(schema))
            if steps and steps.replayable:
                upgrade.replay(steps)
                return
            transaction.set_rollback(True)
        if steps is None:
            self._learn(uuid)
            self._change(uuid)
            return
        template.migrate(schema)
        if schemas.missing_migrations(uuid):
            raise RuntimeError("The migrations ran, but the schema does not show them all.")
        with public():
            SchemaRelease.note(uuid)

    def _learn(self, uuid: UUID) -> None:
        """Work out what leads from where this association stands to the release; once per starting point."""
        with self._lock:
            steps = upgrade.plan(schemas.applied_migrations(uuid))
            self._plans[steps.start] = steps

    def _sign_off(self) -> None:
        """Write down what was done. Its commit waits for the disk, and with it for all the commits before."""
        from provisioning.models.spares import Spare

        with public():
            figures = {"migrated": self.outcome.migrated, "left_aside": len(self.outcome.failures)}
            record(
                "fleet.migrate", Template.objects.get(fingerprint=template.release_fingerprint()), by="fleet", **figures
            )
        Spare.objects.renew()


@contextmanager
def _alone() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtext('kairan.fleet'))")
        if not cursor.fetchone()[0]:
            raise AlreadyRunning("Another rollout is under way; `manage.py fleet status` shows how far it is.")
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(hashtext('kairan.fleet'))")


def _waiting() -> list[UUID]:
    with public():
        return list(SchemaRelease.objects.waiting().values_list("association_id", flat=True))


def _waves(waiting: Sequence[UUID]) -> Iterator[Sequence[UUID]]:
    few = 1 + max(1, len(waiting) // 20)
    yield from (wave for wave in (waiting[:1], waiting[1:few], waiting[few:]) if wave)


def _leave_aside(uuid: UUID, error: str) -> None:
    with public():
        SchemaRelease.objects.filter(association=uuid).update(
            failed_at=timezone.now(), error=error, attempts=F("attempts") + 1
        )
