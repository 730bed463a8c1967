"""Signing in by a code and signing out. No passwords, and nothing here tells a known contact from an unknown one."""

from django.contrib import messages
from django.contrib.auth import login, logout
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from controlplane.accounts.code_answers import Outcome, WrongCode
from controlplane.accounts.contacts import Contact
from controlplane.accounts.login_codes import TooManyCodes
from controlplane.accounts.models import Device, User
from controlplane.accounts.ways import Way
from web import codes
from web.access import signed_in_required
from web.once import each_time
from web.tenant.joining.forms import ContactForm, SignInCodeForm
from web.tenant.page import SiteRequest

KEY = "signing_in"  # the session's note of where a code went


@each_time
def sign_in(request: SiteRequest) -> HttpResponse:
    if request.user.is_authenticated:
        return redirect(_place(request))
    form = ContactForm(request.POST or None)
    if form.is_valid():
        try:
            return _send(request, form, request.POST.get("next", ""))
        except TooManyCodes as error:
            form.add_error("contact", codes.paused(error))
    kept = safe_next(request.POST.get("next") or request.GET.get("next", ""))
    return render(request, "tenant/joining/sign_in.html", {"form": form, "next": kept}, status=_status(form))


@each_time
def code(request: SiteRequest) -> HttpResponse:
    step = codes.step(request, key=KEY)
    if step is None:
        return redirect("sign_in")
    again = "again" in request.POST
    form = SignInCodeForm(None if again else request.POST or None, initial={"remember": True})
    step.name_field(form)
    if again:
        return _again(request, step.contact)
    if form.is_valid():
        try:
            return _enter(request, form.cleaned_data["code"], remember=form.cleaned_data["remember"])
        except (WrongCode, TooManyCodes) as error:
            form.add_error("code", codes.refused(error))
    return render(request, "tenant/joining/code.html", {"form": form, "step": step}, status=_status(form))


@signed_in_required
@each_time
def sign_out(request: SiteRequest) -> HttpResponse:
    if request.method != "POST":
        return redirect("menu")
    logout(request)
    messages.success(request, _("このスマホから出ました。番号を入れれば、また入れます。"))
    answer = redirect("sign_in")
    answer["Clear-Site-Data"] = '"cache", "storage"'  # what was kept to be read without a line
    return answer


def safe_next(url: str) -> str:
    """The path to go on to afterwards: one of this host's own, or nothing."""
    own = url.startswith("/") and url_has_allowed_host_and_scheme(url, allowed_hosts=None)
    return url if own else ""


def _send(request: SiteRequest, form: ContactForm, onward: str) -> HttpResponse:
    contact = form.cleaned_data["contact"]
    sent = codes.send(request, contact, site_name=request.site.name, key=KEY)
    if sent.outcome == Outcome.STOPPED:
        form.add_error("contact", sent.said(contact))
        return render(request, "tenant/joining/sign_in.html", {"form": form, "next": safe_next(onward)}, status=422)
    request.session["next"] = safe_next(onward)
    return redirect("code")


def _again(request: SiteRequest, contact: Contact) -> HttpResponse:
    try:
        sent = codes.send(request, contact, site_name=request.site.name, key=KEY)
    except TooManyCodes as error:
        messages.error(request, codes.paused(error))
    else:
        if sent.outcome == Outcome.STOPPED:
            messages.error(request, sent.said(contact))
    return redirect("code")


def _enter(request: SiteRequest, typed: str, *, remember: bool) -> HttpResponse:
    contact = codes.redeem(request, typed, key=KEY)
    onward = request.session.pop("next", "")
    user = User.objects.proven(contact)
    login(request, user)  # gives the session a new key
    Device.objects.seen(Way.of(request))
    user.begin_speaking(get_language())
    request.session.set_expiry(None if remember else 0)
    goes_on = onward and request.member and request.member.is_admitted
    answer = redirect(onward if goes_on else _place(request))
    if remember:
        codes.know_device(request, answer, contact)
    return answer


def _place(request: SiteRequest) -> str:
    """Where somebody who is signed in belongs; `register` sends on whoever is registered already."""
    if request.member and request.member.is_admitted and not request.session.get("invitation"):
        return "home"
    return "register"


def _status(form: ContactForm | SignInCodeForm) -> int:
    return 422 if form.errors else 200
