"""What is said around every answer: who may keep it, and what of encryption is promised for which host."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers

from controlplane.tenancy import routing
from controlplane.tenancy.middleware import HEALTH
from controlplane.tenancy.middleware.admission import Full, Places, full


class NothingKeptMiddleware:
    """Around all that answers: nobody on the way keeps an answer, nor does the browser, unless whoever made it said so.

    What the service worker keeps, it keeps on purpose and by itself; this header does not reach it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.setdefault("Cache-Control", "private, no-store")
        if request.path_info.startswith("/api/"):
            patch_vary_headers(response, ["Authorization"])
        return response


class OurHostsMiddleware:
    """Around Django's SecurityMiddleware, which takes every host for ours.

    Where it has to look a host up, it does so before anybody is admitted: a place of its own keeps foreign names few.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.lookups = Places(2, share=0)  # half of them for names nobody has been seen to have

    def __call__(self, request: HttpRequest) -> HttpResponse:
        host = routing.normalise_host(request.META.get("HTTP_HOST", ""))
        below_apex = host is not None and f".{host}".endswith(f".{settings.APEX_HOST}")
        if not below_apex and self._would_be_led_on(request):
            try:
                ours = host is not None and self._is_somebodys(host)
            except Full:
                return full(request)
            if not ours:
                return HttpResponse(status=404 if host else 400)
        response = self.get_response(request)
        if not below_apex and "Strict-Transport-Security" in response:
            # On a host an association brought, encryption is promised for that host alone: its mail or old pages
            # beside it may not have any.
            response["Strict-Transport-Security"] = f"max-age={settings.SECURE_HSTS_SECONDS}"
        return response

    def _is_somebodys(self, host: str) -> bool:
        with self.lookups.one(routing.known(host), reading=True):
            return routing.find(host) is not None

    def _would_be_led_on(self, request: HttpRequest) -> bool:
        """To https, at whatever host was named: a link through us to anywhere, if nobody looked at the name first."""
        return settings.SECURE_SSL_REDIRECT and not request.is_secure() and request.path_info not in HEALTH
