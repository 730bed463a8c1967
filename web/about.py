"""What programs ask of any host before they look around: what may be searched, and whom to tell of a hole."""

from datetime import timedelta

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.templatetags.static import static
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe
from django.views.generic import RedirectView

from controlplane.tenancy.middleware import HostRequest
from controlplane.tenancy.routing import apex_url

FOR_A_DAY = cache_control(public=True, max_age=86_400)


@require_safe
@FOR_A_DAY
def robots(request: HostRequest) -> HttpResponse:
    """Search engines may have the landing page and the entry form; what neighbours write is nobody else's."""
    lines = ["User-agent: *"]
    if request.site is None:
        lines += [f"Allow: {reverse('landing')}$", f"Allow: {reverse('apply')}$", f"Allow: {settings.STATIC_URL}"]
    return HttpResponse("\n".join([*lines, "Disallow: /", ""]), content_type="text/plain; charset=utf-8")


@require_safe
@FOR_A_DAY
def security(request: HttpRequest) -> HttpResponse:
    """RFC 9116; there is none where an installation names nobody (SECURITY_CONTACT)."""
    if not settings.SECURITY_CONTACT:
        raise Http404
    until = timezone.now().replace(microsecond=0) + timedelta(days=180)
    lines = [
        f"Contact: {settings.SECURITY_CONTACT}",
        f"Expires: {until.isoformat()}",
        "Preferred-Languages: ja, en",
        f"Canonical: {apex_url('/.well-known/security.txt')}",
        "",
    ]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")


class Icon(RedirectView):
    """What browsers ask for where no page has told them better."""

    http_method_names = ("get", "head")

    def get_redirect_url(self, *_args: object, **_kwargs: object) -> str:
        return static("web/img/logo.svg")


urlpatterns = [
    path("robots.txt", robots, name="robots"),
    path(".well-known/security.txt", security, name="security"),
    path("favicon.ico", FOR_A_DAY(Icon.as_view()), name="icon"),
]
