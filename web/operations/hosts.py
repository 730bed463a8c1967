"""アドレス: moving a site to another subdomain, and the hosts an association brings itself."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from controlplane.associations.models import Association, CustomDomain
from web.access import operator_required
from web.apex import ApexRequest
from web.hosts import HostForm, Links, rows, told
from web.once import each_time
from web.operations.associations import found
from web.operations.desk import show
from web.operations.forms import RenameForm


@operator_required
@require_http_methods(["GET", "HEAD", "POST"])
def renaming(request: ApexRequest, slug: str) -> HttpResponse:
    """Move the site; GET says what that means for those who use it."""
    association = found(slug)
    form = RenameForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            association.rename(by=request.operator, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("アドレスを変えました。前のアドレスからも、そのまま届きます。"))
            return redirect("operations:association", slug=association.slug)
    context = {"association": association, "form": form}
    return show(request, "renaming.html", "associations", context, status=422 if form.errors else 200)


@operator_required
@require_http_methods(["GET", "HEAD", "POST"])
def domains(request: ApexRequest, slug: str) -> HttpResponse:
    """Every host of the association; POST asks for one more."""
    association = found(slug)
    form = HostForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            CustomDomain.objects.ask(association, form.cleaned_data["host"], by=request.operator)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            return redirect("operations:domains", slug=slug)
    context = {
        "association": association,
        "form": form,
        "hosts": rows(association, _link(association)),
        "domains": association.domains.order_by("-is_primary", "pk"),
    }
    return show(request, "domains.html", "associations", context, status=422 if form.errors else 200)


@operator_required
@require_POST
@each_time
def domain_verification(request: ApexRequest, slug: str, pk: int) -> HttpResponse:
    domain = _domain(slug, pk)
    try:
        state = domain.verify()
    except ValidationError as error:
        messages.error(request, error.messages[0])
    else:
        (messages.success if state == CustomDomain.State.PROVEN else messages.warning)(request, told(domain))
    return redirect("operations:domains", slug=slug)


@operator_required
@require_http_methods(["GET", "HEAD", "POST"])
def domain_primary(request: ApexRequest, slug: str, pk: int) -> HttpResponse:
    """Let the site live at this host; GET says what that means."""
    domain = _domain(slug, pk)
    if request.method != "POST":
        return _ask(request, "domain_primary.html", domain)
    try:
        domain.make_primary(by=request.operator)
    except ValidationError as error:
        messages.error(request, error.messages[0])
    else:
        messages.success(request, _("おもなアドレスを、%(host)sにしました。") % {"host": domain.shown})
    return redirect("operations:domains", slug=slug)


@operator_required
@require_http_methods(["GET", "HEAD", "POST"])
def domain_removal(request: ApexRequest, slug: str, pk: int) -> HttpResponse:
    """Stop using a host; GET says what that means."""
    domain = _domain(slug, pk)
    if request.method != "POST":
        return _ask(request, "domain_removal.html", domain)
    domain.give_up(by=request.operator)
    messages.success(request, _("%(host)sを使うのをやめました。") % {"host": domain.shown})
    return redirect("operations:domains", slug=slug)


def _ask(request: ApexRequest, template: str, domain: CustomDomain) -> HttpResponse:
    return show(request, template, "associations", {"association": domain.association, "domain": domain})


def _domain(slug: str, pk: int) -> CustomDomain:
    return get_object_or_404(
        CustomDomain.objects.on().select_related("association__city"), pk=pk, association__slug=slug
    )


def _link(association: Association) -> Links:
    return lambda act, domain: reverse(f"operations:domain_{act}", args=[association.slug, domain.pk])
