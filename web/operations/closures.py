"""閉じる: closing a site, bringing it back, and agreeing, two people, that its data is dropped."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from controlplane.associations.models import Association
from provisioning.models import Closure
from provisioning.models.closures import last_day_from
from provisioning.models.retention import APPROVALS
from web.access import operator_required
from web.apex import ApexRequest
from web.forms import KairanForm
from web.operations.associations import found
from web.operations.desk import show
from web.operations.forms import ApproveDropForm, CloseForm


@operator_required
@require_http_methods(["GET", "HEAD", "POST"])
def closure(request: ApexRequest, slug: str) -> HttpResponse:
    """Close a site, after saying why; GET says what happens and when."""
    association = found(slug)
    form = CloseForm(request.POST if request.method == "POST" else None)
    done = _("%(name)sのページを閉じました。") % {"name": association.name}
    if _did(request, form, done, lambda: Closure.begin(association, by=request.operator, **form.cleaned_data)):
        return redirect("operations:association", slug=slug)
    context = {"association": association, "form": form, "last_day": last_day_from(timezone.now())}
    return show(request, "closure.html", "associations", context, status=422 if form.errors else 200)


@operator_required
@require_http_methods(["GET", "HEAD", "POST"])
def reopening(request: ApexRequest, slug: str) -> HttpResponse:
    """Undo the closing; GET asks first."""
    association = found(slug)
    standing = standing_closure(association)
    if request.method == "POST":
        try:
            standing.undo(by=request.operator)
        except ValidationError as error:
            messages.error(request, error.messages[0])
        else:
            messages.success(request, _("%(name)sのページを、もとにもどしました。") % {"name": association.name})
        return redirect("operations:association", slug=slug)
    return show(request, "reopening.html", "associations", {"association": association, "closure": standing})


@operator_required
@require_http_methods(["GET", "HEAD", "POST"])
def drop_approval(request: ApexRequest, slug: str) -> HttpResponse:
    """Agree that everything is dropped, by typing the name. The second of two people sets it going."""
    association = found(slug)
    standing = standing_closure(association)
    form = ApproveDropForm(request.POST if request.method == "POST" else None)
    done = _("承認しました。")
    if _did(request, form, done, lambda: standing.approve(by=request.operator, name=form.cleaned_data["name"])):
        return redirect("operations:association", slug=slug)
    approvals = list(standing.valid_approvals)
    context = {
        "association": association,
        "closure": standing,
        "form": form,
        "approvals": approvals,
        "is_last": len(approvals) + 1 >= APPROVALS,
        "is_mine": any(each.operator_id == request.operator.pk for each in approvals),
    }
    return show(request, "drop_approval.html", "associations", context, status=422 if form.errors else 200)


def standing_closure(association: Association) -> Closure:
    standing = Closure.objects.standing().filter(association=association).first()
    if standing is None:
        raise Http404
    return standing


def _did(request: ApexRequest, form: KairanForm, done: str, act: Callable[[], Any]) -> bool:
    """Whether the form was sent and the verb did it; what it refuses stands in the form."""
    if request.method != "POST" or not form.is_valid():
        return False
    try:
        act()
    except ValidationError as error:
        form.add_error(None, error)
        return False
    messages.success(request, done)
    return True
