"""The service worker, the page it shows when nothing is kept, and what a home screen needs. None knows who asks."""

from functools import cache

from django.contrib.staticfiles import finders
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from web.tenant.page import SiteRequest

PAPER = "#f8f6f1"  # --paper and --brand of tokens.css, which a manifest cannot read
BRAND = "#115a36"


@require_safe
@cache_control(no_cache=True)
def worker(request: SiteRequest) -> HttpResponse:
    """From the root of the site, because a worker sees only what lies below its own address."""
    return HttpResponse(_worker(), content_type="text/javascript; charset=utf-8")


@cache
def _worker() -> bytes:
    with open(str(finders.find("web/js/sw.js")), "rb") as file:
        return file.read()


@require_safe
@cache_control(max_age=3600)
def manifest(request: SiteRequest) -> HttpResponse:
    """An association's own name and mark on the home screen."""
    whole = {
        "name": request.site.name,
        "short_name": request.site.name[:12],
        "start_url": "/",
        "scope": "/",
        "display": "minimal-ui",
        "lang": "ja",
        "theme_color": BRAND,
        "background_color": PAPER,
        "icons": [{"src": static("web/img/logo.svg"), "sizes": "any", "type": "image/svg+xml"}],
    }
    return JsonResponse(whole, content_type="application/manifest+json", json_dumps_params={"ensure_ascii": False})


@require_safe
def offline(request: SiteRequest) -> HttpResponse:
    return render(request, "tenant/offline/offline.html")
