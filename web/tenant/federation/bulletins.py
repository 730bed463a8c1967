"""A federation's notices to its members, for its officers: written, looked through, sent, corrected, withdrawn.

Everything here stands in `public`; whatever a page shows is read before the binding ends.
"""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from controlplane.associations.features import Feature
from controlplane.associations.models import Association, Bulletin, BulletinDraft, members_of
from controlplane.associations.reach import Reach
from controlplane.rates import Cost, costs
from controlplane.tenancy import public
from tenants.members.models import Act
from web.access import allowed_to
from web.bulletins import writing
from web.bulletins.forms import SendingForm, WordsForm
from web.tenant.federation.forms import FederationBulletinForm
from web.tenant.federation.page import only_federations, render
from web.tenant.page import SiteRequest, refusals


def _by() -> str:
    return _("連合会の役員")  # `public` knows roles, and no names of residents


@allowed_to(Act.DEAL_WITH_FEDERATIONS)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: SiteRequest) -> HttpResponse:
    return _write(request, None)


@allowed_to(Act.DEAL_WITH_FEDERATIONS)
@require_http_methods(["GET", "HEAD", "POST"])
def draft(request: SiteRequest, bulletin: UUID) -> HttpResponse:
    return _write(request, bulletin)


def _write(request: SiteRequest, pk: UUID | None) -> HttpResponse:
    only_federations(request)
    if not request.site.has(Feature.MEMBER_ASSOCIATIONS):
        return redirect("federation")
    with public():
        here = Association.objects.get(pk=request.site.uuid)
        kept = _draft(request, pk) if pk else None
        members = list(members_of(here))
        form = _form(request, members, kept)
        if request.method == "POST":
            kept = writing.kept(request, form, kept, by=_by(), federation=here)
            if kept and form.is_valid():
                name = "federation_draft" if writing.is_keeping(request) else "federation_check"
                return redirect(name, bulletin=kept.pk)
        to = kept or BulletinDraft(federation=here, audience=Bulletin.Audience.MEMBERS)
        context = {"draft": kept, "files": list(kept.files) if kept else [], "reach": Reach.of(to.recipients())}
    return render(request, "write.html", form=form, members=members, status=form.status, **context)


def _form(request: SiteRequest, members: list[Association], draft: BulletinDraft | None) -> FederationBulletinForm:
    if request.method != "POST":
        return FederationBulletinForm(members=members, of=draft)
    drafting = writing.is_keeping(request)
    return FederationBulletinForm(request.POST, request.FILES, members=members, of=draft, drafting=drafting)


def _draft(request: SiteRequest, pk: UUID) -> BulletinDraft:
    drafts = BulletinDraft.objects.filter(federation=request.site.uuid).select_related("federation")
    return get_object_or_404(drafts, pk=pk)


@allowed_to(Act.DEAL_WITH_FEDERATIONS)
@require_safe
def reach(request: SiteRequest) -> HttpResponse:
    """How far it would go, for what is chosen just now: a part of the page, for htmx."""
    only_federations(request)
    with public():
        here = Association.objects.get(pk=request.site.uuid)
        form = FederationBulletinForm(request.GET, members=list(members_of(here)), drafting=True)
        form.is_valid()
        found = Reach.of(BulletinDraft(federation=here, **form.to_whom()).recipients())
    return render(request, "reach.html", reach=found)


@allowed_to(Act.DEAL_WITH_FEDERATIONS)
@require_http_methods(["GET", "HEAD", "POST"])
def check(request: SiteRequest, bulletin: UUID) -> HttpResponse:
    """What will be sent, to whom and when, looked through once more. Sent already: its page."""
    only_federations(request)
    with public():
        if Bulletin.objects.filter(federation=request.site.uuid, pk=bulletin).exists():
            return redirect("federation_bulletin", bulletin=bulletin)
        kept = _draft(request, bulletin)
        form = SendingForm(request.POST if request.method == "POST" else None, of=kept)
        if form.is_valid():
            out = writing.sent(kept, form, by=_by())
            if form.is_valid():
                writing.say_sent(request, out)
                return redirect("federation_bulletin", bulletin=bulletin) if out else redirect("federation")
        context = writing.looked_through(kept)
    return render(request, "check.html", form=form, status=form.status, **context)


@costs(Cost.PAPER)
@allowed_to(Act.DEAL_WITH_FEDERATIONS)
@require_safe
def paper(request: SiteRequest, bulletin: UUID) -> HttpResponse:
    only_federations(request)
    with public():
        return writing.paper(_draft(request, bulletin))


@allowed_to(Act.DEAL_WITH_FEDERATIONS)
@require_POST
def discard(request: SiteRequest, bulletin: UUID) -> HttpResponse:
    only_federations(request)
    with public():
        _draft(request, bulletin).discard(by=_by())
    messages.success(request, _("書きかけを消しました。"))
    return redirect("federation")


@allowed_to(Act.DEAL_WITH_FEDERATIONS)
@require_safe
def document(request: SiteRequest, bulletin: UUID, pk: int) -> HttpResponse:
    only_federations(request)
    with public():
        return writing.document(request, bulletin, pk, federation=request.site.uuid)


@allowed_to(Act.DEAL_WITH_FEDERATIONS)
@require_safe
def one(request: SiteRequest, bulletin: UUID) -> HttpResponse:
    """One that was sent, with its counts by association."""
    with public():
        found = _sent(request, bulletin)
        copies = list(found.copies.select_related("association").order_by("association__kana", "association__name"))
        context: dict[str, Any] = {"bulletin": found, "copies": copies, "files": list(found.files)}
    return render(request, "bulletin.html", **context)


def _sent(request: SiteRequest, pk: UUID) -> Bulletin:
    only_federations(request)
    sent = Bulletin.objects.filter(federation=request.site.uuid).select_related("federation")
    return get_object_or_404(sent.with_counts(), pk=pk)


@allowed_to(Act.DEAL_WITH_FEDERATIONS)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: SiteRequest, bulletin: UUID) -> HttpResponse:
    with public():
        found = _sent(request, bulletin)
        form = WordsForm(request.POST if request.method == "POST" else None, of=found)
        if form.is_valid():
            with refusals(form):
                found.edit(by=_by(), **form.cleaned_data)
                messages.success(request, _("なおしました。届いた団体のお知らせも、なおります。"))
                return redirect("federation_bulletin", bulletin=bulletin)
    return render(request, "edit.html", form=form, bulletin=found, status=form.status)


@allowed_to(Act.DEAL_WITH_FEDERATIONS)
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: SiteRequest, bulletin: UUID) -> HttpResponse:
    """Asks once more."""
    with public():
        found = _sent(request, bulletin)
        if request.method == "POST":
            found.withdraw(by=_by())
            messages.success(request, _("「%(title)s」を取り下げました。") % {"title": found.title})
            return redirect("federation")
    return render(request, "withdraw.html", bulletin=found)
