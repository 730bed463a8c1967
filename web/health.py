"""`/healthz`: the process is up. `/readyz`: database, broker, storage (in development: the demonstration) are there.

`/certz?domain=`: what a TLS proxy asks before it gets a certificate for a host (Caddy's on-demand `ask`): 200 or 404.
"""

from collections.abc import Callable

from django.conf import settings
from django.core.cache import caches
from django.core.files.storage import default_storage
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.utils import timezone

from controlplane.associations.models import Association
from controlplane.cities.models import Adoption
from controlplane.tenancy import public, routing


def alive(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok", content_type="text/plain")


def ready(request: HttpRequest) -> HttpResponse:
    checks = {"database": _database, "broker": _broker, "storage": _storage}
    if settings.DEVELOPMENT:
        checks["demonstration"] = _demonstration
    results = {name: _try(check) for name, check in checks.items()}
    good = all(result == "ok" for result in results.values())
    return JsonResponse(results, status=200 if good else 503)


def may_certify(request: HttpRequest) -> HttpResponse:
    """Ours are the apex and every host with a site, open or not; a host that is only asked for is not ours yet."""
    host = routing.normalise_host(request.GET.get("domain", ""))
    ours = host is not None and (host == settings.APEX_HOST or routing.find(host) is not None)
    return HttpResponse(status=200 if ours else 404)


def _try(check: Callable[[], bool]) -> str:
    try:
        return "ok" if check() else "not yet"
    except Exception as error:  # whatever is down is named, not hidden behind a 500
        return type(error).__name__


def _database() -> bool:
    with public():
        Association.objects.exists()
    return True


def _broker() -> bool:
    caches["routing"].get("readyz")
    return True


def _storage() -> bool:
    with public():
        default_storage.exists("readyz")
    return True


def _demonstration() -> bool:
    """The last thing `manage.py demo` writes of an association is its counts of past weeks."""
    with public():
        told = Adoption.objects.filter(on__lt=timezone.localdate())
        return told.values("association").distinct().count() >= 5


urlpatterns = [path("healthz", alive), path("readyz", ready), path("certz", may_certify)]
