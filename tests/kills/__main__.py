"""Approve applications while workers are killed (-9), PostgreSQL crashes and the broker is emptied; then count.

Every approval must end live, with a whole schema, one host and one mail with the manual. Nobody helps: the beat goes
on, every second here, every fifteen in production.
"""

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from infra.dev.backing import backing_services

ROOT = Path(__file__).resolve().parents[2]
FAULTS = ("worker", "postgres", "broker", "connections")
QUIET = {"LOG_LEVEL": "CRITICAL", "RUN_LEASE_SECONDS": "3"}


def main() -> None:
    options = _options()
    with tempfile.TemporaryDirectory() as folder, backing_services(Path(folder)) as env:
        os.environ.update(env | QUIET)
        report = _run(options)
    print(json.dumps(report, ensure_ascii=False))
    sys.exit(0 if report["good"] == options.rounds else 1)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.kills", description=__doc__)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--seed", type=int, default=None, help="to repeat a run; printed in the report")
    parser.add_argument("--patience", type=int, default=600, help="seconds to wait for the last run")
    return parser.parse_args()


def _run(options: argparse.Namespace) -> dict[str, object]:
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    seed = options.seed if options.seed is not None else random.randrange(10**6)
    dice, faults, started = random.Random(seed), Counter[str](), time.monotonic()
    worker = Worker()
    try:
        for number in range(options.rounds):
            _patiently(lambda number=number: _approve(number))
            time.sleep(dice.random() * 0.8)
            fault = dice.choice(FAULTS)
            faults[fault] += 1
            _strike(fault, worker)
        seconds = _settle(worker, options.patience)
    finally:
        worker.kill()
    return {
        "seed": seed,
        "faults": faults,
        "seconds_after_last": seconds,
        "total": time.monotonic() - started,
    } | _count()


class Worker:
    """A real Celery worker in a process group of its own."""

    def __init__(self) -> None:
        self.start()

    def start(self) -> None:
        command = [
            sys.executable,
            "-m",
            "celery",
            "-A",
            "controlplane",
            "worker",
            "--concurrency",
            "2",
            "-l",
            "CRITICAL",
        ]
        self.process = subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )

    def kill(self) -> None:
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def _strike(fault: str, worker: Worker) -> None:
    if fault == "worker":
        worker.kill()
        worker.start()
    elif fault == "broker":
        import redis

        redis.Redis.from_url(os.environ["REDIS_URL"]).flushall()
    else:
        _patiently(lambda: _strike_database(crash=fault == "postgres"))


def _strike_database(*, crash: bool) -> None:
    """Kill one backend with -9, so that PostgreSQL throws everybody out and recovers; or end all other connections."""
    from django.db import connection

    others = (
        "FROM pg_stat_activity WHERE backend_type = 'client backend' "
        "AND usename = current_user AND pid <> pg_backend_pid()"
    )
    with connection.cursor() as cursor:
        if not crash:
            cursor.execute(f"SELECT pg_terminate_backend(pid) {others}")
            return
        cursor.execute(f"SELECT pid {others} ORDER BY random() LIMIT 1")
        row = cursor.fetchone()
    if row:
        os.kill(row[0], signal.SIGKILL)


def _approve(number: int) -> None:
    from controlplane.cities.models import City
    from controlplane.tenancy import public
    from provisioning.models import Application

    with public():
        city, _new = City.objects.get_or_create(slug="kyoto", defaults={"name": "京都市"})
        application, _new = Application.objects.submit(
            idempotency_key=f"kill-{number}",
            name=f"町内会{number}",
            kind="association",
            city=city,
            ward="西京区",
            postal_code="6158106",
            address="京都市西京区",
            households=100,
            representative_name="会長",
            representative_email=f"kaicho{number}@example.jp",
            representative_phone="+81751234567",
        )
        application.approve(by="運営 1", slug=f"kill{number}")


def _patiently(act: Callable[[], Any]) -> Any:
    """What a browser's user does when a page fails: try again."""
    from django.db import Error, connection

    for _again in range(60):
        try:
            return act()
        except Error:
            connection.close()
            time.sleep(0.5)
    raise SystemExit("PostgreSQL did not come back.")


def _settle(worker: Worker, patience: int) -> float:
    """Beat once a second until nothing is unfinished; returns the seconds it took."""
    from provisioning.tasks import drive_waiting_runs

    start = time.monotonic()
    while time.monotonic() - start < patience and _patiently(_unfinished):
        if worker.process.poll() is not None:
            worker.start()
        drive_waiting_runs.delay()
        time.sleep(1)
    return round(time.monotonic() - start, 1)


def _unfinished() -> int:
    from controlplane.tenancy import public
    from provisioning.models import Run

    with public():
        return Run.objects.unfinished().count()


def _count() -> dict[str, object]:
    from controlplane.associations.models import Domain
    from controlplane.outbox.models import Message
    from controlplane.tenancy import public, schemas
    from provisioning.models import Run

    with public():
        runs = list(Run.objects.select_related("association"))
        states = Counter(run.state for run in runs)
        hosts = Counter(Domain.objects.values_list("association_id", flat=True))
        mails = Counter(Message.objects.exclude(attachment="").values_list("to", flat=True))
    good = [
        run
        for run in runs
        if run.state == Run.State.LIVE
        and hosts[run.association_id] == 1
        and mails[f"kaicho{run.association.slug.removeprefix('kill')}@example.jp"] == 1
        and not schemas.missing_migrations(run.association_id)
    ]
    return {"runs": len(runs), "states": states, "good": len(good)}


if __name__ == "__main__":
    main()
