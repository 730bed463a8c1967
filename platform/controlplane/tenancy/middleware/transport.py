"""Django's security headers, for hosts that are not all ours: what we promise of encryption stops at our own names."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware import security

from controlplane.tenancy import routing


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
