"""An open loop over plain sockets: so many requests a second, each at its own moment, each answer with its time."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

PATIENCE = 30.0


@dataclass(frozen=True)
class Ask:
    host: str
    path: str
    headers: tuple[tuple[str, str], ...] = ()
    method: str = "GET"
    body: bytes = b""

    def written(self) -> bytes:
        lines = [f"{self.method} {self.path} HTTP/1.1", f"Host: {self.host}", "Connection: close"]
        lines += [f"{name}: {value}" for name, value in self.headers]
        if self.body:
            lines.append(f"Content-Length: {len(self.body)}")
        return ("\r\n".join(lines) + "\r\n\r\n").encode() + self.body


@dataclass(frozen=True)
class Answer:
    """Status 0: none came."""

    at: float
    host: str
    status: int
    seconds: float
    retry_after: str = ""
    body: bytes = b""


async def ask(port: int, what: Ask, began: float) -> Answer:
    sent = time.perf_counter()
    status, head, body = 0, b"", b""
    try:
        async with asyncio.timeout(PATIENCE):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(what.written())
            head, _blank, body = (await reader.read(-1)).partition(b"\r\n\r\n")
            writer.close()
            status = int(head.split(None, 2)[1])
    except (OSError, TimeoutError, IndexError, ValueError):
        pass
    after = next((line[12:].strip() for line in head.split(b"\r\n") if line.lower().startswith(b"retry-after:")), b"")
    kept = body if status >= 500 else b""
    return Answer(sent - began, what.host, status, time.perf_counter() - sent, after.decode(), kept)


async def steadily(port: int, rate: float, seconds: float, choose: Callable[[], Ask], began: float) -> list[Answer]:
    """So many a second for so long, at random moments."""
    dice, tasks, at = random.Random(1), [], 0.0
    start = time.perf_counter()
    while at < seconds:
        await asyncio.sleep(max(0.0, start + at - time.perf_counter()))
        tasks.append(asyncio.create_task(ask(port, choose(), began)))
        at += dice.expovariate(rate)
    return list(await asyncio.gather(*tasks))


def percentile(answers: Sequence[Answer], share: float) -> float:
    """In milliseconds."""
    times = sorted(answer.seconds for answer in answers)
    return 1000 * times[min(len(times) - 1, int(share * len(times)))] if times else 0.0


def summary(answers: Sequence[Answer]) -> str:
    counts = Counter(answer.status for answer in answers)
    good = [answer for answer in answers if answer.status < 400 and answer.status]
    statuses = " ".join(f"{status or 'none'}:{times}" for status, times in sorted(counts.items()))
    return f"{statuses}  p50 {percentile(good, 0.5):.0f} ms  p95 {percentile(good, 0.95):.0f} ms"
