"""What is said around every answer: who may keep it, and Django's security headers for hosts that are not all ours."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware import security
from django.utils.cache import patch_vary_headers

from controlplane.tenancy import routing


class NothingKeptMiddleware:
    """The outermost of all: nobody on the way keeps an answer, nor does the browser, unless whoever made it said so.

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


class SecurityMiddleware(security.SecurityMiddleware):
    """On a host an association brought, encryption is promised for that host alone: its mail or old pages beside it
    may not have any.
    """

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        host = routing.normalise_host(request.META.get("HTTP_HOST", "")) or ""
        ours = host == settings.APEX_HOST or host.endswith(f".{settings.APEX_HOST}")
        if self.sts_seconds and request.is_secure() and not ours:
            response.setdefault("Strict-Transport-Security", f"max-age={self.sts_seconds}")
        return super().process_response(request, response)
