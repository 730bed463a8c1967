"""A process of reader threads: each binds, nests, fails and forgets to bind, and compares every word it reads."""

import logging
import os
import random
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.queues import Queue
from typing import Any

from tests.pooler.places import COLUMNS, EVERYWHERE, PUBLIC, Place

EVERY = 0.5  # seconds between a thread's reports
PATIENCE = 60.0  # seconds without any read, after which there is nothing to wait for


def work(
    env: Mapping[str, str], places: Sequence[Place], reads: int, threads: int, seed: int, results: "Queue[Counter[str]]"
) -> None:
    """Read until each thread has had its share; what was counted goes to `results` bit by bit."""
    os.environ.update(env)
    import django

    django.setup()
    logging.disable(logging.CRITICAL)  # a pool tells of each connection it lost
    share = -(-reads // threads)
    with ThreadPoolExecutor(threads) as pool:
        jobs = [
            pool.submit(Reader(places, random.Random(f"{seed}-{n}"), results.put).run, share) for n in range(threads)
        ]
        for job in jobs:
            job.result()


class Reader:
    """One thread with a connection of its own, and what it counted since its last report."""

    def __init__(self, places: Sequence[Place], dice: random.Random, report: Callable[[Counter[str]], None]) -> None:
        self.places, self.dice, self.report = places, dice, report
        self.counts: Counter[str] = Counter()
        acts = {self.plain: 50, self.several: 20, self.nested: 12, self.failing: 6, self.public: 6, self.unbound: 6}
        self.acts, self.weights = list(acts), list(acts.values())

    def run(self, reads: int) -> None:
        from django.db import connection

        done, reported, last = 0, time.monotonic(), time.monotonic()
        while done + self.counts["reads"] < reads and time.monotonic() - last < PATIENCE:
            self._act()
            if time.monotonic() - reported > EVERY:
                reported = time.monotonic()
                last = reported if self.counts["reads"] else last
                done += self.counts["reads"]
                self._hand_in()
        self._hand_in()
        connection.close()

    def _act(self) -> None:
        from django.conf import settings
        from django.db import connection

        act = self.dice.choices(self.acts, self.weights)[0]
        try:
            act()
            self.counts["transactions"] += 1
        except Exception as error:
            self.counts[_kind(error)] += 1
            connection.close()
        if settings.DATABASE_POOL_SIZE or self.dice.random() < 0.005:
            connection.close()  # as a request does at its end when a pool hands connections out

    def _hand_in(self) -> None:
        self.report(self.counts)
        self.counts = Counter()

    def plain(self) -> None:
        from controlplane.tenancy import bound

        place = self.dice.choice(self.places)
        with bound(place):
            self._read(place.canary)

    def several(self) -> None:
        """A transaction of several statements, writing among them."""
        from controlplane.outbox.models import Message
        from controlplane.tenancy import bound

        place = self.dice.choice(self.places)
        with bound(place):
            self._read(place.canary)
            Message.objects.filter(pk=1).update(attempts=self.dice.randrange(1000))
            self._read(place.canary)
            self._who(place)
            self._read(place.canary)

    def nested(self) -> None:
        from controlplane.tenancy import bound, public

        outer, inner = self.dice.sample(self.places, 2)
        with bound(outer):
            with bound(inner):
                self._read(inner.canary)
            self._read(outer.canary)
            with public():
                self._read(PUBLIC, EVERYWHERE)
            self._read(outer.canary)

    def failing(self) -> None:
        """Errors of Python and of PostgreSQL leave the outer binding where it was."""
        from django.db import ProgrammingError, connection

        from controlplane.tenancy import bound

        outer, inner = self.dice.sample(self.places, 2)
        with bound(outer):
            try:
                with bound(inner):
                    self._read(inner.canary)
                    if self.dice.random() < 0.5:
                        raise ZeroDivisionError
                    with connection.cursor() as cursor:
                        cursor.execute("SELECT * FROM no_such_table")
            except (ZeroDivisionError, ProgrammingError):
                pass
            self._read(outer.canary)

    def public(self) -> None:
        from controlplane.tenancy import public

        with public():
            self._read(PUBLIC, EVERYWHERE)

    def unbound(self) -> None:
        """A query that nobody bound fails, whoever had the server connection before."""
        from django.db import ProgrammingError, transaction

        try:
            if self.dice.random() < 0.5:
                self._row(self.dice.choice(list(COLUMNS)))
            else:
                with transaction.atomic():
                    self._row(self.dice.choice(list(COLUMNS)))
        except ProgrammingError:
            self.counts["unbound refused"] += 1
        else:
            self.counts["unbound answered"] += 1

    def _read(self, canary: str, tables: Sequence[str] = tuple(COLUMNS)) -> None:
        word = self._row(self.dice.choice(tables))
        self.counts["reads"] += 1
        if word != canary:
            self.counts["foreign"] += 1

    def _row(self, table: str) -> Any:
        from django.apps import apps

        return apps.get_model(table).objects.values_list(COLUMNS[table], flat=True).get(pk=1)

    def _who(self, place: Place) -> None:
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute("SELECT current_user")
            if cursor.fetchone() != (f"a_{place.uuid.hex}",):
                self.counts["foreign role"] += 1


def _kind(error: Exception) -> str:
    """What a terminated backend looks like is an `error:`; whatever it does not explain is a `fault:`."""
    kind = type(error).__name__
    # Ended between its answer and the end of the message: psycopg finds the notice of the end as a second answer.
    ended_in_between = kind == "InternalError" and "received 2 results from command" in str(error)
    if kind in {"OperationalError", "InterfaceError"} or ended_in_between:
        return f"error:{kind}"
    return f"fault:{kind}: {error}"[:60].splitlines()[0]
