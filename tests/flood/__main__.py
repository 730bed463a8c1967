"""Flood the running product with four times what it can answer, then ask on at once: does it still stand?

    python -m tests.flood [--knee N] [--seconds 60]

Holds: no 500 at any moment; whoever is not served is told so in words (503 with Retry-After); all is 200 within five
seconds after the flood; PostgreSQL never has more connections than stated.
"""

import argparse
import asyncio
import os
import sys
import time

import psycopg

from tests.load.client import Answer, percentile, steadily, summary
from tests.load.people import Evening
from tests.load.stage import Stage, stage, told

SLOW = 1000.0  # ms: above this at the 95th of 100, or with anybody turned away, the knee is passed
OTHERS = """
    SELECT count(*) FROM pg_catalog.pg_stat_activity
    WHERE backend_type = 'client backend' AND datname = current_database() AND pid <> pg_backend_pid()
"""
RECOVERY = 5.0  # seconds
# Two web processes with four places and one more connection each; two children of the worker, the worker and the beat.
STATED = 2 * 5 + 4


def main() -> None:
    options = _options()
    with stage() as here:
        good = asyncio.run(_run(here, options))
    sys.exit(0 if good else 1)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.flood", description=__doc__.splitlines()[0])
    parser.add_argument("--knee", type=float, default=0, help="pages a second that are still answered; 0: look for it")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--times", type=float, default=4, help="the flood, in knees")
    return parser.parse_args()


async def _run(here: Stage, options: argparse.Namespace) -> bool:
    evening, began = Evening(here.places), time.perf_counter()
    await steadily(here.port, 10, 5, evening, began)  # every process has seen every host
    knee = options.knee or await _knee(here, evening)
    watch = asyncio.create_task(_most_connections())
    told(f"\nFlood: {options.times * knee:.0f} a second for {options.seconds:.0f} s")
    began = time.perf_counter()
    flood = asyncio.create_task(steadily(here.port, options.times * knee, options.seconds, evening, began))
    await asyncio.sleep(options.seconds)
    ended = time.perf_counter() - began
    after = await steadily(here.port, 20, 20, evening, began)
    during = await flood
    watch.cancel()
    most = await watch
    return _judge(during, after, ended, most)


async def _knee(here: Stage, evening: Evening) -> float:
    """The highest rate, in steps, that is answered whole and in time."""
    best = 10.0
    for rate in (20, 30, 40, 50, 60, 75, 90, 110, 130, 150, 180):
        answers = await steadily(here.port, rate, 6, evening, time.perf_counter())
        told(f"  {rate:>4}/s  {summary(answers)}")
        if percentile(answers, 0.95) > SLOW or any(answer.status != 200 for answer in answers):
            break
        best = float(rate)
    await asyncio.sleep(2)
    return best


async def _most_connections() -> int:
    """The most connections of the application that PostgreSQL had at once, but for this one."""
    most = 0
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        try:
            while True:
                row = connection.execute(OTHERS).fetchone()
                most = max(most, row[0] if row else 0)
                await asyncio.sleep(0.5)
        except asyncio.CancelledError:
            return most


def _judge(during: list[Answer], after: list[Answer], ended: float, most: int) -> bool:
    late = [answer for answer in after if answer.at > ended + RECOVERY]
    refused = [answer for answer in [*during, *after] if answer.status == 503]
    told(f"  during     {summary(during)}")
    told(f"  refused in p95 {percentile(refused, 0.95):.0f} ms")
    told(f"  first {RECOVERY:.0f} s  {summary([answer for answer in after if answer not in late])}")
    told(f"  then       {summary(late)}")
    told(f"  connections at most {most}, stated {STATED}")
    holds = {
        "no 500": not any(answer.status in (500, 502, 504) for answer in [*during, *after]),
        "every refusal says when to come back, in words": all(map(_in_words, refused)),
        "all 200 within five seconds": all(answer.status == 200 for answer in late),
        "connections as stated": most <= STATED,
    }
    for words, good in holds.items():
        told(f"  {'holds' if good else 'FAILS'}  {words}")
    return all(holds.values())


def _in_words(answer: Answer) -> bool:
    return bool(answer.retry_after) and ("混み合って" in answer.body.decode(errors="replace"))


if __name__ == "__main__":
    main()
