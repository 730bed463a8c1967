"""The price list."""

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from api.pagination import Whole
from api.views import PublicView, endpoint
from billing.plans import BLOCK, PLANS, Plan, PlanCode
from controlplane.associations.features import Feature
from controlplane.associations.models import Association


class PlanShape(Serializer[Plan]):
    code = serializers.ChoiceField(choices=PlanCode.choices)
    name = serializers.CharField()
    monthly_price = serializers.SerializerMethodField(help_text="Yen without tax up to the first block; null by quote.")
    monthly_price_per_further_block = serializers.IntegerField(source="extra", help_text="Yen without tax.")
    households_per_block = serializers.SerializerMethodField()
    storage_gb = serializers.IntegerField()
    sms_per_month = serializers.IntegerField()
    features = serializers.SerializerMethodField()
    kinds = serializers.ListField(child=serializers.ChoiceField(choices=Association.Kind.choices))
    points = serializers.ListField(child=serializers.CharField())
    available = serializers.BooleanField(source="is_available", help_text="It adds something this release can do.")
    sold_online = serializers.BooleanField(source="is_sold_online")

    @extend_schema_field(serializers.ListField(child=serializers.ChoiceField(choices=Feature.choices)))
    def get_features(self, plan: Plan) -> list[str]:
        return [feature.value for feature in Feature if feature in plan.features]

    def get_monthly_price(self, plan: Plan) -> int | None:
        return None if plan.by_quote else plan.base

    def get_households_per_block(self, plan: Plan) -> int:
        return BLOCK


class Plans(PublicView):
    pagination_class = Whole

    @endpoint("The price list", gives=PlanShape(many=True))
    def get(self, request: Request) -> Response:
        """Prices follow households, never users."""
        return self.page(PlanShape, PLANS)
