"""Federations, for officers: which ones may write into our feed; and on a federation's own site, its members.

Everything here stands in `public`; whatever a page shows is read before the binding ends.
"""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from controlplane.associations.models import Association, Bulletin, BulletinDraft, FederationMembership
from controlplane.tenancy import public
from tenants.members.models import Act
from web.access import allowed_to
from web.listing import asked
from web.tenant.federation.page import leads, only_federations, render
from web.tenant.page import SiteRequest

_ROLE = "役員"  # `public` knows roles, and no names of residents
FOUND = 20
SHOWN = 50


@allowed_to(Act.DEAL_WITH_FEDERATIONS)
@require_safe
def federation(request: SiteRequest) -> HttpResponse:
    words = asked(request, "q")
    with public():
        here = Association.objects.get(pk=request.site.uuid)
        standing = FederationMembership.objects.standing().select_related("federation", "association")
        context = {"ours": list(standing.filter(association=here)), "words": words, "leads": leads(request)}
        if context["leads"]:
            members = list(standing.filter(federation=here))
            near = Association.objects.live().filter(city=here.city_id).search(words).exclude(pk=here.pk)
            near = near.exclude(pk__in=[each.association_id for each in members])
            sent = Bulletin.objects.filter(federation=here).with_counts()[:SHOWN]
            context["drafts"] = list(BulletinDraft.objects.filter(federation=here)[:SHOWN])
            context |= {"members": members, "near": list(near[:FOUND]) if words else [], "bulletins": list(sent)}
    return render(request, "federation.html", **context)


@allowed_to(Act.DEAL_WITH_FEDERATIONS)
@require_POST
def consent(request: SiteRequest, pk: int) -> HttpResponse:
    """Take a federation's notices in, or not, or no longer."""
    with public():
        mine = FederationMembership.objects.standing().filter(association=request.site.uuid)
        found = get_object_or_404(mine.select_related("federation", "association"), pk=pk)
        if request.POST.get("answer") == "yes":
            found.accept(by=_ROLE)
            words = _("「%(name)s」のお知らせを受け取ります。")
        else:
            found.end(by=_ROLE)
            words = _("「%(name)s」のお知らせは受け取りません。")
        messages.success(request, words % {"name": found.federation.name})
    return redirect("federation")


@allowed_to(Act.DEAL_WITH_FEDERATIONS)
@require_POST
def ask(request: SiteRequest) -> HttpResponse:
    """Ask an association of the city whether it wants our notices."""
    only_federations(request)
    with public():
        here = Association.objects.get(pk=request.site.uuid)
        known = Association.objects.live().filter(city=here.city_id)
        to = get_object_or_404(known, pk=_uuid(request.POST.get("association", "")))
        try:
            FederationMembership.objects.ask(here, to, by=_("連合会の役員"))
            messages.success(request, _("「%(name)s」にお願いしました。返事をお待ちください。") % {"name": to.name})
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
    return redirect("federation")


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise Http404 from error


@allowed_to(Act.DEAL_WITH_FEDERATIONS)
@require_http_methods(["GET", "HEAD", "POST"])
def end(request: SiteRequest, pk: int) -> HttpResponse:
    """Asks once more, then ends a membership from our side."""
    only_federations(request)
    with public():
        ours = FederationMembership.objects.standing().filter(federation=request.site.uuid)
        found = get_object_or_404(ours.select_related("association"), pk=pk)
        if request.method == "POST":
            found.end(by=_("連合会の役員"))
            messages.success(request, _("「%(name)s」の加盟を終わりにしました。") % {"name": found.association.name})
            return redirect("federation")
    return render(request, "end.html", row=found)
