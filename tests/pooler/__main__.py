"""Threads read through Kairan's own bindings while few server connections are shared hard and backends are terminated.

Counts what they read. A foreign row, an unbound query that was answered, or an error that a terminated backend does
not explain ends with a bad exit code.
"""

import argparse
import multiprocessing
import os
import queue
import random
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from infra.dev.backing import backing_services
from infra.dev.folder import StackError, locked
from infra.dev.pgbouncer import start_pgbouncer
from infra.dev.processes import Processes
from tests.pooler import places, reader

QUIET = {"LOG_LEVEL": "CRITICAL"}
POOLERS = ("pgbouncer", "psycopg")
BREACHES = ("foreign", "foreign role", "unbound answered")


def main() -> None:
    options = _options()
    try:
        with tempfile.TemporaryDirectory(prefix="kairan-") as folder:
            Path(folder).chmod(0o711)  # as root, the servers run as somebody else, who has to get in
            counts, seconds = _run(options, Path(folder))
    except StackError as error:
        sys.exit(str(error))
    _print(options, counts, seconds)
    sys.exit(bool(_breaches(counts) or _faults(counts) or counts["reads"] < options.reads))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.pooler", description=__doc__)
    parser.add_argument("--reads", type=int, default=1_000_000)
    parser.add_argument("--threads", type=int, default=12, help="in all, over the processes")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--associations", type=int, default=40)
    parser.add_argument("--pooler", choices=POOLERS, default="pgbouncer", help="psycopg: its pool in each process")
    parser.add_argument("--size", type=int, default=6, help="server connections that all threads share")
    parser.add_argument("--terminate", type=float, default=0.25, help="seconds between terminated backends; 0: none")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6), help="printed in the report")
    return parser.parse_args()


def _run(options: argparse.Namespace, folder: Path) -> tuple[Counter[str], float]:
    """Start the servers, found the associations, and let the readers loose on them."""
    with backing_services(folder / "data", fsync=False) as env:
        os.environ.update(env | QUIET)
        import django

        django.setup()
        from django.core.management import call_command
        from django.db import connections

        call_command("migrate", verbosity=0)
        made = places.make(options.associations)
        connections.close_all()
        with _pooled(options, folder, env) as pooled, _terminating(env["DATABASE_URL"], options.terminate) as struck:
            started = time.monotonic()
            counts = _read(options, made, env | pooled | QUIET)
            seconds = time.monotonic() - started
        counts["terminated"] = struck["terminated"]
        return counts, seconds


@contextmanager
def _pooled(options: argparse.Namespace, folder: Path, env: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """What leads a reading process through the pooler."""
    if options.pooler == "psycopg":
        yield {"DATABASE_POOL_SIZE": str(max(1, options.size // options.processes))}
        return
    with locked(folder) as lock, Processes(folder / "logs", lock) as processes:
        url = start_pgbouncer(processes, folder, env["DATABASE_URL"], size=options.size)
        yield {"DATABASE_URL": url, "DATABASE_POOLER": "transaction"}


@contextmanager
def _terminating(url: str, pause: float) -> Iterator[Counter[str]]:
    """End one backend after the other, on a direct connection, until the block ends."""
    counts, over = Counter[str](), threading.Event()

    def strike() -> None:
        with psycopg.connect(url, autocommit=True) as connection:
            while not over.wait(pause):
                ended = connection.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = current_user"
                    " AND pid <> pg_backend_pid() AND backend_type = 'client backend' ORDER BY random() LIMIT 1"
                ).fetchone()
                counts["terminated"] += ended == (True,)

    thread = threading.Thread(target=strike)
    if pause:
        thread.start()
    try:
        yield counts
    finally:
        over.set()
        if pause:
            thread.join()


def _read(options: argparse.Namespace, made: list[places.Place], env: dict[str, str]) -> Counter[str]:
    """Run the reading processes and add up what they report, with one line of progress."""
    context = multiprocessing.get_context("spawn")
    results: Any = context.Queue()
    reads, threads = -(-options.reads // options.processes), max(1, options.threads // options.processes)
    processes = [
        context.Process(target=reader.work, args=(env, made, reads, threads, options.seed + number, results))
        for number in range(options.processes)
    ]
    for process in processes:
        process.start()
    total, started, told = Counter[str](), time.monotonic(), 0.0
    while any(process.is_alive() for process in processes) or not results.empty():
        try:
            total.update(results.get(timeout=0.2))
        except queue.Empty:
            continue
        if time.monotonic() - told > 1:
            told = time.monotonic()
            _progress(total, options.reads, told - started)
    for process in processes:
        process.join()
        total["fault:a reading process died"] += process.exitcode != 0
    print(file=sys.stderr)
    return +total


def _progress(counts: Counter[str], reads: int, seconds: float) -> None:
    rate = counts["reads"] / seconds
    left = max(0, reads - counts["reads"]) / max(rate, 1)
    line = f"{counts['reads']:,}/{reads:,} reads  {rate:,.0f}/s  {left:,.0f} s left  {_breaches(counts)} breaches"
    print(f"\r{line}   ", end="", file=sys.stderr, flush=True)


def _breaches(counts: Counter[str]) -> int:
    return sum(counts[name] for name in BREACHES)


def _faults(counts: Counter[str]) -> int:
    return sum(number for name, number in counts.items() if name.startswith("fault:"))


def _print(options: argparse.Namespace, counts: Counter[str], seconds: float) -> None:
    print(
        f"{options.associations} associations, {options.threads} threads in {options.processes} processes, "
        f"{options.size} server connections by {options.pooler}, seed {options.seed}"
    )
    rows = ["reads", "transactions", *BREACHES, "unbound refused", "terminated"]
    rows += sorted(name for name in counts if name.startswith(("error:", "fault:")))
    for name in rows:
        print(f"  {name:<32}{counts[name]:>12,}")
    print(f"  {'reads per second':<32}{counts['reads'] / seconds:>12,.0f}   ({seconds:,.0f} s)")


if __name__ == "__main__":
    main()
