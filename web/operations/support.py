"""Support access as operations see it: asking for it, and going to read while it is open. Never taking it."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from provisioning.support import ask
from web.access import operator_required
from web.apex import ApexRequest
from web.operations.associations import found
from web.operations.desk import show
from web.operations.forms import AskSupportForm


@operator_required
@require_http_methods(["GET", "HEAD", "POST"])
def support(request: ApexRequest, slug: str) -> HttpResponse:
    """How it stands; POST asks the representative."""
    association = found(slug)
    form = AskSupportForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            ask(association, by=request.operator, why=form.cleaned_data["why"])
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("代表者に頼みました。お返事を待ちます。"))
            return redirect("operations:support", slug=slug)
    context = {
        "association": association,
        "form": form,
        "open_now": association.support.open().first(),
        "asked": association.support.waiting().first(),
        "rows": association.support.all()[:50],
    }
    return show(request, "support.html", "associations", context, status=422 if form.errors else 200)


@operator_required
@never_cache
@require_POST
def support_visit(request: ApexRequest, slug: str) -> HttpResponse:
    """A key and a link to the site's door. Not a redirect: a form's answer may not lead to another host."""
    association = found(slug)
    access = association.support.open().first()
    if access is None:
        raise Http404
    token = access.hand_key(by=request.operator)
    url = association.url(reverse("support_door", args=[token], urlconf="controlplane.urls.tenant"))
    return show(request, "support_visit.html", "associations", {"association": association, "url": url})
