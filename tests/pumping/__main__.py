"""25 numbers at 100 hosts for a day, from one network address and from thirty; then 300 numbers at one host.

`python -m tests.pumping` prints what was sent as JSON and ends with 1 when it was more than is allowed, or when the
owner of one of the numbers did not get in.
"""

import argparse
import json
import os
import sys
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

from infra.dev.backing import backing_services

QUIET = {"LOG_LEVEL": "CRITICAL", "SPARE_SCHEMAS": "0", "ALLOWED_HOSTS": "*"}


def main() -> None:
    options = _options()
    parent = os.environ.get("KAIRAN_DATA")
    with tempfile.TemporaryDirectory(dir=parent) as folder, backing_services(Path(folder)) as env:
        os.environ.update(env | QUIET)
        report = _run(options)
    print(json.dumps(report, ensure_ascii=False, indent=1))
    sys.exit(0 if report["good"] else 1)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.pumping", description=__doc__)
    parser.add_argument("--hosts", type=int, default=100)
    parser.add_argument("--numbers", type=int, default=25)
    return parser.parse_args()


def _run(options: argparse.Namespace) -> dict[str, Any]:
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    from controlplane.accounts.models import User
    from controlplane.associations.models import Association, Domain
    from controlplane.tenancy import bound, public
    from tests.fanout.__main__ import _found
    from tests.pumping import sending

    _found(options.hosts)
    with public():
        associations = list(Association.objects.order_by("slug"))
        for each in associations:
            Domain.objects.create(host=f"{each.slug}.kairan.localhost", association=each, is_primary=True)
    report: dict[str, Any] = {}
    good = True
    for addresses in (1, 30):
        numbers = [f"090-{addresses + 1000:04d}-{n:04d}" for n in range(options.numbers)]
        with bound(associations[0]):
            User.objects.create(phone=f"+81{numbers[0].replace('-', '')[1:]}")
        pace = timedelta(days=1) / (options.hosts * options.numbers)
        pumped = sending.pump(associations, numbers, addresses=addresses, pace=pace * 0.99)
        owner = sending.comes_in(associations[0], numbers[0], associations)
        report[f"from_{addresses}_addresses"] = pumped.said(associations) | {"owner_comes_in": owner}
        good &= owner and pumped.is_within(associations)
    fresh = [f"080-1234-{n:04d}" for n in range(300)]
    pumped = sending.pump(associations[:1], fresh, addresses=200, pace=timedelta(minutes=1))
    report["300_numbers_at_one_host"] = pumped.said(associations[:1])
    return report | {"good": good and pumped.is_within(associations[:1])}


if __name__ == "__main__":
    main()
