"""The outermost thing that touches data: finds the site by host and holds the request's binding and transaction."""

from collections.abc import Callable
from typing import Any

import structlog
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.utils.translation import gettext_lazy as _

from controlplane.tenancy import routing
from controlplane.tenancy.binding import bound, current, public
from controlplane.tenancy.middleware import elsewhere
from controlplane.tenancy.waiting import for_a_page

GetResponse = Callable[["HostRequest"], HttpResponse]
LARGEST = 2**63 - 1  # what PostgreSQL counts to
READING = frozenset({"GET", "HEAD", "OPTIONS"})
HEALTH = frozenset({"/healthz", "/healthz/parts", "/readyz", "/certz"})


class HostRequest(HttpRequest):
    """A request that knows whose site it came to."""

    site: routing.Site | None  # type: ignore[assignment]  # django.contrib.sites is not used
    urlconf: str
    route: str  # of what is answered without a view, for the log


class SiteMiddleware:
    """Sets `request.site` (None on the apex host) and `request.urlconf`; a response of 5xx rolls everything back."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HostRequest) -> HttpResponse:
        request.site = None
        if request.path_info in HEALTH:
            return self._health(request)
        host = routing.normalise_host(request.META.get("HTTP_HOST", ""))
        if host is None:
            return elsewhere.say(request, 400, "errors/400.html", _("住所（Host）が正しくありません"))
        if host == settings.APEX_HOST:
            request.urlconf = "controlplane.urls.public"
            with for_a_page(), public():
                return self._respond(request)
        return self._site_response(request, host)

    def _health(self, request: HostRequest) -> HttpResponse:
        """Unbound, so nothing may be sent here: whoever looks at a form looks up its session."""
        if request.method not in READING:
            return HttpResponseNotAllowed(sorted(READING))
        request.urlconf = "controlplane.urls.health"
        return self.get_response(request)

    def process_view(self, _request: HttpRequest, _view: object, _args: object, named: dict[str, Any]) -> None:
        """A number in a path that no row can have is a page that is not there, whatever the view would do with it."""
        if any(isinstance(value, int) and value > LARGEST for value in named.values()):
            raise Http404

    def _site_response(self, request: HostRequest, host: str) -> HttpResponse:
        request.urlconf = "controlplane.urls.nowhere"
        site = routing.find(host)
        if site is None:
            return elsewhere.nobody(request, host, routing.apex_url())
        if site.state != "live":
            return elsewhere.not_open(request, site)
        if site.moved_to:
            return elsewhere.moved(request, site)
        request.site = site
        request.urlconf = "controlplane.urls.tenant"
        with for_a_page(), bound(site):
            return self._respond(request)

    def _respond(self, request: HostRequest) -> HttpResponse:
        structlog.contextvars.bind_contextvars(association=current().key)  # also for what is logged after the binding
        response = self.get_response(request)
        if response.streaming:
            raise ImproperlyConfigured("A streaming response would run outside the request's binding.")
        if response.status_code >= 500:
            transaction.set_rollback(True)
        return response
