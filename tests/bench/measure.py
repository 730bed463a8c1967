"""What the contenders share: the same feed to read, and the same ways to ask and to count."""

import io
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

POSTS = 200
Figures = dict[str, float]
WSGI = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


@dataclass(frozen=True)
class Options:
    fleet: int
    creations: int
    seconds: float
    sample: int


def run(small: Callable[[Options], Figures], large: Callable[[Options], Figures]) -> None:
    """The command line of every contender: a stage, and the options as JSON; prints the figures as JSON."""
    known = json.loads(sys.argv[2])
    options = Options(**{name: known[name] for name in Options.__annotations__})
    print(json.dumps({"small": small, "large": large}[sys.argv[1]](options)))


def fill() -> Any:
    """Write people and posts into whatever schema is current; returns the reader's User."""
    from django.utils import timezone

    from controlplane.accounts.models import User
    from tenants.feed.models import Comment, Post, Reaction, ReadReceipt
    from tenants.members.models import Group, Household, Member

    group = Group.objects.create(name="1組")
    homes = Household.objects.bulk_create(Household(name=f"会員{n}", group=group) for n in range(40))
    users = User.objects.bulk_create(User(email=f"member{n}@example.jp") for n in range(40))
    now = timezone.now()
    people = Member.objects.bulk_create(
        Member(user=user, household=home, name=home.name, admitted_at=now)
        for user, home in zip(users, homes, strict=True)
    )
    posts = Post.objects.bulk_create(
        Post(
            title=f"お知らせ {n}",
            body="清掃のお知らせです。" * 20,
            author=people[0],
            publish_at=now - timedelta(hours=n),
            read_households=20,
            comment_count=2,
            reaction_counts={"thanks": 10},
        )
        for n in range(POSTS)
    )
    ReadReceipt.objects.bulk_create(
        ReadReceipt(post=post, member=person, household_id=person.household_id)
        for post in posts
        for person in people[:20]
    )
    Reaction.objects.bulk_create(Reaction(post=p, member=m, kind="thanks") for p in posts for m in people[:10])
    Comment.objects.bulk_create(Comment(post=p, author=m, body="ありがとう") for p in posts for m in people[:2])
    return users[30]


def ask(application: WSGI, host: str, path: str, headers: dict[str, str]) -> bytes:
    """One request through the WSGI door; returns the body of a 200."""
    status: list[str] = []
    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "SERVER_NAME": host,
        "SERVER_PORT": "80",
        "HTTP_HOST": host,
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": io.StringIO(),
        "wsgi.url_scheme": "http",
        **headers,
    }
    answer = application(environ, lambda line, _headers, _error=None: status.append(line))
    try:
        body = b"".join(answer)
    finally:
        close = getattr(answer, "close", None)
        if close:
            close()
    if not status[0].startswith("200"):
        raise RuntimeError(f"{path}: {status[0]} {body[:500]!r}")
    return body


def requests_per_second(request: Callable[[], object], seconds: float) -> float:
    """The best of three spells, after a warm-up: what disturbs from outside only ever slows down."""
    for _warm in range(30):
        request()
    return max(_spell(request, seconds / 3) for _n in range(3))


def p95_ms(request: Callable[[], object], seconds_long: float) -> float:
    """What 95 of 100 requests stay below, one after the other."""
    times: list[float] = []
    end = time.perf_counter() + seconds_long
    while time.perf_counter() < end:
        times.append(seconds(request))
    return round(statistics.quantiles(times, n=20)[-1] * 1000, 2)


def page(request: Callable[[], object], options: Options) -> Figures:
    """How a page answers: requests a second, what 95 of 100 stay below, how many statements it sends."""
    return {
        "page": requests_per_second(request, options.seconds),
        "page_p95": p95_ms(request, options.seconds),
        "page_statements": len(statements(request)),
    }


def _spell(request: Callable[[], object], seconds: float) -> float:
    count, start = 0, time.perf_counter()
    while time.perf_counter() - start < seconds:
        request()
        count += 1
    return round(count / (time.perf_counter() - start), 1)


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def median_ms(times: Iterable[float]) -> float:
    return round(statistics.median(times) * 1000, 2)


def command(settings: str, *arguments: str) -> float:
    """Seconds that `manage.py …` takes as a process of its own, start included."""
    import os

    env = {**os.environ, "DJANGO_SETTINGS_MODULE": settings}
    words = [sys.executable, "manage.py", *arguments]
    return seconds(lambda: subprocess.run(words, env=env, check=True, capture_output=True))


def statements(request: Callable[[], object]) -> list[tuple[str, Any]]:
    """What Django sends for one request: reads and writes, apart from the transaction and its binding."""
    from django.db import connection

    sent: list[tuple[str, Any]] = []

    def note(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        if not str(sql).startswith(("SAVEPOINT", "RELEASE", "SELECT set_config")):
            sent.append((str(sql), params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        request()
    return sent


def database_ms(sent: Iterable[tuple[str, Any]]) -> float:
    """What these statements take inside PostgreSQL, planning included, by its own EXPLAIN ANALYZE: best of five."""
    from django.db import connection

    def once() -> float:
        total = 0.0
        for sql, params in sent:
            with connection.cursor() as cursor:
                cursor.execute(f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {sql}", params)
                [plan] = cursor.fetchone()[0]
            total += plan["Planning Time"] + plan["Execution Time"]
        return total

    return round(min(once() for _n in range(5)), 3)
