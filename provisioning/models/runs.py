"""Runs: making one association's site, step by step, resumable at any point.

State is here, in PostgreSQL; Celery only wakes a run up. A lease with a fence lets one worker drive at a time.
"""

from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar

import structlog
from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy

from controlplane.associations.models import Association
from controlplane.audit.models import record
from controlplane.tenancy import public

if TYPE_CHECKING:
    from provisioning.steps import Work

LEASE = timedelta(seconds=settings.RUN_LEASE_SECONDS)
MAX_ATTEMPTS = 5
OVERDUE = timedelta(minutes=5)
log = structlog.get_logger()


class LeaseLost(RuntimeError):
    """Another worker drives the run now; this one stops without writing."""


class RunQuerySet(models.QuerySet["Run"]):
    def waiting(self) -> "RunQuerySet":
        """Runs that nobody drives although there is work to do now."""
        now = timezone.now()
        free = Q(leased_until=None) | Q(leased_until__lt=now)
        return self.filter(free, state__in=Run.UNFINISHED, next_attempt_at__lte=now)

    def unfinished(self) -> "RunQuerySet":
        return self.filter(state__in=Run.UNFINISHED)

    def stuck(self) -> "RunQuerySet":
        """Given up, or at work for so long that somebody should look: a run takes seconds."""
        overdue = Q(state__in=Run.UNFINISHED, created_at__lt=timezone.now() - OVERDUE)
        return self.filter(overdue | Q(state=Run.State.FAILED))

    def counts_by_state(self) -> dict[str, int]:
        counts = dict(self.order_by().values_list("state").annotate(models.Count("pk")))
        return {state: counts.get(state, 0) for state in Run.State.values}


class Run(models.Model):
    class State(models.TextChoices):
        QUEUED = "queued", gettext_lazy("順番を待っています")
        RUNNING = "running", gettext_lazy("作っています")
        LIVE = "live", gettext_lazy("公開しました")
        FAILED = "failed", gettext_lazy("止まりました")

    UNFINISHED: ClassVar = (State.QUEUED, State.RUNNING)

    association = models.ForeignKey(Association, on_delete=models.CASCADE, related_name="runs")
    state = models.CharField(max_length=8, choices=State, default=State.QUEUED)
    fence = models.PositiveIntegerField(default=0)
    leased_until = models.DateTimeField(null=True, blank=True)
    next_attempt_at = models.DateTimeField(default=timezone.now)
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    manual_message_id = models.BigIntegerField(null=True, blank=True)  # the mail with the manual, once it is queued

    objects = RunQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["association"], condition=Q(state__in=["queued", "running"]), name="run_one_unfinished"
            )
        ]

    def __str__(self) -> str:
        return f"run {self.pk}"

    @classmethod
    def begin(cls, association: Association) -> "Run":
        """Write a run with all its steps waiting, and wake a worker after commit."""
        from provisioning.steps import STEPS

        run = cls.objects.create(association=association)
        Step.objects.bulk_create(Step(run=run, name=work.name, position=n) for n, work in enumerate(STEPS))
        run.wake()
        return run

    def wake(self) -> None:
        from provisioning.tasks import drive_run

        drive_run.on_commit(self.pk)

    @transaction.atomic
    def retry(self, *, by: object) -> None:
        """Give a failed run another chance, from the step it stopped at."""
        failed = Run.objects.filter(pk=self.pk, state=self.State.FAILED)
        if not failed.update(state=self.State.QUEUED, next_attempt_at=timezone.now(), finished_at=None):
            return
        self.steps.exclude(state=Step.State.DONE).update(state=Step.State.WAITING, attempts=0, error="")
        self.refresh_from_db()
        record("run.retry", self, by=by)
        self.wake()

    def drive(self) -> None:
        """Take the lease and carry the run on as far as it goes. Call unbound: each step has its own transactions."""
        fence = self._take_lease()
        if fence is None:
            return
        from provisioning.steps import STEPS

        try:
            for work in STEPS:
                if not self._carry_out(work, fence):
                    return
            self._finish(fence)
        except LeaseLost:
            log.info("run_lease_lost", run=self.pk, fence=fence)

    def _take_lease(self) -> int | None:
        with public():
            waiting = Run.objects.waiting().select_related("association")
            run = waiting.select_for_update(skip_locked=True, of=("self",)).filter(pk=self.pk).first()
            if run is None:
                return None
            self.association, fence = run.association, run.fence + 1
            self._update(state=self.State.RUNNING, fence=fence, leased_until=timezone.now() + LEASE)
        return fence

    def _carry_out(self, work: "Work", fence: int) -> bool:
        """Do one step unless the database shows it done. Returns whether to go on."""
        with public():
            self._hold(fence)
            Step.objects.filter(run=self, name=work.name).exclude(state=Step.State.DONE).update(
                state=Step.State.RUNNING, attempts=F("attempts") + 1, started_at=timezone.now(), error=""
            )
        try:
            if not work.done(self):
                work.do(self)
            if not work.done(self):
                raise RuntimeError("The step ended, but the database does not show its result.")
        except Exception as error:  # whatever went wrong is recorded, shown and tried again
            log.exception("run_step_failed", run=self.pk, step=work.name)
            self._stumble(work, fence, error)
            return False
        with public():
            self._hold(fence)
            Step.objects.filter(run=self, name=work.name).exclude(state=Step.State.DONE).update(
                state=Step.State.DONE, finished_at=timezone.now(), error=""
            )
        return True

    def _hold(self, fence: int) -> None:
        """Renew the lease inside the current transaction, or raise LeaseLost."""
        held = Run.objects.filter(pk=self.pk, fence=fence)
        if not held.update(leased_until=timezone.now() + LEASE):
            raise LeaseLost

    def _stumble(self, work: "Work", fence: int, error: Exception) -> None:
        with public():
            self._hold(fence)
            step = Step.objects.get(run=self, name=work.name)
            final = step.attempts >= MAX_ATTEMPTS
            step.state = Step.State.FAILED if final else Step.State.WAITING
            step.error = f"{type(error).__name__}: {error}"[:2000]
            step.save(update_fields=["state", "error"])
            pause = timedelta(seconds=5 * 2**step.attempts)
            self._update(
                state=self.State.FAILED if final else self.State.RUNNING,
                finished_at=timezone.now() if final else None,
                next_attempt_at=timezone.now() + pause,
                leased_until=None,
            )

    def _finish(self, fence: int) -> None:
        from provisioning.tasks import publish_adoption

        with public():
            self._hold(fence)
            self._update(state=self.State.LIVE, finished_at=timezone.now(), leased_until=None)
            record("run.live", self, by="provisioning")
            publish_adoption.on_commit(str(self.association_id))

    def _update(self, **fields: object) -> None:
        Run.objects.filter(pk=self.pk).update(**fields)


class Step(models.Model):
    class State(models.TextChoices):
        WAITING = "waiting", gettext_lazy("これから")
        RUNNING = "running", gettext_lazy("作業中")
        DONE = "done", gettext_lazy("できました")
        FAILED = "failed", gettext_lazy("止まりました")

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="steps")
    name = models.CharField(max_length=20)
    position = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.TextField(blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["position"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["run", "name"], name="step_once_per_run")]

    def __str__(self) -> str:
        return self.name

    @property
    def label(self) -> str:
        from provisioning.steps import LABELS

        return str(LABELS[self.name])
