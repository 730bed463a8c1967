"""`/healthz`: the process is up. `/readyz`: PostgreSQL answers, which is all a page needs to be served; in development
the demonstration is there as well.

`/healthz/parts`: how every part is, as JSON; 503 when one is not well. For whoever shows HEALTH_TOKEN: a session or an
API token would have to be looked up in the very database that may be away. Strangers learn nothing, not even that it
is there. Operators have a page, /operations/parts/. A load balancer must not ask here: pages go on without most parts.

`/certz?domain=`: what a TLS proxy asks before it gets a certificate for a host (Caddy's on-demand `ask`): 200 or 404.
"""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from controlplane.cities.models import Adoption
from controlplane.parts import probes
from controlplane.parts.probes import Name, Probe
from controlplane.tenancy import public, routing


def alive(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok", content_type="text/plain")


def ready(request: HttpRequest) -> HttpResponse:
    states = probes.look([Name.DATABASE])
    if settings.DEVELOPMENT:
        states |= probes.answers({"demonstration": _demonstration})
    return _told(states)


def parts(request: HttpRequest) -> HttpResponse:
    if not _may_see_parts(request):
        raise Http404
    return _told(probes.look())


def may_certify(request: HttpRequest) -> HttpResponse:
    """Ours are the apex and every host with a site, open or not; a host that is only asked for is not ours yet."""
    host = routing.normalise_host(request.GET.get("domain", ""))
    ours = host is not None and (host == settings.APEX_HOST or routing.find(host) is not None)
    return HttpResponse(status=200 if ours else 404)


def _told(states: dict[str, str]) -> HttpResponse:
    well = probes.FINE.issuperset(states.values())
    return JsonResponse(states, status=200 if well else 503, headers={"Cache-Control": "no-store"})


def _may_see_parts(request: HttpRequest) -> bool:
    shown = request.headers.get("Authorization", "").removeprefix("Bearer ")
    token: str = settings.HEALTH_TOKEN
    return bool(token and constant_time_compare(shown, token)) or settings.DEVELOPMENT


def _is_demonstrated() -> str | None:
    """The last thing `manage.py demo` writes of an association is its counts of past weeks."""
    with public():
        told = Adoption.objects.filter(on__lt=timezone.localdate())
        return None if told.values("association").distinct().count() >= 5 else "not yet"


_demonstration = Probe(_is_demonstrated)
urlpatterns = [path("healthz", alive), path("healthz/parts", parts), path("readyz", ready), path("certz", may_certify)]
