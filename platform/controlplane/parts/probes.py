"""What Kairan leans on, and whether each part answers: all asked side by side, none waited for longer than WAIT_PART.

Each question has a thread of its own, so that one that gets no answer holds up neither the others nor whoever asks;
while it waits, the same part is not asked again.
"""

from collections.abc import Callable, Iterable
from enum import StrEnum
from threading import Event, Lock, Thread
from time import monotonic
from typing import cast

import redis
import requests
from django.conf import settings
from django.core.files.storage import default_storage
from django.core.mail import get_connection
from django.db import connection

from controlplane.associations.models import Association
from controlplane.tenancy import public
from controlplane.tenancy.storage import AssociationStorage
from controlplane.tenancy.waiting import refuse_in_transaction

OK, UNSET, NO_ANSWER = "ok", "not set up", "no answer"
FINE = frozenset({OK, UNSET})


class Name(StrEnum):
    DATABASE = "database"
    BROKER = "broker"
    CACHE = "cache"
    FILES = "files"
    MAIL = "mail"
    SMS = "sms"
    STRIPE = "stripe"


class Probe:
    """One question, asked by one thread at a time. Its answer is `ok`, or a word for what is wrong."""

    def __init__(self, ask: Callable[[], str | None]) -> None:
        self._ask = ask
        self._lock = Lock()
        self._answered = Event()
        self._answered.set()
        self._answer = NO_ANSWER

    def begin(self) -> None:
        """Ask, unless the last question is still open."""
        with self._lock:
            if self._answered.is_set():
                self._answered.clear()
                Thread(target=self._run, daemon=True).start()

    def answer(self, until: float) -> str:
        """The answer, waited for until this moment of the monotonic clock."""
        return self._answer if self._answered.wait(max(0.0, until - monotonic())) else NO_ANSWER

    def _run(self) -> None:
        try:
            self._answer = self._ask() or OK
        except Exception as error:  # whatever is wrong is named
            self._answer = type(error).__name__
        finally:
            connection.close()  # this thread's own, should it have opened one
            self._answered.set()


def look(names: Iterable[Name] = tuple(Name)) -> dict[str, str]:
    """How these parts are, in this order."""
    return answers({name.value: _PROBES[name] for name in names})


def answers(probes: dict[str, Probe]) -> dict[str, str]:
    until = monotonic() + settings.WAIT_PART
    for probe in probes.values():
        probe.begin()
    return {name: probe.answer(until) for name, probe in probes.items()}


def _database() -> None:
    with public():
        Association.objects.exists()


def _broker() -> None:
    _ping(settings.CELERY_BROKER_URL)


def _cache() -> None:
    _ping(cast(dict[str, str], settings.CACHES["default"])["LOCATION"])


def _ping(url: str) -> None:
    refuse_in_transaction("A part")
    wait = settings.WAIT_PART
    with redis.Redis.from_url(url, socket_timeout=wait, socket_connect_timeout=wait) as client:
        client.ping()


def _files() -> None:
    cast(AssociationStorage, default_storage).reach()


def _mail() -> None:
    refuse_in_transaction("A part")
    mail = get_connection(timeout=settings.WAIT_PART)
    mail.open()
    mail.close()


def _sms() -> str | None:
    return _speaks(settings.SMS_API_URL)


def _stripe() -> str | None:
    return _speaks(settings.STRIPE_API_BASE) if settings.STRIPE_SECRET_KEY else UNSET


def _speaks(url: str) -> str | None:
    """Any answer will do, also that this is not how one asks; but not that the server is down."""
    if not url:
        return UNSET
    refuse_in_transaction("A part")
    status = requests.get(url, timeout=settings.WAIT_PART, allow_redirects=False).status_code
    return f"HTTP {status}" if status >= 500 and status != 501 else None


_PROBES = {
    Name.DATABASE: Probe(_database),
    Name.BROKER: Probe(_broker),
    Name.CACHE: Probe(_cache),
    Name.FILES: Probe(_files),
    Name.MAIL: Probe(_mail),
    Name.SMS: Probe(_sms),
    Name.STRIPE: Probe(_stripe),
}
