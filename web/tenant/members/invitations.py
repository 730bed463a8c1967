"""Invitations: make one, show its link, QR and code once, print its flyer, withdraw it."""

import segno
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from controlplane.rates import Cost, costs
from provisioning.documents import flyer_pdf
from tenants.members.models import Act, BadInvitation, Invitation
from web.access import allowed_to
from web.once import done
from web.tenant.members.forms import InvitationForm
from web.tenant.page import SiteRequest, refusals, show


@allowed_to(Act.INVITE)
def invitations(request: SiteRequest) -> HttpResponse:
    form = InvitationForm(request.POST or None, inviter=request.member)
    if form.is_valid():
        with refusals(form):
            invitation, code = request.member.invite(**form.cleaned_data)
            return _made(request, invitation, code)
    listed = Invitation.objects.known_to(request.member).still_open().select_related("group", "seat")
    context = {"form": form, "invitations": listed}
    return show(request, "tenant/members/invitations.html", tab="menu", status=422 if form.errors else 200, **context)


@costs(Cost.PAPER)
@allowed_to(Act.INVITE)
@require_POST
def flyer(request: SiteRequest) -> HttpResponse:
    """The A4 flyer of an invitation whose code the person has in hand; we keep only its digest."""
    code = request.POST.get("code", "")
    try:
        Invitation.objects.open(code)
    except BadInvitation:
        messages.error(request, _("この招待は、もう使えません。新しく作ってください。"))
        return redirect("invitations")
    pdf = flyer_pdf(request.site.name, _link(request, code), code)
    disposition = 'attachment; filename="kairan-flyer.pdf"'
    return HttpResponse(pdf, content_type="application/pdf", headers={"Content-Disposition": disposition})


@allowed_to(Act.WITHDRAW_INVITATION)
@require_POST
def withdraw(request: SiteRequest, pk: int) -> HttpResponse:
    invitation = get_object_or_404(Invitation.objects.known_to(request.member), pk=pk)
    invitation.withdraw(by=request.member)
    messages.success(request, _("招待を取りやめました。もう使えません。"))
    return redirect("invitations")


def _made(request: SiteRequest, invitation: Invitation, code: str) -> HttpResponse:
    """Shown in the answer itself, not after a redirect: the code is kept nowhere."""
    link = _link(request, code)
    context = {"invitation": invitation, "code": code, "link": link, "qr": _qr(link)}
    response = show(request, "tenant/members/invitation_made.html", tab="menu", **context)
    response["Cache-Control"] = "no-store"
    return done(response)


def _link(request: SiteRequest, code: str) -> str:
    return str(request.site.url(reverse("invite", args=[code])))


def _qr(link: str) -> SafeString:
    """An inline SVG on its own white ground, readable in the dark too."""
    picture = segno.make(link, error="m").svg_inline(scale=6, dark="#000", light="#fff", lineclass=None, svgclass="qr")
    return mark_safe(picture)  # noqa: S308  # made by segno from our own link
