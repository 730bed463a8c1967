"""The plan (料金): officers see it, the representative chooses and pays. What is paid for lives in `public`."""

from contextlib import suppress
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from billing.gateway import GatewayError
from billing.models import Subscription
from billing.plans import Plan, on_show, plans_for, with_tax
from controlplane.associations.models import Association
from controlplane.tenancy import public
from tenants.feed.models import Attachment
from tenants.members.models import Act
from web.access import allowed_to
from web.tenant.page import SiteRequest, fragment, show
from web.tenant.plan.comparison import comparison

INVOICES = 12


@allowed_to(Act.SEE_PLAN)
@require_safe
def plan(request: SiteRequest) -> HttpResponse:
    return _page(request)


def _page(request: SiteRequest, *, problem: str = "", status: int = 200) -> HttpResponse:
    with public():
        association = Association.objects.get(pk=request.site.uuid)
        context: dict[str, Any] = {
            "subscription": Subscription.for_association(association),
            "current": Subscription.plan_of(association),
            "invoices": list(association.invoices.all()[:INVOICES]),
            "granted": list(association.grants.alive().exclude(source="subscription")),
        }
    current = context["current"]
    running = context["subscription"]
    price = running.monthly_price if running else current.monthly_price(association.households)
    context |= {"households": association.households, "price": price, "taxed": with_tax(price)}
    context["comparison"] = comparison(_choices(association, current), current, association.households)
    context["used_gb"] = Attachment.objects.total_size() / 1_000_000_000
    return show(request, "tenant/plan/plan.html", tab="menu", status=status, problem=problem, **context)


def _choices(association: Association, current: Plan) -> list[Plan]:
    """What can be chosen today, and what the association has in any case."""
    offered = on_show(plans_for(association))
    return [plan for plan in plans_for(association) if plan in offered or plan == current]


@allowed_to(Act.CHOOSE_PLAN)
@require_POST
def checkout(request: SiteRequest) -> HttpResponse:
    """Off to Stripe's page to pay, or straight to the end when a running plan was changed."""
    wanted = request.POST.get("plan", "")
    urls = {
        "success_url": request.site.url(f"{reverse('plan_done')}?plan={wanted}"),
        "cancel_url": request.site.url(reverse("plan")),
    }
    try:
        with public():
            association = Association.objects.get(pk=request.site.uuid)
            url = Subscription.start_checkout(association, wanted, by=_representative(request), **urls)
    except ValidationError as error:
        return _page(request, problem=error.messages[0], status=422)
    except GatewayError:
        return _unreachable(request)
    return HttpResponseRedirect(url)


def _representative(request: SiteRequest) -> str:
    """How the representative is called outside the association's own schema: no resident is named there."""
    return f"{request.site.name} 代表者"  # goes into the log, which is in Japanese


def _unreachable(request: SiteRequest) -> HttpResponse:
    problem = _("お支払いの会社に、つながりませんでした。何も変わっていません。少し待って、もう一度押してください。")
    return _page(request, problem=problem, status=503)


@allowed_to(Act.CHOOSE_PLAN)
@require_POST
def portal(request: SiteRequest) -> HttpResponse:
    """Off to Stripe's page for cards, invoices and giving notice."""
    try:
        with public():
            association = Association.objects.get(pk=request.site.uuid)
            url = Subscription.open_portal(association, request.site.url(reverse("plan")))
    except ValidationError as error:
        return _page(request, problem=error.messages[0], status=422)
    except GatewayError:
        return _unreachable(request)
    return HttpResponseRedirect(url)


@allowed_to(Act.SEE_PLAN)
@require_safe
def done(request: SiteRequest) -> HttpResponse:
    """After paying: asks again every two seconds until the subscription has come in, by webhook or by our asking."""
    wanted = request.GET.get("plan", "")
    with public():
        association = Association.objects.get(pk=request.site.uuid)
        current = Subscription.plan_of(association)
        if not (request.htmx or request.member.visiting or _has_come_in(current, wanted)):
            with suppress(GatewayError):
                Subscription.reconcile(association)
            current = Subscription.plan_of(association)
    context = {"current": current, "confirmed": _has_come_in(current, wanted), "wanted": wanted}
    if request.htmx:
        return fragment(request, "tenant/plan/_state.html", **context)
    return show(request, "tenant/plan/done.html", tab="menu", **context)


def _has_come_in(current: Plan, wanted: str) -> bool:
    return current.code == wanted if wanted else current.is_sold_online
