"""Setting up a factor: the first one between code and desk, more of them at the desk."""

from urllib.parse import quote

import segno
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from controlplane.staff import ceremony, digits, sessions
from controlplane.staff.models import SecondFactor
from controlplane.staff.sessions import Half
from web.apex import ApexRequest
from web.forms import KairanForm
from web.staff.forms import DigitsForm, PasskeyForm
from web.staff.showing import CHALLENGE, enter, safe_path, who

SECRET = "app_secret"  # noqa: S105  # the session's note of a sealed secret whose first digits are awaited


@never_cache
@require_safe
def set_up(request: ApexRequest) -> HttpResponse:
    """Choose: a passkey, or an app."""
    person = who(request)
    return _turned_away(request, person) or render(request, "staff/set_up.html", {"first": not _at_desk(request)})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def app(request: ApexRequest) -> HttpResponse:
    person = who(request)
    away = _turned_away(request, person)
    if person is None or away:
        return away or redirect("sign_in")
    sealed = request.session.setdefault(SECRET, digits.new_secret())
    form = DigitsForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            codes = SecondFactor.objects.of(person.user).add_app(sealed, form.cleaned_data["code"])
        except ValidationError as error:
            form.add_error(None, error)
        else:
            return _added(request, person, codes, factor="app")
    uri, typed = digits.address(sealed, person.user.email or "")
    context = {"form": form, "qr": qr_code(uri), "typed": typed}
    return render(request, "staff/app.html", context, status=422 if form.errors else 200)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def passkey(request: ApexRequest) -> HttpResponse:
    person = who(request)
    away = _turned_away(request, person)
    if person is None or away:
        return away or redirect("sign_in")
    form = PasskeyForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        challenge, answer = request.session.pop(CHALLENGE, ""), request.POST.get("answer", "")
        try:
            own = SecondFactor.objects.of(person.user)
            codes = own.add_passkey(answer, challenge, name=form.cleaned_data["name"])
        except ValidationError as error:
            form.add_error(None, error)
        else:
            return _added(request, person, codes, factor="passkey")
    return _passkey_page(request, person, form)


def qr_code(text: str) -> SafeString:
    """Inline SVG; segno writes nothing of the text itself into it."""
    return mark_safe(segno.make(text, error="m").svg_inline(omitsize=True, border=2))  # noqa: S308


def _turned_away(request: ApexRequest, person: Half | None) -> HttpResponse | None:
    """Who has a factor shows it before adding another."""
    if person is None:
        return redirect("sign_in")
    proven = _at_desk(request) and sessions.is_fresh(request.session)
    if proven or not SecondFactor.objects.of(person.user).is_set_up:
        return None
    return redirect(f"{reverse('second_factor')}?next={quote(request.path)}" if _at_desk(request) else "second_factor")


def _at_desk(request: ApexRequest) -> bool:
    return bool(request.operator or request.city_staff)


def _passkey_page(request: ApexRequest, person: Half, form: KairanForm) -> HttpResponse:
    known = [bytes(key.credential_id) for key in person.user.passkeys.all()]
    options, request.session[CHALLENGE] = ceremony.to_make(person.user.pk, person.user.email or "", known)
    context = {"form": form, "options": options}
    return render(request, "staff/passkey.html", context, status=422 if form.errors else 200)


def _added(request: ApexRequest, person: Half, codes: list[str], *, factor: str) -> HttpResponse:
    """With the first factor one is in, and sees the recovery codes, this once."""
    request.session.pop(SECRET, None)
    if not codes:
        messages.success(request, _("足しました。次から、これでも入れます。"))
        return redirect("security")
    onward = person.onward
    enter(request, SecondFactor.objects.of(person.user).user, factor=factor)
    return render(request, "staff/recovery_codes.html", {"codes": codes, "onward": safe_path(onward)})
