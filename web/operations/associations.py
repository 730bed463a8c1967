"""Associations as operations see them: their state, hosts, paid features and runs; never what is inside."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from billing.models import Subscription
from controlplane.associations.models import Association
from controlplane.audit.models import Entry
from controlplane.cities.models import Adoption
from controlplane.metering.models import Usage
from provisioning.models import Closure
from web.access import operator_required
from web.apex import ApexRequest
from web.operations.desk import show
from web.operations.forms import SuspendForm

TAGS = {"live": "ok", "preparing": "info", "suspended": "stop", "closed": "soft"}


@operator_required
@require_safe
def association(request: ApexRequest, slug: str) -> HttpResponse:
    return show_association(request, found(slug))


@operator_required
@require_http_methods(["GET", "HEAD", "POST"])
def suspension(request: ApexRequest, slug: str) -> HttpResponse:
    """Close a site, after saying why; GET asks first."""
    association = found(slug)
    form = SuspendForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            association.suspend(by=request.operator, reason=form.cleaned_data["reason"])
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("%(name)sのページを止めました。") % {"name": association.name})
            return redirect("operations:association", slug=slug)
    context = {"association": association, "form": form}
    return show(request, "suspension.html", "associations", context, status=422 if form.errors else 200)


@operator_required
@require_http_methods(["GET", "HEAD", "POST"])
def resumption(request: ApexRequest, slug: str) -> HttpResponse:
    """Open a suspended site again; GET asks first."""
    association = found(slug)
    if request.method == "POST":
        association.resume(by=request.operator)
        messages.success(request, _("%(name)sのページを、また開きました。") % {"name": association.name})
        return redirect("operations:association", slug=slug)
    return show(request, "resumption.html", "associations", {"association": association})


def found(slug: str) -> Association:
    return get_object_or_404(Association.objects.select_related("city"), slug=slug)


def show_association(request: ApexRequest, association: Association) -> HttpResponse:
    context = {
        "association": association,
        "tag": TAGS[association.state],
        "plan": Subscription.plan_of(association),
        "domains": association.domains.order_by("pk"),
        "grants": association.grants.order_by("feature"),
        "runs": association.runs.all()[:20],
        "suspension": association.suspension,
        "closure": Closure.objects.standing().filter(association=association).first(),
        "figures": Adoption.objects.filter(association=association).first(),
        "usage": Usage.of(association),
        "entries": Entry.objects.about(association)[:50],
    }
    return show(request, "association.html", "associations", context)
