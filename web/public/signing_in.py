"""Signing in at the apex host: operators and city staff, by a code to their address. The answer is the same for all.

The code alone signs nobody in who has a second factor or must have one: see web.staff.
"""

from django.contrib import auth
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from controlplane.accounts.code_answers import Door, WrongCode
from controlplane.accounts.contacts import Contact
from controlplane.accounts.login_codes import TooManyCodes
from controlplane.accounts.models import User
from controlplane.staff import sessions
from controlplane.staff.models import SecondFactor
from web import codes
from web.apex import ApexRequest
from web.once import each_time
from web.public.application import mail_domain
from web.public.forms import CodeForm, SignInForm
from web.staff.showing import enter, safe_path

KEY, NEXT = "signing_in", "signing_in_next"


@never_cache
@each_time
def sign_in(request: ApexRequest) -> HttpResponse:
    if request.operator or request.city_staff:
        return redirect(desk(request))
    form = SignInForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            send_if_known(request, form.contact)
        except TooManyCodes as error:
            form.add_error("email", codes.paused(error))
        else:
            request.session[NEXT] = request.POST.get("next", "")
            return redirect("code")
    context = {"form": form, "next": request.POST.get("next", request.GET.get("next", ""))}
    return render(request, "public/sign_in.html", context, status=422 if form.errors else 200)


def send_if_known(request: ApexRequest, contact: Contact) -> None:
    """The same words for everybody, so that nothing tells which addresses are staff's. Raises TooManyCodes."""
    known, name = User.objects.staff_for(contact) is not None, pgettext("product", "回覧")
    codes.send(request, contact, site_name=name, key=KEY, door=Door.STAFF, known=known)


@never_cache
@each_time
def code(request: ApexRequest) -> HttpResponse:
    step = codes.step(request, key=KEY)
    if step is None:
        return redirect("sign_in")
    form = CodeForm(request.POST if request.method == "POST" else None)
    step.name_field(form)
    if request.method == "POST" and form.is_valid():
        try:
            return go_on(request, redeemed(request, form.cleaned_data["code"]), request.session.pop(NEXT, ""))
        except (WrongCode, TooManyCodes) as error:
            form.add_error("code", codes.refused(error))
    onward = request.session.get(NEXT, "")
    context = {"form": form, "step": step, "next": onward, "mail_domain": mail_domain()}
    return render(request, "public/code.html", context, status=422 if form.errors else 200)


def redeemed(request: ApexRequest, typed: str) -> User:
    user = User.objects.staff_for(codes.redeem(request, typed, key=KEY, door=Door.STAFF))
    if user is None:  # no longer
        raise WrongCode
    return user


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
