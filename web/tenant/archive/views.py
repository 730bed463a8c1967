"""Taking the association's data along: asked for by the representative, made in the background, fetched by a link."""

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods, require_safe

from controlplane.tenancy import public
from provisioning.models import Archive
from tenants.members.models import Act
from web.access import allowed_to
from web.tenant.page import SiteRequest, fragment, show

_REPRESENTATIVE = "代表者"  # `public` knows roles, and no names of residents


@allowed_to(Act.TAKE_EVERYTHING_ALONG)
@require_http_methods(["GET", "HEAD", "POST"])
def archive(request: SiteRequest) -> HttpResponse:
    """Say what is in it, start one, and show how far it has come; the last part asks for itself while it changes."""
    problem = ""
    if request.method == "POST":
        with public():
            try:
                Archive.objects.ask(request.site.uuid, by=_REPRESENTATIVE)
            except ValidationError as error:
                problem = error.messages[0]
        if not problem:
            return redirect("archive")
    with public():
        newest = Archive.objects.asked_for(request.site.uuid).first()
    context = {"archive": newest, "problem": problem}
    if request.htmx:
        return fragment(request, "tenant/archive/_state.html", **context)
    return show(request, "tenant/archive/archive.html", tab="menu", status=422 if problem else 200, **context)


@allowed_to(Act.TAKE_EVERYTHING_ALONG)
@require_safe
def file(request: SiteRequest, pk: int) -> HttpResponse:
    """On to the object store, by a link that is good for five minutes. A link and no form: forms stay on this site."""
    with public():
        asked = Archive.objects.asked_for(request.site.uuid).select_related("association")
        found = get_object_or_404(asked.ready(), pk=pk)
        found.hand_out(by=_REPRESENTATIVE)
    return redirect(found.link())
