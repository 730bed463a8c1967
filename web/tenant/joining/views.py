"""Signing in by a code and signing out. No passwords, and nothing here tells a known contact from an unknown one."""

from django.contrib import messages
from django.contrib.auth import login, logout
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from controlplane.accounts.contacts import Contact
from controlplane.accounts.models import TooManyCodes, User, WrongCode
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
            return _send(request, form.cleaned_data["contact"], request.POST.get("next", ""))
        except TooManyCodes:
            form.add_error("contact", too_many_sent())
    kept = safe_next(request.POST.get("next") or request.GET.get("next", ""))
    return render(request, "tenant/joining/sign_in.html", {"form": form, "next": kept}, status=_status(form))


@each_time
def code(request: SiteRequest) -> HttpResponse:
    step = codes.sent(request, key=KEY)
    if step is None:
        return redirect("sign_in")
    again = "again" in request.POST
    form = SignInCodeForm(None if again else request.POST or None, initial={"remember": True})
    if again:
        return _again(request, step.contact)
    if form.is_valid():
        try:
            return _enter(request, form.cleaned_data["code"], remember=form.cleaned_data["remember"])
        except WrongCode:
            form.add_error("code", wrong_code())
        except TooManyCodes:
            form.add_error("code", too_many_tried())
    return render(request, "tenant/joining/code.html", {"form": form, "sent": step}, status=_status(form))


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


def wrong_code() -> str:
    return _("番号がちがうか、古くなっています。届いた番号をたしかめるか、「もう一度送る」を押してください。")


def too_many_sent() -> str:
    return _("番号を何度もお送りしたので、しばらくお休みします。1時間ほどたってから、もう一度お願いします。")


def too_many_tried() -> str:
    return _("何度もためされたので、しばらくお休みします。1時間ほどたってから、もう一度お願いします。")


def _send(request: SiteRequest, contact: Contact, onward: str) -> HttpResponse:
    codes.send(request, contact, site_name=request.site.name, key=KEY)
    request.session["next"] = safe_next(onward)
    return redirect("code")


def _again(request: SiteRequest, contact: Contact) -> HttpResponse:
    try:
        codes.send(request, contact, site_name=request.site.name, key=KEY)
    except TooManyCodes:
        messages.error(request, too_many_sent())
    else:
        messages.success(request, _("新しい番号を送りました。前の番号は、もう使えません。"))
    return redirect("code")


def _enter(request: SiteRequest, typed: str, *, remember: bool) -> HttpResponse:
    contact = codes.redeem(request, typed, key=KEY)
    onward = request.session.pop("next", "")
    user = User.objects.proven(contact)
    login(request, user)  # gives the session a new key
    user.begin_speaking(get_language())
    request.session.set_expiry(None if remember else 0)
    if onward and request.member and request.member.is_admitted:
        return redirect(onward)
    return redirect(_place(request))


def _place(request: SiteRequest) -> str:
    """Where somebody who is signed in belongs; `register` sends on whoever is registered already."""
    if request.member and request.member.is_admitted and not request.session.get("invitation"):
        return "home"
    return "register"


def _status(form: ContactForm | SignInCodeForm) -> int:
    return 422 if form.errors else 200
