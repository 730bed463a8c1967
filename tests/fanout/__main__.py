"""Hand a bulletin out to many associations, with the workers killed (-9) once on the way if asked; measure and count.

Every association must have it exactly once. Nobody helps: the beat goes on, every second here, every fifteen in
production. `python -m tests.fanout --associations 2000 --kill` prints the figures as JSON.
"""

import argparse
import json
import os
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from infra.dev.backing import backing_services
from tests.kills.__main__ import Worker

QUIET = {"LOG_LEVEL": "CRITICAL", "SPARE_SCHEMAS": "0"}


def main() -> None:
    options = _options()
    parent = os.environ.get("KAIRAN_DATA")
    with tempfile.TemporaryDirectory(dir=parent) as folder, backing_services(Path(folder)) as env:
        os.environ.update(env | QUIET)
        report = _run(options)
    print(json.dumps(report, ensure_ascii=False))
    sys.exit(0 if report["once"] == options.associations else 1)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fanout", description=__doc__)
    parser.add_argument("--associations", type=int, default=2000)
    parser.add_argument("--kill", action="store_true", help="kill the workers when a third has it")
    parser.add_argument("--patience", type=int, default=600, help="seconds to wait for the last")
    return parser.parse_args()


def _run(options: argparse.Namespace) -> dict[str, Any]:
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    founding = _took(lambda: _found(options.associations))
    publishing = _took(_publish)
    worker = Worker()
    time.sleep(8)  # it starts
    began = time.monotonic()
    try:
        beats, largest = _hand_out(options, worker)
    finally:
        worker.kill()
    seconds = time.monotonic() - began
    return {
        "founding_seconds": round(founding, 1),
        "publish_ms": round(publishing * 1000),
        "first_beat_ms": round(beats[0] * 1000),
        "seconds": round(seconds, 1),
        "a_second": round(options.associations / seconds),
        "killed": options.kill,
        "largest_worker_mb": largest,
        "beat_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        **_count(),
    }


def _took(act: Any) -> float:
    began = time.monotonic()
    act()
    return time.monotonic() - began


def _found(number: int) -> None:
    from django.utils import timezone

    from controlplane.associations.models import Association
    from controlplane.cities.models import City
    from controlplane.tenancy import public, schemas
    from provisioning.models import SchemaRelease

    with public():
        city = City.objects.create(slug="kyoto", name="京都市")
    for n in range(number):
        with public():
            made = Association.objects.create(
                slug=f"fan{n}", name=f"第{n}町内会", city=city, households=200, live_at=timezone.now()
            )
        schemas.build(made.uuid)
        with public():
            SchemaRelease.note(made.uuid)


def _publish() -> None:
    from controlplane.associations.models import Bulletin
    from controlplane.cities.models import City
    from controlplane.tenancy import public

    with public():
        words = {"title": "土のうの受け取り場所", "body": "3か所あります。"}
        Bulletin.objects.publish(by="職員 1", city=City.objects.get(), audience="all", **words)


def _hand_out(options: argparse.Namespace, worker: Worker) -> tuple[list[float], int]:
    """Beat until all have it; how long each beat took, and the largest worker in MB."""
    from tenants.feed.tasks import hand_out_bulletins

    began, beats, largest, to_kill = time.monotonic(), [], 0, options.kill
    while (arrived := _arrived()) < options.associations and time.monotonic() - began < options.patience:
        beats.append(_took(hand_out_bulletins))  # in this process, which is the beat and its worker in one
        if to_kill and arrived >= options.associations // 3:
            worker.kill()
            worker.start()
            to_kill = False
        largest = max([largest, *_memory(worker.process.pid)])
        time.sleep(1)
    return beats, largest


def _arrived() -> int:
    from controlplane.associations.models import BulletinCopy
    from controlplane.tenancy import public

    with public():
        return BulletinCopy.objects.filter(received_at__isnull=False).count()


def _memory(pid: int) -> Iterator[int]:
    """Of the processes of this group, the most each has held, in MB."""
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            if os.getpgid(int(status.parent.name)) == pid:
                held = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
                yield int(held.split()[1]) // 1024
        except (OSError, StopIteration):  # it has ended meanwhile
            continue


def _count() -> dict[str, int]:
    """How many have it exactly once, and how many more than once or not at all."""
    from controlplane.associations.models import Association
    from controlplane.tenancy import bound, public
    from tenants.feed.models import Post

    with public():
        everybody = list(Association.objects.all())
    counts = []
    for association in everybody:
        with bound(association):
            counts.append(Post.objects.filter(source="city").count())
    return {"once": counts.count(1), "never": counts.count(0), "double": sum(count > 1 for count in counts)}


if __name__ == "__main__":
    main()
