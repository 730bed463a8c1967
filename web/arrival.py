"""What somebody sends is waited for before anything is held for it: no place, no connection, no transaction.

A phone on a weak line takes minutes to send a photo, and whoever means ill sends a byte and then nothing. Both would
keep a place meanwhile that others need (controlplane.tenancy.middleware.admission). So many bodies arrive at once in
a process, no more than half of them from one network address; the next is told 503, and who only reads notices
nothing. The server gives no way to stop waiting for a body: the proxy in front of it has to (README.md).
"""

from collections.abc import Callable
from contextlib import suppress
from shutil import copyfileobj
from tempfile import SpooledTemporaryFile
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _

from controlplane.accounts.limits import network_address
from controlplane.tenancy.middleware import HEALTH, elsewhere
from controlplane.tenancy.middleware.admission import Full, Places, full

PIECE = "application/offset+octet-stream"  # of a file: what has come of it counts, and it goes on from there
IN_MEMORY = 2 * 1024 * 1024  # what is longer goes to a file
FILES = 21  # of the largest size: twenty photos and a document, sent whole by a form without script
Asker = Any  # an HttpRequest with the stream Django reads it from


class ArrivalMiddleware:
    def __init__(self, get_response: Callable[[Asker], HttpResponse]) -> None:
        self.get_response = get_response
        self.lines = Places(settings.WEB_ARRIVALS, 0)

    def __call__(self, request: Asker) -> HttpResponse:
        told = str(request.META.get("CONTENT_LENGTH") or "")
        length = int(told) if told.isdecimal() else 0
        if not length or request.path_info in HEALTH:
            return self.get_response(request)
        if length > FILES * settings.ATTACHMENT_MAX_BYTES:
            return elsewhere.say_plainly(request, 413, "errors/400.html", _("大きすぎます"))
        with SpooledTemporaryFile(max_size=IN_MEMORY) as whole:
            try:
                address = network_address(request.META)
                with self.lines.one(address, reading=True, patience=0), suppress(OSError):  # then it is too short
                    copyfileobj(request._stream, whole)
            except Full:
                return full(request)
            if whole.tell() < length and request.content_type != PIECE:  # the line broke: half a notice is none
                return elsewhere.say_plainly(request, 400, "errors/400.html", _("入力をたしかめてください"))
            whole.seek(0)
            request._stream = whole
            return self.get_response(request)
