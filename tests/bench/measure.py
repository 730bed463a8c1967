"""What the contenders share: the same feed to read, and the same way to ask for it."""

import io
import statistics
import time
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

POSTS = 200
WSGI = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


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


def ask(application: WSGI, host: str, path: str, headers: dict[str, str]) -> tuple[str, bytes]:
    """One request through the WSGI door; returns the status line and the body."""
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
    return status[0], body


def requests_per_second(application: WSGI, host: str, path: str, headers: dict[str, str], seconds: float) -> float:
    status, body = ask(application, host, path, headers)
    assert status.startswith("200"), (status, body[:500])
    for _warm in range(20):
        ask(application, host, path, headers)
    count, start = 0, time.perf_counter()
    while time.perf_counter() - start < seconds:
        ask(application, host, path, headers)
        count += 1
    return round(count / (time.perf_counter() - start), 1)


def median_ms(seconds: list[float]) -> float:
    return round(statistics.median(seconds) * 1000, 1)


class Statements:
    """Counts what Django sends: reads and writes apart from the transaction and its binding."""

    def __init__(self) -> None:
        self.work = self.binding = 0

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if "set_config" in str(sql):
            self.binding += 1
        else:
            self.work += 1
        return execute(sql, params, many, context)
