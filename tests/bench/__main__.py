"""`make bench`: Kairan beside stock django-tenants and the floor, in one run on one PostgreSQL, ratios printed.

Peer: django-tenants' own backend, middleware and commands around the same models, with an ordinary DRF list view.
Floor: what the database alone needs: the finished schema's DDL replayed; one statement behind a bare WSGI callable.
Requests are made in-process against each WSGI application, one at a time, so the client's cost is the same for all.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from infra.dev.backing import backing_services

ROOT = Path(__file__).resolve().parents[2]
CONTENDERS = ("kairan", "stock", "floor")


def main() -> None:
    options = _options()
    with (
        tempfile.TemporaryDirectory(dir=os.environ.get("KAIRAN_DATA")) as folder,
        backing_services(Path(folder)) as env,
    ):
        results = {name: _run(name, env, options) for name in CONTENDERS}
    _print(results)
    _write(results, options)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--creations", type=int, default=5, help="associations to create per contender")
    parser.add_argument("--seconds", type=float, default=4, help="how long each contender answers feed requests")
    parser.add_argument("--json", default=str(ROOT / ".data" / "bench.json"), help="where the figures are written")
    return parser.parse_args()


def _run(name: str, env: dict[str, str], options: argparse.Namespace) -> dict[str, float]:
    """Each contender is a process of its own: settings and connections of one never touch another's."""
    print(f"… {name}", file=sys.stderr, flush=True)
    command = [sys.executable, "-m", f"tests.bench.{name}", str(options.creations), str(options.seconds)]
    answer = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, **env, "LOG_LEVEL": "ERROR"},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    results: dict[str, float] = json.loads(answer.stdout.strip().splitlines()[-1])
    return results


ROWS = (
    ("create_ms", "create an association, median, ms", "lower"),
    ("feed_rps", "feed of 20 posts, JSON, requests/s", "higher"),
    ("feed_statements", "… statements per request", "lower"),
    ("feed_sql_binding", "… of which begin/bind/commit", "lower"),
)


def _print(results: dict[str, dict[str, float]]) -> None:
    print(f"\n{'':38}{'Kairan':>10}{'stock':>10}{'floor':>10}{'vs stock':>11}{'vs floor':>11}")
    for key, label, better in ROWS:
        figures = [results[name].get(key) for name in CONTENDERS]
        print(f"{label:38}" + "".join(f"{_figure(figure):>10}" for figure in figures) + _ratios(figures, better))


def _figure(value: float | None) -> str:
    return "-" if value is None else f"{value:,.1f}" if value % 1 else f"{value:,.0f}"


def _ratios(figures: list[float | None], better: str) -> str:
    ours, stock, floor = figures
    if not ours or (better == "lower" and not stock):
        return ""
    against_stock = (stock or 0) / ours if better == "lower" else ours / (stock or ours)
    against_floor = f"{ours / floor:>10.2f}×" if floor else ""
    return f"{against_stock:>10.2f}×{against_floor}"


def _write(results: dict[str, dict[str, float]], options: argparse.Namespace) -> None:
    machine = {"python": platform.python_version(), "system": platform.platform(), "cores": os.cpu_count()}
    report = {"at": datetime.now(UTC).isoformat(), "machine": machine, "options": vars(options), "results": results}
    target = Path(options.json)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(report, indent=2))
    print(f"\n{machine['system']}, Python {machine['python']}, {machine['cores']} cores. Written to {target}.")


if __name__ == "__main__":
    main()
