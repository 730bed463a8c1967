"""Operations' door to a site: a key opens it once; leaving ends the visit."""

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from controlplane.associations.models import SupportAccess
from controlplane.tenancy import BadToken, routing
from web import support
from web.tenant.page import SiteRequest


@support.at_the_door
@never_cache
@require_safe
def come_in(request: SiteRequest, token: str) -> HttpResponse:
    """A key that is used, late or foreign looks like a missing page."""
    if request.method != "GET":
        raise Http404  # a look at the head must not use the key up
    try:
        visit = SupportAccess.come_in(token)
    except BadToken as error:
        raise Http404 from error
    support.remember(request.session, visit)
    return redirect("home")


@support.at_the_door
@require_POST
def leave(request: SiteRequest) -> HttpResponse:
    """Back to operations' desk, by a link: a form's answer may not lead to another host."""
    if not request.support:
        raise Http404
    request.support.leave()
    request.session.flush()
    request.support = None
    desk = routing.apex_url(f"/operations/associations/{request.site.slug}/")
    return render(request, "support/left.html", {"desk": desk})
