"""独自のアドレス: the representative brings a host of the association's own, proves it, and moves the site there."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from controlplane.associations.models import Association, CustomDomain
from controlplane.tenancy import public
from tenants.members.models import Act
from web.access import allowed_to
from web.hosts import HostForm, rows, told
from web.once import each_time
from web.tenant.page import SiteRequest, refusals, show


@allowed_to(Act.CHOOSE_ADDRESS)
@require_http_methods(["GET", "HEAD", "POST"])
def address(request: SiteRequest) -> HttpResponse:
    """The hosts there are, with the records to set; POST asks for one more."""
    form = HostForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        with refusals(form), public():
            association = Association.objects.get(pk=request.site.uuid)
            CustomDomain.objects.ask(association, form.cleaned_data["host"], by=_representative(request))
    if request.method == "POST" and form.is_valid():
        return redirect("address")
    with public():
        hosts = rows(Association.objects.get(pk=request.site.uuid), _link)
    status = 422 if form.errors else 200
    return show(request, "tenant/menu/address.html", tab="menu", status=status, form=form, hosts=hosts)


def _link(act: str, domain: CustomDomain) -> str:
    return reverse(f"address_{act}", args=[domain.pk])


def _representative(request: SiteRequest) -> str:
    """How the representative is called outside the association's own schema: no resident is named there."""
    return f"{request.site.name} 代表者"  # goes into the log, which is in Japanese


@allowed_to(Act.CHOOSE_ADDRESS)
@require_POST
@each_time
def address_verification(request: SiteRequest, pk: int) -> HttpResponse:
    with _refused_as_message(request), _own(request, pk) as domain:
        state = domain.verify()
        (messages.success if state == CustomDomain.State.PROVEN else messages.warning)(request, told(domain))
    return redirect("address")


@allowed_to(Act.CHOOSE_ADDRESS)
@require_http_methods(["GET", "HEAD", "POST"])
def address_primary(request: SiteRequest, pk: int) -> HttpResponse:
    """GET says what it means. The answer is a page with a link: a form's answer may not lead to another host."""
    if request.method != "POST":
        return _ask(request, pk, "tenant/menu/address_primary.html")
    with _refused_as_message(request):
        with _own(request, pk) as domain:
            domain.make_primary(by=_representative(request))
            url = domain.association.url()
        return show(request, "tenant/menu/address_moved.html", tab="menu", url=url)
    return redirect("address")


@allowed_to(Act.CHOOSE_ADDRESS)
@require_http_methods(["GET", "HEAD", "POST"])
def address_removal(request: SiteRequest, pk: int) -> HttpResponse:
    """GET says what it means. Where the site lived at this host, the answer is the way to where it lives now."""
    if request.method != "POST":
        return _ask(request, pk, "tenant/menu/address_removal.html")
    with _own(request, pk) as domain:
        domain.give_up(by=_representative(request))
        url = domain.association.url()
    if domain.host == request.site.host:
        return show(request, "tenant/menu/address_moved.html", tab="menu", url=url, removed=True)
    messages.success(request, _("%(host)sを使うのをやめました。") % {"host": domain.shown})
    return redirect("address")


def _ask(request: SiteRequest, pk: int, template: str) -> HttpResponse:
    with _own(request, pk) as domain:
        pass
    return show(request, template, tab="menu", domain=domain)


@contextmanager
def _own(request: SiteRequest, pk: int) -> Iterator[CustomDomain]:
    """One of this association's own hosts, under `public`; anybody else's is missing."""
    with public():
        mine = CustomDomain.objects.on().select_related("association").filter(association=request.site.uuid, pk=pk)
        domain = mine.first()
        if domain is None:
            raise Http404
        yield domain


@contextmanager
def _refused_as_message(request: SiteRequest) -> Iterator[None]:
    try:
        yield
    except ValidationError as error:
        messages.error(request, error.messages[0])
