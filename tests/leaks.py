"""P6: what is kept or said outside PostgreSQL, watched through the whole suite: cache, object store, log lines, mails.

Each of these is about one association, by its key, its header or its log context; another's canary in it is a leak.
"""

import logging
import re
from typing import Any

import requests
from django.conf import settings
from django.core import mail
from django.core.cache import caches
from django.core.files.storage import default_storage

from controlplane.tenancy.waiting import waits_on_purpose

CACHE_KEY = re.compile(r"kairan:(?P<owner>routing|public|[0-9a-f]{32}):")
BROKER_KEY = re.compile(r"celery$|_kombu\.|unacked")
OBJECT_KEY = re.compile(r"(?P<owner>public|[0-9a-f]{32})/")
LOG_CONTEXT = re.compile(r'"association": "(?P<owner>[^"]*)"')
# What no line of a log may hold, whoever it is about. The middle of a uuid is no code.
LOG_SECRETS = re.compile(
    r"@[\w.-]*example\.(jp|com)|\+81[0-9]{9,10}|(?<![0-9a-z.-])0[789]0-?[0-9]{4}-?[0-9]{4}(?![0-9a-z])"
    r"|:[A-Za-z0-9_-]{43}\b|(?<![0-9a-f]{8}-)\b[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}\b"
)
LARGEST = 1_000_000  # bytes of an object that are worth reading

canaries: dict[str, str] = {}  # the 32 digits of an association's uuid: the word that only its rows hold


def foreign(owner: str, content: str | bytes) -> bool:
    """Whether something of this owner (an association's 32 digits, or nobody's place) holds another's word."""
    raw = content if isinstance(content, bytes) else content.encode()
    return any(word.encode() in raw for of, word in canaries.items() if of != owner)


def since_last() -> list[str]:
    """What leaked during a test. Call it before the caches are flushed."""
    return [*in_cache(), *in_letters(), *_log.taken()]


def after_all() -> list[str]:
    """What leaked to where tests leave things lying."""
    return [*in_object_store(), *at_gateways(), *_log.taken()]


def in_cache() -> list[str]:
    """Keys that no association owns, or that hold another's word."""
    client: Any = caches["default"]._cache.get_client()  # type: ignore[attr-defined]
    wrong = []
    for key in map(bytes.decode, client.keys()):
        owned = CACHE_KEY.match(key)
        value = client.get(key) if owned else b""
        if not (BROKER_KEY.match(key) or owned) or (owned and foreign(owned["owner"], value or b"")):
            wrong.append(f"cache: {key}")
    return wrong


def in_object_store() -> list[str]:
    with waits_on_purpose("a test looks"):
        stored = [(each.key, _held(each)) for each in default_storage.bucket.objects.all()]  # type: ignore[attr-defined]
    return [f"object store: {key}" for key, content in stored if _is_foreign(key, content)]


def _held(each: Any) -> bytes:
    return each.get()["Body"].read() if each.size < LARGEST else b""


def _is_foreign(key: str, content: bytes) -> bool:
    owned = OBJECT_KEY.match(key)
    return not owned or foreign(owned["owner"], content)


def in_letters() -> list[str]:
    """Mails kept in memory, as most tests have them."""
    wrong = []
    for letter in getattr(mail, "outbox", []):
        owner = letter.extra_headers.get("X-Kairan-Association", "")
        if foreign(owner.replace("-", ""), f"{letter.subject} {letter.body} {letter.attachments}"):
            wrong.append(f"mail: {letter.to} {letter.subject}")
    return wrong


def at_gateways() -> list[str]:
    """Mails and short messages as the stand-ins were given them."""
    rows: list[dict[str, Any]] = requests.get(settings.OUTBOX_URL, timeout=10).json()
    return [
        f"gateway: {row['to']} {row['subject']}"
        for row in rows
        if foreign((row["association"] or "").replace("-", ""), str(row))
    ]


def watch_logs() -> None:
    """Read every line as it is written, in the form production writes it. Whoever sets logging up anew forgets us."""
    if _log.formatter is None:
        form = dict(settings.LOGGING["formatters"]["line"])
        _log.setFormatter(form.pop("()")(**form))
    logging.getLogger().addHandler(_log)


class _LogWatch(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.leaks: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        line = self.format(record)
        named = LOG_CONTEXT.search(line)
        if foreign(named["owner"] if named else "", line) or LOG_SECRETS.search(line):
            self.leaks.append(f"log: {line}")

    def taken(self) -> list[str]:
        """The leaks since the last call."""
        found, self.leaks = self.leaks, []
        return found


_log = _LogWatch()
