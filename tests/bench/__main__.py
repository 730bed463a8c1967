"""`make bench`: Kairan beside stock django-tenants and the floor, in one run on one PostgreSQL, ratios printed.

Peer: django-tenants' own backend, middleware and commands around the same models, with an ordinary DRF list view.
Floor: what the database alone needs: the schema's text replayed, the same statement behind a bare WSGI callable.
Each contender is measured with a handful of associations and again with FLEET of them. Requests are made in-process
against each WSGI application, one at a time, so the client's cost is the same for all.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from infra.dev.backing import backing_services
from tests.bench import report

ROOT = Path(__file__).resolve().parents[2]
CONTENDERS = ("kairan", "stock", "floor")
STAGES = [(size, name) for size in ("small", "large") for name in CONTENDERS]


def main() -> None:
    options = _options()
    results: report.Results = {name: {} for name in CONTENDERS}
    with (
        tempfile.TemporaryDirectory(dir=os.environ.get("KAIRAN_DATA")) as folder,
        backing_services(Path(folder)) as env,
    ):
        for size, name in STAGES:
            results[name] |= _run(name, size, env | {"BENCH_FOLDER": folder}, options)
    report.show(results, options)
    report.write(results, options)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--fleet", type=int, default=100, help="associations in the large stage")
    parser.add_argument("--creations", type=int, default=7, help="associations to create and take the median of")
    parser.add_argument("--seconds", type=float, default=4, help="how long each contender answers requests")
    parser.add_argument("--sample", type=int, default=50, help="the peer migrates this many, and is extrapolated")
    parser.add_argument("--json", default=str(ROOT / ".data" / "bench.json"), help="where the figures are written")
    parser.add_argument("--markdown", help="where the table is written, if anywhere")
    return parser.parse_args()


def _run(name: str, size: str, env: dict[str, str], options: argparse.Namespace) -> dict[str, float]:
    """Each contender is a process of its own: settings and connections of one never touch another's."""
    print(f"… {name}, {size}", file=sys.stderr, flush=True)
    unlimited = {"RATE_FACTOR": "0", "LOG_LEVEL": "ERROR", "SPARE_SCHEMAS": str(options.creations)}
    answer = subprocess.run(
        [sys.executable, "-m", f"tests.bench.{name}", size, json.dumps(vars(options))],
        cwd=ROOT,
        env={**os.environ, **env, **unlimited},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    figures: dict[str, float] = json.loads(answer.stdout.strip().splitlines()[-1])
    return figures


if __name__ == "__main__":
    main()
