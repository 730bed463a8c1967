"""Signing in at the apex host: operators and city staff, by a code to their address. The answer is the same for all.

The code alone signs nobody in who has a second factor or must have one: see web.staff.
"""

from django.contrib import auth
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from controlplane.accounts import limits
from controlplane.accounts.contacts import Channel, Contact
from controlplane.accounts.models import LoginCode, TooManyCodes, User, WrongCode
from controlplane.staff import sessions
from controlplane.staff.models import SecondFactor
from web.apex import ApexRequest
from web.once import each_time
from web.public.application import TOO_MANY, mail_domain, wrong_code
from web.public.forms import CodeForm, SignInForm
from web.staff.showing import enter, safe_path

KEY = "signing_in"


@never_cache
@each_time
def sign_in(request: ApexRequest) -> HttpResponse:
    if request.operator or request.city_staff:
        return redirect(desk(request))
    form = SignInForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            send_if_known(request, form.contact)
        except TooManyCodes:
            form.add_error("email", TOO_MANY)
        else:
            request.session[KEY] = {"email": form.contact.value, "next": request.POST.get("next", "")}
            return redirect("code")
    context = {"form": form, "next": request.POST.get("next", request.GET.get("next", ""))}
    return render(request, "public/sign_in.html", context, status=422 if form.errors else 200)


def send_if_known(request: ApexRequest, contact: Contact) -> None:
    """Raises TooManyCodes for the network address alone, so that it tells nobody which addresses are staff's."""
    limits.count(limits.Act.SEND, limits.network_address(request.META))
    try:
        if User.objects.staff_for(contact):
            LoginCode.objects.send(contact, site_name=pgettext("product", "回覧"))
        else:
            LoginCode.objects.pretend(contact)
    except TooManyCodes:
        return  # the page that follows says how long to wait, to everybody


@never_cache
@each_time
def code(request: ApexRequest) -> HttpResponse:
    state = request.session.get(KEY)
    if not state:
        return redirect("sign_in")
    form = CodeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        user = redeemed(request, state["email"], form.cleaned_data["code"])
        if user:
            request.session.pop(KEY, None)
            return go_on(request, user, state["next"])
        form.add_error("code", wrong_code())
    context = {"form": form, "email": state["email"], "next": state["next"], "mail_domain": mail_domain()}
    return render(request, "public/code.html", context, status=422 if form.errors else 200)


def redeemed(request: ApexRequest, email: str, typed: str) -> User | None:
    contact = Contact(Channel.MAIL, email)
    try:
        limits.count(limits.Act.TRY, limits.network_address(request.META))
        LoginCode.objects.redeem(contact, typed)
    except (TooManyCodes, WrongCode):
        return None
    return User.objects.staff_for(contact)


def go_on(request: ApexRequest, user: User, onward: str) -> HttpResponse:
    """To the second factor, or straight in where none is asked for."""
    if not SecondFactor.objects.is_asked_of(user):
        enter(request, user, factor="")
        return redirect(safe_path(onward) or "after_sign_in")
    sessions.halfway(request.session, user, onward=onward)
    return redirect("second_factor" if SecondFactor.objects.is_set_up(user) else "set_up")


def after_sign_in(request: ApexRequest) -> HttpResponse:
    """To one's own desk."""
    return redirect(desk(request))


def desk(request: ApexRequest) -> str:
    if request.operator:
        return "operations:queue"
    return "city:dashboard" if request.city_staff else "sign_in"


@require_POST
@each_time
def sign_out(request: ApexRequest) -> HttpResponse:
    auth.logout(request)
    return redirect("landing")
