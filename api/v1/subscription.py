"""The association's plan: what it has, buying one, and the page for cards, invoices and giving notice."""

from typing import Any, ClassVar

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from api.views import SiteView, endpoint
from billing.models import Subscription
from billing.plans import PLANS, Plan, PlanCode, with_tax
from controlplane.associations.models import Association
from controlplane.tenancy import public
from tenants.members.models import Act

SOLD = [plan.code for plan in PLANS if plan.is_sold_online]


class SubscriptionShape(Serializer[Any]):
    plan = serializers.ChoiceField(choices=PlanCode.choices)
    name = serializers.CharField()
    households = serializers.IntegerField()
    monthly_price = serializers.IntegerField(help_text="Yen, without tax.")
    monthly_price_with_tax = serializers.IntegerField(help_text="Yen.")
    status = serializers.ChoiceField(choices=Subscription.Status.choices, allow_null=True)
    current_period_end = serializers.DateTimeField(allow_null=True)
    ends_at = serializers.DateTimeField(allow_null=True, help_text="When notice was given.")
    features = serializers.ListField(child=serializers.CharField(), help_text="Paid features that are on.")


class CheckoutDraft(Serializer[Any]):
    plan = serializers.ChoiceField(choices=[(code.value, code.name) for code in SOLD])


class LinkShape(Serializer[Any]):
    url = serializers.URLField()


class BillingView(SiteView):
    acts: ClassVar = {"GET": Act.SEE_PLAN, "POST": Act.CHOOSE_PLAN}

    def association(self) -> Association:
        """Call inside `public()`: the association's own row is not in its schema."""
        return Association.objects.get(pk=self.site.uuid)

    @property
    def back(self) -> str:
        return self.site.url("/plan/")


class CurrentSubscription(BillingView):
    @endpoint("The plan the association has", gives=SubscriptionShape)
    def get(self, request: Request) -> Response:
        with public():
            association = self.association()
            subscription, plan = Subscription.for_association(association), Subscription.plan_of(association)
        return self.answer(SubscriptionShape, self._said(association, subscription, plan))

    def _said(self, association: Association, subscription: Subscription | None, plan: Plan) -> dict[str, Any]:
        price = subscription.monthly_price if subscription else plan.monthly_price(association.households)
        return {
            "plan": plan.code,
            "name": plan.name,
            "households": association.households,
            "monthly_price": price,
            "monthly_price_with_tax": with_tax(price),
            "status": subscription.status if subscription else None,
            "current_period_end": subscription.current_period_end if subscription else None,
            "ends_at": subscription.ends_at if subscription else None,
            "features": sorted(self.site.features),
        }


class Checkout(BillingView):
    @endpoint("Buy a plan", takes=CheckoutDraft, gives=LinkShape, refuses=(409, 503))
    def post(self, request: Request) -> Response:
        """Answers where to send the buyer: the page to pay on, or back when a running plan was changed."""
        plan, urls = self.body(CheckoutDraft)["plan"], {"success_url": self.back, "cancel_url": self.back}
        with public():
            url = Subscription.start_checkout(self.association(), plan, by=f"{self.site.name} 代表者", **urls)
        return self.answer(LinkShape, {"url": url})


class Portal(BillingView):
    @endpoint("The page for cards, invoices and giving notice", gives=LinkShape, refuses=(409, 503))
    def post(self, request: Request) -> Response:
        with public():
            url = Subscription.open_portal(self.association(), self.back)
        return self.answer(LinkShape, {"url": url})
