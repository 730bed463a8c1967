"""The fleet: the rollout that brings every association's schema to this release."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Lock
from time import sleep
from uuid import UUID

import structlog
from django.db import OperationalError, connection
from django.db.models import F
from django.utils import timezone

from controlplane.audit.models import record
from controlplane.tenancy import public, schemas, template, upgrade
from controlplane.tenancy.binding import schema_name
from controlplane.tenancy.models import Template
from provisioning.models.releases import SchemaRelease
from provisioning.models.rollouts import RolloutRecord, alone

LOCK_TRIES = 5
MAY_FAIL = 0.01  # of the whole; more stops the rollout
CONNECTION_LIFE = 200  # associations; a backend remembers every table it has touched
Behind = tuple[UUID, str]  # an association, and the fingerprint of the release it was last brought to
log = structlog.get_logger()


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
    by: object = "fleet"
    outcome: Outcome = field(default_factory=Outcome)
    _total: int = 0
    _plans: dict[str, upgrade.Plan] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)
    _record: RolloutRecord | None = None

    def run(self) -> Outcome:
        """Go on until nobody waits: what is made by the release before while we work is brought up as well."""
        if not _waiting():
            return self.outcome
        with alone():
            self._plans |= upgrade.kept()
            while (waiting := _waiting()) and not self.outcome.stopped:
                self._total += len(waiting)
                for name, wave in _waves(waiting):
                    self._tell(name)
                    self._carry(wave)
            if self.outcome.migrated or self.outcome.failures:
                self._sign_off()
        return self.outcome

    def _tell(self, wave: RolloutRecord.Wave) -> None:
        """Write down how far it is, for those who watch from another process."""
        facts = {"total": self._total, "wave": wave}
        with public():
            if self._record is None:
                fingerprint = template.release_fingerprint()
                self._record = RolloutRecord.objects.create(fingerprint=fingerprint, by=str(self.by)[:200], **facts)
            else:
                RolloutRecord.objects.filter(pk=self._record.pk).update(**facts)

    def _carry(self, wave: Sequence[Behind]) -> None:
        left = deque(wave)
        with ThreadPoolExecutor(self.workers) as pool:
            for worker in [pool.submit(self._drain, left) for _n in range(self.workers)]:
                worker.result()

    def _drain(self, left: deque[Behind]) -> None:
        """Work off what is left, in this thread and with a connection of its own."""
        try:
            for number in range(len(left)):
                if self.outcome.stopped or not left:
                    return
                if number % CONNECTION_LIFE == 0:
                    connection.close()
                self._note(*left.popleft())
        finally:
            connection.close()

    def _note(self, uuid: UUID, noted: str) -> None:
        error = self._bring_up(uuid, noted)
        with self._lock:
            if error:
                self.outcome.failures[uuid] = error
                self.outcome.stopped = len(self.outcome.failures) > MAY_FAIL * self._total
            else:
                self.outcome.migrated += 1
            self.report(self.outcome.migrated + len(self.outcome.failures), self._total)

    def _bring_up(self, uuid: UUID, noted: str) -> str:
        """Bring one association to this release; returns '' or the error, which is also written down."""
        try:
            for attempt in range(1, LOCK_TRIES + 1):
                try:
                    self._change(uuid, noted)
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

    def _change(self, uuid: UUID, noted: str) -> None:
        """Definitions, their history and the new fingerprint in one transaction, which is one exchange."""
        if not self._replay(uuid, self._plans.get(noted)):
            self._look_and_change(uuid)

    def _replay(self, uuid: UUID, steps: upgrade.Plan | None) -> bool:
        if steps is None or not steps.replayable:
            return False
        return upgrade.carry_out(schema_name(uuid), steps, note=SchemaRelease.note_sql(uuid))

    def _look_and_change(self, uuid: UUID) -> None:
        """For one whose note of where it stands is of no use; data migrations run in Django."""
        with self._lock:
            steps = upgrade.plan(schemas.applied_migrations(uuid))
            self._plans[steps.start] = steps
        if self._replay(uuid, steps):
            return
        template.migrate(schema_name(uuid))
        if schemas.missing_migrations(uuid):
            raise RuntimeError("The migrations ran, but the schema does not show them all.")
        with public():
            SchemaRelease.note(uuid)

    def _sign_off(self) -> None:
        """Write down what was done. Its commit waits for the disk, and with it for all the commits before."""
        from provisioning.models.spares import Spare

        with public():
            figures = {"migrated": self.outcome.migrated, "left_aside": len(self.outcome.failures)}
            record(
                "fleet.migrate", Template.objects.get(fingerprint=template.release_fingerprint()), by=self.by, **figures
            )
            if self._record:
                ended = {"ended_at": timezone.now(), "stopped": self.outcome.stopped, **figures}
                RolloutRecord.objects.filter(pk=self._record.pk).update(**ended)
        Spare.objects.renew()


def _waiting() -> list[Behind]:
    with public():
        return list(SchemaRelease.objects.waiting().values_list("association_id", "fingerprint"))


def _waves(waiting: Sequence[Behind]) -> Iterator[tuple[RolloutRecord.Wave, Sequence[Behind]]]:
    few = 1 + max(1, len(waiting) // 20)
    waves = zip(RolloutRecord.Wave, (waiting[:1], waiting[1:few], waiting[few:]), strict=True)
    yield from ((name, wave) for name, wave in waves if wave)


def _leave_aside(uuid: UUID, error: str) -> None:
    with public():
        SchemaRelease.objects.filter(association=uuid).update(
            failed_at=timezone.now(), error=error, attempts=F("attempts") + 1
        )
