"""A virus scanner beside us: clamd, asked over its INSTREAM command. Without CLAMD_URL nobody is asked."""

import re
import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import structlog
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from controlplane.tenancy.waiting import refuse_in_transaction

INFECTED, SILENT = "infected", "scanner"  # the codes of its refusals
PIECE = 256 * 1024
LONGEST_ANSWER = 4096
_FOUND = re.compile(r"stream: (?P<what>.+) FOUND\Z")
_log = structlog.get_logger(__name__)


class Infected(ValidationError):
    """The scanner knows this file. `what` is its name for it."""

    def __init__(self, what: str) -> None:
        super().__init__(_("このファイルから、あぶないものが見つかりました。のせずに、消してください。"), code=INFECTED)
        self.what = what[:100]


def scan(data: bytes) -> None:
    """Raise ValidationError for a file the scanner knows, or when it does not answer and CLAMD_OPTIONAL is not set."""
    if not settings.CLAMD_URL:
        return
    refuse_in_transaction("The virus scanner")
    try:
        answer = _ask(data)
    except OSError as error:
        answer = f"no answer: {error}"
    found = _FOUND.match(answer)
    if found:
        raise Infected(found["what"])
    if answer != "stream: OK":
        _log.error("virus scanner failed", answer=answer[:200])
        if not settings.CLAMD_OPTIONAL:
            raise ValidationError(
                _("ファイルをたしかめる仕組みが、いま休んでいます。あとでもう一度、のせてください。"), code=SILENT
            )


def _ask(data: bytes) -> str:
    """Pieces with their lengths before them, then a length of nothing; the answer ends with a zero byte."""
    with _connected() as line:
        line.sendall(b"zINSTREAM\0")
        try:
            for start in range(0, len(data), PIECE):
                piece = data[start : start + PIECE]
                line.sendall(struct.pack(">I", len(piece)) + piece)
            line.sendall(struct.pack(">I", 0))
        except (BrokenPipeError, ConnectionResetError):
            pass  # it has heard enough, and says why
        answer = b""
        while not answer.endswith(b"\0") and len(answer) < LONGEST_ANSWER and (more := line.recv(LONGEST_ANSWER)):
            answer += more
    return answer.rstrip(b"\0").decode(errors="replace")


@contextmanager
def _connected() -> Iterator[socket.socket]:
    url = urlsplit(settings.CLAMD_URL)
    if url.scheme == "unix":
        line = socket.socket(socket.AF_UNIX)
        line.settimeout(settings.CLAMD_PATIENCE)
        line.connect(url.path)
    else:
        line = socket.create_connection((url.hostname or "", url.port or 3310), timeout=settings.CLAMD_PATIENCE)
    with line:
        yield line
