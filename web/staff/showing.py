"""Between the code and the desk: showing the second factor. Also once more at the desk, before it is changed."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import quote

from django.contrib import auth
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from controlplane.accounts.models import Device, User
from controlplane.accounts.ways import Way
from controlplane.audit.models import record
from controlplane.dates import clock_said
from controlplane.staff import ceremony, sessions
from controlplane.staff.models import DigitsOff, Paused, SecondFactor, WrongFactor, staff_name
from controlplane.staff.sessions import Half
from web.apex import ApexRequest
from web.forms import KairanForm
from web.staff.forms import DigitsForm, RecoveryForm

BACKEND = "controlplane.accounts.backends.CodeBackend"
CHALLENGE = "passkey_challenge"


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def second_factor(request: ApexRequest) -> HttpResponse:
    person = who(request)
    if person is None:
        return redirect("sign_in")
    own = SecondFactor.objects.of(person.user)
    if not own.is_set_up:
        return redirect("set_up")
    form = _form(request, own)
    if request.method == "POST" and ("answer" in request.POST or form.is_valid()):
        factor = _shown(request, own, form)
        if factor:
            return _go_on(request, person, factor)
    return _page(request, person, own, form)


def who(request: ApexRequest) -> Half | None:
    """Whoever has proven their contact just now, or is at their desk already."""
    if request.operator or request.city_staff:
        user = request.operator.user if request.operator else request.city_staff.user
        return Half(user, request.POST.get("next", request.GET.get("next", "")))
    return sessions.half(request.session)


def enter(request: ApexRequest, user: User, *, factor: str) -> None:
    """Signed in: the session gets a new key, and from now on it is staff's."""
    auth.login(request, user, backend=BACKEND)
    user.begin_speaking(get_language())
    sessions.begin(request.session, factor=factor)
    Device.objects.seen(Way.of(request))
    record("staff.sign_in", user, by=staff_name(user), factor=factor)


def safe_path(path: str) -> str:
    """A path of this host, or nothing."""
    return path if path.startswith("/") and url_has_allowed_host_and_scheme(path, allowed_hosts=None) else ""


def fresh_required(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Under @staff_required: the factor was shown within minutes; else it is asked for, and one comes back here."""

    @wraps(view)
    def guarded(request: ApexRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not sessions.is_fresh(request.session) and SecondFactor.objects.of(request.user).is_set_up:
            return redirect(f"{reverse('second_factor')}?next={quote(request.path)}")
        return view(request, *args, **kwargs)

    return guarded


def _form(request: ApexRequest, own: SecondFactor) -> KairanForm:
    data = request.POST if request.method == "POST" and "answer" not in request.POST else None
    recovery = "recovery" in request.GET or "recovery" in request.POST
    return RecoveryForm(data) if recovery else DigitsForm(data)


def _shown(request: ApexRequest, own: SecondFactor, form: KairanForm) -> str:
    """Which factor was shown, or nothing; what was wrong stands in the form."""
    try:
        if "answer" in request.POST:
            return own.check_passkey(request.POST["answer"], request.session.pop(CHALLENGE, ""))
        return own.check_code(form.cleaned_data["code"])
    except DigitsOff:
        problem = _("番号が何度もちがったので、きょうはアプリの番号を止めました。パスキーか、予備の番号で入れます。")
    except WrongFactor:
        problem = _("パスキーをたしかめられませんでした。") if "answer" in request.POST else _wrong()
    except Paused as pause:
        time = clock_said(pause.until)
        problem = _("何度もためされたので、%(time)sまでお休みします。パスキーなら、いま入れます。") % {"time": time}
    _say(form, problem)
    return ""


def _say(form: KairanForm, problem: str) -> None:
    if form.is_bound:
        form.add_error("code", problem)
    else:
        form.problem = problem  # type: ignore[attr-defined]  # nothing was typed that could be wrong


def _wrong() -> str:
    return _("番号がちがうか、もう使われています。アプリの番号は、新しく変わってから入れてください。")


def _go_on(request: ApexRequest, person: Half, factor: str) -> HttpResponse:
    if request.user.is_authenticated:
        sessions.prove_again(request.session, factor=factor)
        return redirect(safe_path(person.onward) or "security")
    enter(request, person.user, factor=factor)
    return redirect(safe_path(person.onward) or "after_sign_in")


def _page(request: ApexRequest, person: Half, own: SecondFactor, form: KairanForm) -> HttpResponse:
    keys = [bytes(key.credential_id) for key in own.user.passkeys.all()]
    options, request.session[CHALLENGE] = ceremony.to_show(keys)
    problem = getattr(form, "problem", "")
    context = {
        "form": form,
        "own": own,
        "options": options if keys else "",
        "recovery": isinstance(form, RecoveryForm),
        "onward": person.onward,
        "problem": problem,
    }
    return render(request, "staff/second_factor.html", context, status=422 if form.errors or problem else 200)
