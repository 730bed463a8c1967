"""One association makes as much noise as it can; what do its neighbours notice?

    python -m tests.noise [--seconds 25] [--only paper]

Members of four associations open their home pages, twelve a second in all, in peace and beside each kind of noise by
turns: machines have moods, so each noise is judged by the peace before and after it. Ten callers of one association ask
at once, again and again (a tenth of a second after each answer): recurrence rules that never come round, the busiest
month, papers, searches for a frequent letter; last, sixty pages a second. Holds: the neighbours' 95th of 100 is at most
1.2 times what it was in peace, and none is refused.
"""

import argparse
import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable
from itertools import count
from random import Random

from tests.load.client import Answer, Ask, ask, percentile, steadily, summary
from tests.load.people import Evening, page
from tests.load.stage import Place, Stage, stage, told

NOISY = "tonan"
NEIGHBOURS = 12.0  # pages a second
AT_ONCE = 10
MOST = 1.2
NASTY = (
    "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
    "FREQ=DAILY;BYMONTHDAY=31;BYMONTH=2;BYDAY=MO",
    "FREQ=WEEKLY;BYMONTH=2;BYDAY=MO;BYSETPOS=9",
    "FREQ=MONTHLY;BYMONTHDAY=31;BYMONTH=4",
    "FREQ=YEARLY;BYWEEKNO=53;BYDAY=MO;BYMONTH=6",
)


def main() -> None:
    options = _options()
    with stage() as here:
        good = asyncio.run(_run(here, options))
    sys.exit(0 if good else 1)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.noise", description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=25)
    parser.add_argument("--only", default="", help="one kind of noise")
    return parser.parse_args()


async def _run(here: Stage, options: argparse.Namespace) -> bool:
    noisy = next(place for place in here.places if place.slug == NOISY)
    homes = _Homes([place for place in here.places if place.slug != NOISY])
    await steadily(here.port, 20, 10, Evening(here.places), time.perf_counter())  # every process has seen every host
    peace, heard = [await _peace(here, homes, options.seconds)], {}
    for name, make in _noises(noisy).items():
        if options.only in ("", name):
            noise = asyncio.create_task(_loud(here.port, make, options.seconds))
            heard[name] = await _phase(here, homes, options.seconds)
            told(f"  {name:<10} {summary(heard[name])}   the noise: {summary(await noise)}")
            await asyncio.sleep(3)
            peace.append(await _peace(here, homes, options.seconds))
    return _judge(peace, heard)


async def _peace(here: Stage, homes: "_Homes", seconds: float) -> list[Answer]:
    answers = await _phase(here, homes, seconds)
    told(f"  {'in peace':<10} {summary(answers)}")
    return answers


async def _phase(here: Stage, homes: "_Homes", seconds: float) -> list[Answer]:
    return await steadily(here.port, NEIGHBOURS, seconds, homes, time.perf_counter())


class _Homes:
    def __init__(self, places: list[Place]) -> None:
        self.places, self.dice = places, Random(2)

    def __call__(self) -> Ask:
        place = self.dice.choice(self.places)
        return page(place, "/", self.dice.choice(place.cookies))


def _noises(place: Place) -> dict[str, Callable[[], Ask]]:
    turn, post = count(), place.posts[0]
    token = (("Authorization", f"Token {place.officer_token}"), ("Content-Type", "application/json"))

    def rule() -> Ask:
        said = {"title": "音", "starts_at": "2027-01-04T10:00:00+09:00", "ends_at": "2027-01-04T11:00:00+09:00"}
        body = json.dumps(said | {"rrule": NASTY[next(turn) % len(NASTY)]}).encode()
        return Ask(place.host, "/api/v1/events/", token, "POST", body)

    return {
        "rule": rule,
        "calendar": lambda: page(place, f"/calendar/?month=2036-{next(turn) % 12 + 1:02}", place.officer),
        "paper": lambda: page(place, f"/posts/{post}/paper.pdf", place.officer),
        "search": lambda: page(place, "/search/?q=%E3%81%AE", place.officer),
        "flood": Evening([place], 3),
    }


async def _loud(port: int, make: Callable[[], Ask], seconds: float) -> list[Answer]:
    if isinstance(make, Evening):
        return await steadily(port, 60, seconds, make, time.perf_counter())
    began, answers = time.perf_counter(), list[Answer]()

    async def caller() -> None:
        while time.perf_counter() - began < seconds:
            answers.append(await ask(port, make(), began))
            await asyncio.sleep(0.1)

    callers: list[Awaitable[None]] = [caller() for _n in range(AT_ONCE)]
    await asyncio.gather(*callers)
    return answers


def _judge(peace: list[list[Answer]], heard: dict[str, list[Answer]]) -> bool:
    holds = []
    for (name, answers), before, after in zip(heard.items(), peace[:-1], peace[1:], strict=True):
        times = percentile(answers, 0.95) / percentile([*before, *after], 0.95)
        refused = sum(answer.status != 200 for answer in answers)
        holds.append(times <= MOST and not refused)
        told(f"  {'holds' if holds[-1] else 'FAILS'}  beside {name}: {times:.2f} times, {refused} refused")
    return all(holds)


if __name__ == "__main__":
    main()
