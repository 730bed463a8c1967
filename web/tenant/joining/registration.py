"""From a proven contact to a place in the roster: the invitation's link, the form, the waiting page."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from controlplane.accounts import limits
from controlplane.accounts.limits import TooManyCodes
from controlplane.dates import clock_said
from tenants.members.models import AlreadyRegistered, BadInvitation, Invitation, Member
from web.access import signed_in_required
from web.tenant.joining.forms import InvitationCodeForm, RegistrationForm
from web.tenant.page import SiteRequest


def invite(request: SiteRequest, code: str) -> HttpResponse:
    """The link behind the QR code. The button keeps the invitation in the session, until it is used."""
    try:
        invitation = Invitation.objects.open(code)
    except BadInvitation:
        request.session.pop("invitation", None)
        return render(request, "tenant/joining/invitation_closed.html", status=404)
    if request.method != "POST":
        return render(request, "tenant/joining/invite.html", {"invitation": invitation, "code": code})
    if request.member:
        return _accept(request, invitation)
    request.session["invitation"] = code
    return redirect("register" if request.user.is_authenticated else "sign_in")


@signed_in_required
def register(request: SiteRequest) -> HttpResponse:
    invited = _kept_invitation(request)
    if request.member:
        return _accept(request, invited) if invited else redirect("home" if request.member.is_admitted else "waiting")
    if "lookup" in request.POST:
        form, alert = RegistrationForm.looked_up(request, site_kind=request.site.kind, invited=invited)
        return _form_page(request, form, invited, alert=alert)
    if paused := _tries_used_up(request):
        form = RegistrationForm(initial=request.POST.dict(), site_kind=request.site.kind, invited=invited)
        return _form_page(request, form, invited, alert=paused)
    form = RegistrationForm(request.POST or None, site_kind=request.site.kind, invited=invited)
    return _register(request, form, invited) if form.is_valid() else _form_page(request, form, invited)


@signed_in_required
def waiting(request: SiteRequest) -> HttpResponse:
    """Registered, not yet admitted. An invitation that turns up now opens the door at once."""
    if not request.member or request.member.is_admitted:
        return redirect("home" if request.member else "register")
    paused = _tries_used_up(request)
    form = InvitationCodeForm(None if paused else request.POST or None)
    if form.is_valid():
        return _accept(request, form.cleaned_data["invitation"])
    context = {"form": form, "contact": request.member.contact, "alert": paused}
    return render(request, "tenant/joining/waiting.html", context, status=422 if form.errors else 200)


def _kept_invitation(request: SiteRequest) -> Invitation | None:
    code = request.session.get("invitation")
    try:
        return Invitation.objects.open(code) if code else None
    except BadInvitation:
        del request.session["invitation"]
        return None


def _tries_used_up(request: SiteRequest) -> str:
    """What to say when this address has typed codes from paper too often to be told whether one is right."""
    if request.POST.get("family_code") or request.POST.get("invitation"):
        try:
            limits.count(limits.Act.TRY, limits.network_address(request.META))
        except TooManyCodes as error:
            return _("何度もためされたので、%(time)sまでお休みします。") % {"time": clock_said(error.until)}
    return ""


def _register(request: SiteRequest, form: RegistrationForm, invited: Invitation | None) -> HttpResponse:
    invitation = invited or form.cleaned_data.get("invitation")
    try:
        member = Member.objects.register(request.user, invitation=invitation, **form.details())
    except AlreadyRegistered:
        return redirect("waiting")
    except BadInvitation:  # the last place went to somebody else a moment ago
        request.session.pop("invitation", None)
        form.add_error(None, _("この招待は、いま使い切られました。招待番号なしで登録すると、役員が承認します。"))
        return _form_page(request, form, None)
    except ValidationError as error:
        form.add_error(None, error)
        return _form_page(request, form, invited)
    request.session.pop("invitation", None)
    member.ask_for_admission(site_name=request.site.name, url=request.site.url(reverse("admissions")))
    return _welcome(request) if member.is_admitted else redirect("waiting")


def _accept(request: SiteRequest, invitation: Invitation) -> HttpResponse:
    """Somebody who is registered already comes in, or takes the seat that the invitation carries."""
    request.session.pop("invitation", None)
    if request.member.is_admitted and invitation.seat is None:
        messages.info(request, _("もう登録されています。招待は、ほかの方に使えます。"))
        return redirect("home")
    try:
        request.member.accept(invitation)
    except BadInvitation:
        return render(request, "tenant/joining/invitation_closed.html", status=404)
    return _welcome(request)


def _welcome(request: SiteRequest) -> HttpResponse:
    messages.success(
        request, _("%(site)sに入りました。これから、お知らせがここに届きます。") % {"site": request.site.name}
    )
    return redirect("home")


def _form_page(
    request: SiteRequest, form: RegistrationForm, invited: Invitation | None, *, alert: str = ""
) -> HttpResponse:
    steps = [_("連絡先"), _("お名前と家")]
    context = {"form": form, "invited": invited, "alert": alert, "steps": steps}
    return render(request, "tenant/joining/register.html", context, status=422 if form.errors else 200)
