"""`manage.py fleet migrate | status | retry | index`: bring every association to this release."""

import sys
import time
from argparse import ArgumentParser
from functools import partial
from typing import Any

from django.core.management.base import CommandError

from controlplane.tenancy import public, template
from controlplane.tenancy.commands import SteppingCommand
from provisioning import indexing
from provisioning.models import Rollout, SchemaRelease


class Command(SteppingCommand):
    requires_system_checks = ()  # `manage.py migrate`, which goes before, makes them
    help = (
        "Migrate the schemas of all associations; `status` says who is behind, `retry` takes up those left aside, "
        "`index` lets search know what was there before it."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("act", choices=["migrate", "status", "retry", "index"])
        parser.add_argument("--workers", type=int, default=2, help="connections to use at once")

    def handle(self, *args: Any, act: str, workers: int, **options: Any) -> None:
        {"migrate": self._migrate, "status": self._status, "retry": self._retry, "index": self._index}[act](workers)

    def _migrate(self, workers: int) -> None:
        template.compile_release()
        started = time.monotonic()
        outcome = Rollout(workers, _progress(started)).run()
        if outcome.migrated or outcome.failures:
            self.stdout.write(f"\n{outcome.migrated} migrated, {len(outcome.failures)} left aside.")
        else:
            self.stdout.write("Nothing to migrate.")
        if outcome.failures:
            raise CommandError("Stopped." if outcome.stopped else "See `manage.py fleet status`, then `fleet retry`.")

    def _status(self, workers: int) -> None:
        with public():
            everyone, behind = SchemaRelease.objects.count(), SchemaRelease.objects.behind().count()
            failed = list(SchemaRelease.objects.failed().select_related("association"))
        self.stdout.write(f"{everyone - behind} of {everyone} associations stand at this release.")
        self.stdout.write(f"{len(indexing.waiting(limit=None))} wait for search to know all they hold.")
        for row in failed:
            self.stdout.write(f"  {row.association.slug}: {row.error} (tried {row.attempts}×, {row.failed_at:%F %T})")

    def _retry(self, workers: int) -> None:
        with public():
            SchemaRelease.objects.failed().update(failed_at=None)
        self._migrate(workers)

    def _index(self, workers: int) -> None:
        """Now and here, what the workers do by themselves after a rollout. Interrupted, it goes on where it was."""
        waiting = indexing.waiting(limit=None)
        for number, uuid in enumerate(waiting, start=1):
            made = indexing.index(uuid, partial(_tell, f"{number}/{len(waiting)}"))
            self.stdout.write(f"{uuid}: {made} entries made.")
        if not waiting:
            self.stdout.write("Search knows everything.")


def _tell(where: str, made: int) -> None:
    sys.stderr.write(f"\r{where}  {made} entries ")


def _progress(started: float) -> Any:
    def show(done: int, total: int) -> None:
        rate = done / max(time.monotonic() - started, 0.001)
        left = (total - done) / rate
        sys.stderr.write(f"\r{done}/{total}  {rate:.0f}/s  {left:.0f} s left ")

    return show
