"""Federations, for officers: which ones may write into our feed; and on a federation's own site, writing to members.

Everything here stands in `public`; whatever a page shows is read before the binding ends.
"""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from controlplane.associations.features import Feature
from controlplane.associations.models import Association, Bulletin, FederationMembership, members_of
from controlplane.tenancy import public
from web.access import officer_required
from web.bulletins import WordsForm
from web.listing import asked
from web.tenant.federation.forms import FederationBulletinForm
from web.tenant.page import SiteRequest, refusals, show

_ROLE = "役員"  # `public` knows roles, and no names of residents
FOUND = 20
SHOWN = 50


@officer_required
@require_safe
def federation(request: SiteRequest) -> HttpResponse:
    words = asked(request, "q")
    with public():
        here = Association.objects.get(pk=request.site.uuid)
        standing = FederationMembership.objects.standing().select_related("federation", "association")
        context = {"ours": list(standing.filter(association=here)), "words": words, "leads": _leads(request)}
        if context["leads"]:
            members = list(standing.filter(federation=here))
            near = Association.objects.live().filter(city=here.city_id).search(words).exclude(pk=here.pk)
            near = near.exclude(pk__in=[each.association_id for each in members])
            sent = Bulletin.objects.filter(federation=here).with_counts()[:SHOWN]
            context |= {"members": members, "near": list(near[:FOUND]) if words else [], "bulletins": list(sent)}
    return _show(request, "federation.html", **context)


def _leads(request: SiteRequest) -> bool:
    return request.site.kind == Association.Kind.FEDERATION


def _show(request: SiteRequest, template: str, **context: object) -> HttpResponse:
    built = {"may_send": request.site.has(Feature.MEMBER_ASSOCIATIONS), **context}
    return show(request, f"tenant/federation/{template}", tab="menu", **built)


@officer_required
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


@officer_required
@require_POST
def ask(request: SiteRequest) -> HttpResponse:
    """Ask an association of the city whether it wants our notices."""
    _only_federations(request)
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


def _only_federations(request: SiteRequest) -> None:
    if not _leads(request):
        raise Http404


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise Http404 from error


@officer_required
@require_http_methods(["GET", "HEAD", "POST"])
def end(request: SiteRequest, pk: int) -> HttpResponse:
    """Asks once more, then ends a membership from our side."""
    _only_federations(request)
    with public():
        ours = FederationMembership.objects.standing().filter(federation=request.site.uuid)
        found = get_object_or_404(ours.select_related("association"), pk=pk)
        if request.method == "POST":
            found.end(by=_("連合会の役員"))
            messages.success(request, _("「%(name)s」の加盟を終わりにしました。") % {"name": found.association.name})
            return redirect("federation")
    return _show(request, "end.html", row=found)


@officer_required
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: SiteRequest) -> HttpResponse:
    _only_federations(request)
    if not request.site.has(Feature.MEMBER_ASSOCIATIONS):
        return redirect("federation")
    with public():
        here = Association.objects.get(pk=request.site.uuid)
        members = list(members_of(here))
        form = FederationBulletinForm(request.POST if request.method == "POST" else None, members=members)
        if form.is_valid():
            with refusals(form):
                sent = Bulletin.objects.publish(by=_("連合会の役員"), federation=here, **form.fields_of_bulletin())
                messages.success(request, _("加盟している団体に届けます。1分ほどお待ちください。"))
                return redirect("federation_bulletin", bulletin=sent.pk)
    return _show(request, "write.html", form=form, members=members, status=422 if form.errors else 200)


@officer_required
@require_safe
def one(request: SiteRequest, bulletin: UUID) -> HttpResponse:
    """One that was sent, with its counts by association."""
    with public():
        found = _sent(request, bulletin)
        copies = list(found.copies.select_related("association").order_by("association__kana", "association__name"))
    return _show(request, "bulletin.html", bulletin=found, copies=copies)


def _sent(request: SiteRequest, pk: UUID) -> Bulletin:
    _only_federations(request)
    sent = Bulletin.objects.filter(federation=request.site.uuid).select_related("federation")
    return get_object_or_404(sent.with_counts(), pk=pk)


@officer_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: SiteRequest, bulletin: UUID) -> HttpResponse:
    with public():
        found = _sent(request, bulletin)
        said = {"title": found.title, "body": found.body}
        form = WordsForm(request.POST if request.method == "POST" else None, initial=said)
        if form.is_valid():
            with refusals(form):
                found.edit(by=_("連合会の役員"), **form.cleaned_data)
                messages.success(request, _("なおしました。届いた団体のお知らせも、なおります。"))
                return redirect("federation_bulletin", bulletin=bulletin)
    return _show(request, "edit.html", form=form, bulletin=found, status=422 if form.errors else 200)


@officer_required
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: SiteRequest, bulletin: UUID) -> HttpResponse:
    """Asks once more."""
    with public():
        found = _sent(request, bulletin)
        if request.method == "POST":
            found.withdraw(by=_("連合会の役員"))
            messages.success(request, _("「%(title)s」を取り下げました。") % {"title": found.title})
            return redirect("federation")
    return _show(request, "withdraw.html", bulletin=found)
