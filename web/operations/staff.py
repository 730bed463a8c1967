"""入れる人: how operators and city staff come in, and helping one who has lost everything."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from controlplane.accounts.models import User
from controlplane.staff.models import SecondFactor, staff_name
from web.access import operator_required
from web.apex import ApexRequest
from web.operations.desk import show
from web.staff.showing import fresh_required


@operator_required
@require_safe
def staff(request: ApexRequest) -> HttpResponse:
    people = User.objects.staff().select_related("second_factor").prefetch_related("passkeys").order_by("pk")
    return show(request, "staff.html", "staff", {"rows": [row(user) for user in people]})


def row(user: User) -> dict[str, object]:
    own: SecondFactor | None = getattr(user, "second_factor", None)
    passkeys, has_app = len(user.passkeys.all()), bool(own and own.has_app)
    return {
        "user": user,
        "name": staff_name(user),
        "passkeys": passkeys,
        "has_app": has_app,
        "is_set_up": bool(passkeys or has_app),
        "is_paused": bool(own and own.is_paused),
    }


@operator_required
@fresh_required
@require_http_methods(["GET", "HEAD", "POST"])
def staff_reset(request: ApexRequest, pk: int) -> HttpResponse:
    """Take all factors of somebody else away, after asking; they set them up anew at their next sign-in."""
    user = get_object_or_404(User.objects.staff(), pk=pk)
    if user == request.user:
        raise Http404
    name = staff_name(user)
    if request.method != "POST":
        return show(request, "staff_reset.html", "staff", {"name": name})
    SecondFactor.objects.of(user).reset(by=request.operator)
    messages.success(request, _("%(name)sの守りを、はじめからにしました。本人へメールを送ります。") % {"name": name})
    return redirect("operations:staff")
