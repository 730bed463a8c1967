"""入るときの守り: what one's own way in is guarded by, for operators and city staff."""

from collections.abc import Callable

from django.contrib import auth, messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from controlplane.staff.models import Passkey, SecondFactor
from web.access import staff_required
from web.apex import ApexRequest
from web.once import done
from web.staff.showing import fresh_required


@staff_required
@never_cache
@require_safe
def security(request: ApexRequest) -> HttpResponse:
    own = SecondFactor.objects.of(request.user)
    context = {"own": own, "passkeys": own.user.passkeys.all(), "left": len(own.recovery)}
    return render(request, "staff/security.html", context)


@staff_required
@fresh_required
@require_http_methods(["GET", "HEAD", "POST"])
def app_removal(request: ApexRequest) -> HttpResponse:
    own = SecondFactor.objects.of(request.user)
    if not own.has_app:
        return redirect("security")
    if request.method != "POST":
        return render(request, "staff/removal.html", {"name": _("認証アプリ")})
    return _removed(request, own.remove_app)


@staff_required
@fresh_required
@require_http_methods(["GET", "HEAD", "POST"])
def passkey_removal(request: ApexRequest, pk: int) -> HttpResponse:
    key = get_object_or_404(Passkey, pk=pk, user=request.user)
    if request.method != "POST":
        return render(request, "staff/removal.html", {"name": key.name})
    own = SecondFactor.objects.of(request.user)
    return _removed(request, lambda: own.remove_passkey(pk))


@staff_required
@fresh_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def recovery_codes(request: ApexRequest) -> HttpResponse:
    """New ones; the older are worth nothing then. GET asks first."""
    own = SecondFactor.objects.of(request.user)
    if not own.is_set_up:
        return redirect("set_up")
    if request.method != "POST":
        return render(request, "staff/recovery_ask.html", {"left": len(own.recovery)})
    return done(render(request, "staff/recovery_codes.html", {"codes": own.make_recovery_codes()}))


@staff_required
@require_POST
def sessions_end(request: ApexRequest) -> HttpResponse:
    """Sign out everywhere, here too."""
    SecondFactor.objects.of(request.user).sign_out_everywhere()
    auth.logout(request)
    messages.success(request, _("すべての画面とプログラムから出ました。"))
    return redirect("sign_in")


def _removed(request: ApexRequest, remove: Callable[[], None]) -> HttpResponse:
    try:
        remove()
    except ValidationError as error:
        messages.error(request, error.messages[0])
    else:
        messages.success(request, _("外しました。"))
    return redirect("security")
