"""One line for each answer, instead of a server's access log: which page it was, and never what stood in its address.

Codes of invitations and signed tokens come in paths, because a link is all a mail or a poster can carry.
"""

import logging
import re
from collections.abc import Callable
from time import monotonic
from uuid import uuid4

import structlog
from django.http import HttpRequest, HttpResponse

from controlplane.tenancy.middleware import HEALTH

_ID = re.compile(r"[A-Za-z0-9-]{8,64}\Z")
_gate = logging.getLogger(__name__)
log = structlog.get_logger(__name__)


class AccessMiddleware:
    """The outermost of all. Sets `request.id`, which every line about this request carries, and the answer too."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began, given = monotonic(), request.headers.get("X-Request-Id", "")
        request_id = given if _ID.match(given) else uuid4().hex
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request=request_id)
        response = self.get_response(request)
        response["X-Request-Id"] = request_id
        if _gate.isEnabledFor(logging.INFO) and request.path_info not in HEALTH:
            spent = round((monotonic() - began) * 1000, 1)
            log.info("answered", method=request.method, route=route_of(request), status=response.status_code, ms=spent)
        return response


def route_of(request: HttpRequest) -> str:
    """The pattern of its URL, such as `i/<str:code>/`; "-" for what no pattern answered."""
    if request.resolver_match:
        return f"/{request.resolver_match.route}"
    return getattr(request, "route", "/static/" if request.path_info.startswith("/static/") else "-")
