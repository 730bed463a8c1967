"""`/healthz`: the process is up. `/readyz`: database, broker, storage (in development: the demonstration) are there."""

from collections.abc import Callable

from django.conf import settings
from django.core.cache import caches
from django.core.files.storage import default_storage
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.utils import timezone

from controlplane.associations.models import Association
from controlplane.cities.models import Adoption
from controlplane.tenancy import public


def alive(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok", content_type="text/plain")


def ready(request: HttpRequest) -> HttpResponse:
    checks = {"database": _database, "broker": _broker, "storage": _storage}
    if settings.DEVELOPMENT:
        checks["demonstration"] = _demonstration
    results = {name: _try(check) for name, check in checks.items()}
    good = all(result == "ok" for result in results.values())
    return JsonResponse(results, status=200 if good else 503)


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


urlpatterns = [path("healthz", alive), path("readyz", ready)]
