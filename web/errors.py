"""Error pages in words a neighbour understands; problems below /api/. They are made without database and cache,
but for what was typed into a page that was too old."""

import sys
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from controlplane.sending.models.kept import Why
from controlplane.tenancy import outage
from controlplane.tenancy.middleware import elsewhere
from web import keeping


def bad_request(request: HttpRequest, exception: Any = None) -> HttpResponse:
    return elsewhere.say(request, 400, "errors/400.html", _("入力をたしかめてください"))


def forbidden(request: HttpRequest, exception: Any = None) -> HttpResponse:
    return elsewhere.say(request, 403, "errors/403.html", _("この操作はできません"))


def not_found(request: HttpRequest, exception: Any = None) -> HttpResponse:
    return elsewhere.say(request, 404, "errors/404.html", _("見つかりません"))


def server_error(request: HttpRequest) -> HttpResponse:
    """Django comes here with whatever no view, middleware or commit could deal with, while it is being handled."""
    if outage.is_away(sys.exception()):
        return elsewhere.away(request)
    return elsewhere.say(request, 500, "errors/500.html", _("こちらの不具合です"))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The page was too old, or somebody signed in elsewhere since: it comes back as it was typed, with a new token."""
    kept = hasattr(request, "typed") and keeping.turned_away(request, Why.STALE, trusted=False)
    if kept:
        return keeping.lead(request, kept)
    return elsewhere.say(request, 403, "errors/csrf.html", _("この操作はできません"))
