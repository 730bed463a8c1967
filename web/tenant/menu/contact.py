"""A second way in, or a new address: written down once a code has proven it."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from controlplane.accounts.code_answers import Outcome, WrongCode
from controlplane.accounts.login_codes import TooManyCodes
from controlplane.accounts.ways import Way
from web import codes
from web.access import neighbour_required
from web.tenant.joining.forms import CodeForm, ContactForm
from web.tenant.page import SiteRequest, show

KEY = "new_contact"


@neighbour_required
def contact(request: SiteRequest) -> HttpResponse:
    form = ContactForm(request.POST or None)
    if form.is_valid():
        try:
            sent = codes.send(request, form.cleaned_data["contact"], site_name=request.site.name, key=KEY)
        except TooManyCodes as error:
            form.add_error("contact", codes.paused(error))
        else:
            if sent.outcome != Outcome.STOPPED:
                return redirect("contact_code")
            form.add_error("contact", sent.said(form.cleaned_data["contact"]))
    return show(request, "tenant/menu/contact.html", tab="menu", status=422 if form.errors else 200, form=form)


@neighbour_required
def contact_code(request: SiteRequest) -> HttpResponse:
    step = codes.step(request, key=KEY)
    if step is None:
        return redirect("contact")
    form = CodeForm(request.POST or None)
    step.name_field(form)
    if form.is_valid():
        try:
            proven = codes.redeem(request, form.cleaned_data["code"], key=KEY)
            request.member.add_contact(proven, way=Way.of(request))
        except (WrongCode, TooManyCodes) as error:
            form.add_error("code", codes.refused(error))
        except ValidationError as error:  # proven, but somebody else of this association uses it
            messages.error(request, error.messages[0])
            return redirect("contact")
        else:
            messages.success(request, _("%(contact)sでも入れるようになりました。") % {"contact": step.contact.shown})
            return redirect("profile")
    context = {"form": form, "step": step}
    return show(request, "tenant/menu/contact_code.html", tab="menu", status=422 if form.errors else 200, **context)
