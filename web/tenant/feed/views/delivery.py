"""The delivery ledger (paid): every household of a post's audience, reached, on paper, or not known yet."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from billing.plans import plan_with
from controlplane.associations.features import Feature
from controlplane.associations.models import Association
from controlplane.tenancy import public
from tenants.feed.models import Delivery
from tenants.members.models import Act
from web.access import allowed_to
from web.listing import turn
from web.once import each_time
from web.tenant.feed.views.post import visible_post
from web.tenant.members.forms import HomeFilter
from web.tenant.page import SiteRequest, fragment, number, refusals, show

HOMES, GROUPS = 30, 20


@allowed_to(Act.SEE_REACH)
@require_safe
def ledger(request: SiteRequest, pk: int) -> HttpResponse:
    post = visible_post(request.member, pk)
    if not request.site.has(Feature.DELIVERY_LEDGER):
        return _offer(request, post=post)
    return show(request, "tenant/feed/ledger.html", post=post, **_reach(request, post.delivery()))


def _reach(request: SiteRequest, delivery: Delivery) -> dict[str, Any]:
    """Figures for all; households by name only for those who may go and ask there."""
    form = HomeFilter(request.GET, viewer=request.member)
    unknown = form.narrow(delivery.unknown().known_to(request.member))
    return {
        "delivery": delivery,
        "groups": turn(request, delivery.by_group(), GROUPS, "groups", "#groups"),
        "homes": turn(request, unknown, HOMES, part="#unknown"),
        "form": form,
    }


def _offer(request: SiteRequest, **context: Any) -> HttpResponse:
    plan = plan_with(Feature.DELIVERY_LEDGER)
    with public():
        households = Association.objects.get(pk=request.site.uuid).households
    price = plan.monthly_price(households)
    return show(request, "tenant/feed/ledger_offer.html", plan=plan, price=price, households=households, **context)


@allowed_to(Act.HAND_PAPER)
@require_POST
@each_time
def hand_paper(request: SiteRequest, pk: int) -> HttpResponse:
    """紙を渡した: the household counts as reached by paper."""
    post = visible_post(request.member, pk)
    if not request.site.has(Feature.DELIVERY_LEDGER):
        raise Http404
    home = get_object_or_404(post.audience_households(), pk=number(request.POST.get("household", "")))
    with refusals():
        post.delivery().hand_paper(home, by=request.member)
    if request.htmx:
        return fragment(request, "tenant/feed/_ledger.html", post=post, **_reach(request, post.delivery()))
    messages.success(request, _("%(home)sに渡したと、書きとめました。") % {"home": home})
    return redirect(f"{reverse('ledger', args=[pk])}?{request.GET.urlencode()}#unknown")
