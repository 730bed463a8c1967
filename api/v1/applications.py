"""Applications (申込): sent in by anybody, decided by operations."""

from typing import Any

from django.shortcuts import get_object_or_404
from rest_framework import serializers
from rest_framework.permissions import AllowAny, BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from api import once
from api.permissions import IsOperator, operator_of
from api.shapes import BySlug, LineField, ReasonDraft
from api.throttles import CallerThrottle
from api.views import KairanView, endpoint
from controlplane.accounts.contacts import parse_email, parse_phone
from controlplane.associations.models import Association
from controlplane.cities.models import City
from controlplane.rates import Cost
from provisioning.models import Application, Question


class ApplicationDraft(Serializer[Any]):
    name = LineField(max_length=80)
    kana = LineField(max_length=120, required=False, allow_blank=True)
    kind = serializers.ChoiceField(choices=Association.Kind.choices)
    city = BySlug(slug_field="slug", queryset=City.objects.all())
    ward = LineField(max_length=20, required=False, allow_blank=True)
    postal_code = serializers.RegexField(r"^[0-9]{3}-?[0-9]{4}\Z", max_length=8)
    address = LineField(max_length=200)
    households = serializers.IntegerField(min_value=1, max_value=100_000)
    representative_name = LineField(max_length=60)
    representative_email = serializers.CharField(max_length=254)
    representative_phone = serializers.CharField(max_length=40)

    def validate_representative_email(self, typed: str) -> str:
        return parse_email(typed)

    def validate_representative_phone(self, typed: str) -> str:
        return parse_phone(typed)


class ReceiptShape(Serializer[Application]):
    id = serializers.IntegerField()
    status = serializers.ChoiceField(choices=Application.Status.choices)


class QuestionShape(Serializer[Question]):
    text = serializers.CharField()
    asked_by = serializers.CharField()
    asked_at = serializers.DateTimeField()
    answer = serializers.CharField(allow_blank=True)
    answered_at = serializers.DateTimeField(allow_null=True)


class ApplicationShape(ReceiptShape):
    name = serializers.CharField()
    kana = serializers.CharField(allow_blank=True)
    kind = serializers.ChoiceField(choices=Association.Kind.choices)
    city = serializers.CharField(source="city.slug")
    ward = serializers.CharField(allow_blank=True)
    postal_code = serializers.CharField()
    address = serializers.CharField()
    households = serializers.IntegerField()
    representative_name = serializers.CharField()
    representative_email = serializers.CharField()
    representative_phone = serializers.CharField()
    email_proven_at = serializers.DateTimeField(allow_null=True)
    questions = QuestionShape(many=True)
    association = serializers.UUIDField(source="association_id", allow_null=True)
    created_at = serializers.DateTimeField()
    decided_at = serializers.DateTimeField(allow_null=True)
    decided_by = serializers.CharField(allow_blank=True)
    reason = serializers.CharField(allow_blank=True)


class ApplicationQuery(Serializer[Any]):
    status = serializers.ChoiceField(choices=Application.Status.choices, required=False)
    q = serializers.CharField(max_length=100, required=False, allow_blank=True)


class KeyShape(Serializer[Any]):
    idempotency_key = serializers.CharField(max_length=80, allow_blank=True)


class SlugDraft(Serializer[Any]):
    slug = serializers.CharField(max_length=40)
    place = serializers.BooleanField(default=False, help_text="A city's, ward's or prefecture's name is meant.")


class TextDraft(Serializer[Any]):
    text = serializers.CharField(max_length=2000)


class ApprovalShape(Serializer[Any]):
    association = serializers.UUIDField()
    run = serializers.IntegerField(help_text="See /runs/{id}/.")


class ApplicationView(KairanView):
    permission_classes = (IsOperator,)

    def application(self, pk: int) -> Application:
        return get_object_or_404(Application.objects.select_related("city").prefetch_related("questions"), pk=pk)


class ApplyThrottle(CallerThrottle):
    """Sending one in mails somebody."""

    def cost(self, request: Request, view: APIView) -> Cost:
        return Cost.APPLICATION if request.method == "POST" else super().cost(request, view)


class Applications(ApplicationView):
    throttle_classes = (ApplyThrottle,)

    def get_permissions(self) -> list[BasePermission]:
        return [AllowAny() if self.request.method == "POST" else IsOperator()]

    @endpoint("Applications, newest first", gives=ApplicationShape(many=True), query=[ApplicationQuery])
    def get(self, request: Request) -> Response:
        wanted = self.query(ApplicationQuery)
        found = Application.objects.search(wanted.pop("q", "")).filter(**wanted)
        return self.page(ApplicationShape, found.select_related("city").prefetch_related("questions"))

    @endpoint("Apply for a site", takes=ApplicationDraft, gives=ReceiptShape, status=201)
    def post(self, request: Request) -> Response:
        """Open to anybody. The address is not proven this way: operations see it as unconfirmed."""
        key = self._checked(KeyShape(data={"idempotency_key": once.key_of(request)}))
        application, _created = Application.objects.submit(**key, **self.body(ApplicationDraft))
        return self.answer(ReceiptShape, application, status=201)


class ApplicationDetail(ApplicationView):
    @endpoint("One application", gives=ApplicationShape)
    def get(self, request: Request, pk: int) -> Response:
        return self.answer(ApplicationShape, self.application(pk))


class Approval(ApplicationView):
    @endpoint("Approve, and start making the site", takes=SlugDraft, gives=ApprovalShape, status=202, refuses=(409,))
    def post(self, request: Request, pk: int) -> Response:
        """Approving twice answers the same run."""
        run = self.application(pk).approve(by=operator_of(request), **self.body(SlugDraft))
        return self.answer(ApprovalShape, {"association": run.association_id, "run": run.pk}, status=202)


class Rejection(ApplicationView):
    @endpoint("Turn an application down", takes=ReasonDraft, gives=ApplicationShape, refuses=(409,))
    def post(self, request: Request, pk: int) -> Response:
        application = self.application(pk)
        application.reject(by=operator_of(request), **self.body(ReasonDraft))
        return self.answer(ApplicationShape, application)


class AskBack(ApplicationView):
    @endpoint("Ask the representative something", takes=TextDraft, gives=ApplicationShape, refuses=(409,))
    def post(self, request: Request, pk: int) -> Response:
        self.application(pk).ask(by=operator_of(request), **self.body(TextDraft))
        return self.answer(ApplicationShape, self.application(pk))
