"""What the pages of federations share."""

from django.http import Http404, HttpResponse

from controlplane.associations.features import Feature
from controlplane.associations.models import Association
from web.tenant.page import SiteRequest, show


def leads(request: SiteRequest) -> bool:
    """Whether this is a federation's own site."""
    return request.site.kind == Association.Kind.FEDERATION


def only_federations(request: SiteRequest) -> None:
    if not leads(request):
        raise Http404


def render(request: SiteRequest, template: str, **context: object) -> HttpResponse:
    built = {"may_send": request.site.has(Feature.MEMBER_ASSOCIATIONS), **context}
    return show(request, f"tenant/federation/{template}", tab="menu", **built)
