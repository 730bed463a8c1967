"""A visit of operations at a site that let them in: read only, written into the site's log, over when the leave is.

Members' requests pay nothing for it: only a session that came in by a key is looked at twice.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import structlog
from django.contrib.sessions.backends.base import SessionBase
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import Resolver404, resolve
from django.utils.cache import add_never_cache_headers

from controlplane.associations.models import SupportAccess
from controlplane.associations.models.support import Visit
from controlplane.tenancy import public
from controlplane.tenancy.read_only import read_only, was_refused
from web.middleware import PersonRequest

KEY = "support"  # the session's note of who came in, and by which leave
GetResponse = Callable[[Any], HttpResponse]
View = Callable[..., HttpResponse]
log = structlog.get_logger()


def remember(session: SessionBase, visit: Visit) -> None:
    """From now on this browser visits; whoever was signed in here is not any more."""
    session.flush()
    session[KEY] = {
        "pk": visit.access.pk,
        "operator": visit.operator.pk,
        "proof": visit.proof,
        "began": visit.began.isoformat(),
    }
    session.set_expiry(visit.until)


def at_the_door(view: View) -> View:
    """Coming in and going out: the two pages of a visit that write."""
    view.at_the_door = True  # type: ignore[attr-defined]
    return view


class SupportMiddleware:
    """Sets `request.support`, and lets a visit see guarded pages only, with PostgreSQL refusing every write."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: PersonRequest) -> HttpResponse:
        kept = request.session.get(KEY) if request.site is not None else None
        if not kept:
            return self.get_response(request)
        with public():
            request.support = SupportAccess.objects.visit(**kept | {"began": datetime.fromisoformat(kept["began"])})
        if not request.support:
            request.session.flush()
            return render(request, "support/over.html", status=403)
        response = self._looking(request)
        add_never_cache_headers(response)  # nothing stays in the operator's browser
        return response

    def process_exception(self, request: PersonRequest, error: Exception) -> HttpResponse | None:
        """A page that writes while it is read: refused by PostgreSQL, told in words. `read_only` undoes its start."""
        if not (request.support and was_refused(error)):
            return None
        log.warning("support_write_refused", path=request.path)
        transaction.set_rollback(True)
        return render(None, "support/only_reading.html", status=403)  # asks the database nothing

    def _looking(self, request: PersonRequest) -> HttpResponse:
        view = _view(request)
        if getattr(view, "at_the_door", False):
            return self.get_response(request)
        if request.method not in ("GET", "HEAD") or not (view is None or hasattr(view, "guarded")):
            return render(request, "support/only_reading.html", status=403)
        request.support.note(request.get_full_path())
        with read_only():
            return self.get_response(request)


def _view(request: PersonRequest) -> View | None:
    """What will answer; None where nothing will."""
    try:
        return resolve(request.path_info, request.urlconf).func
    except Resolver404:
        return None
