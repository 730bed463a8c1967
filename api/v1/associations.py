"""Associations, as operations see them: what the platform knows, nothing of what is inside."""

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from api.pagination import LatelyMadeFirst
from api.permissions import IsOperator, operator_of
from api.shapes import ReasonDraft
from api.views import KairanView, endpoint
from controlplane.associations.models import Association, Suspension

STATES = ("preparing", "live", "suspended", "closed")


class SuspensionShape(Serializer[Suspension]):
    reason = serializers.CharField()
    by = serializers.CharField()
    since = serializers.DateTimeField()


class AssociationShape(Serializer[Association]):
    id = serializers.UUIDField(source="uuid")
    slug = serializers.CharField()
    name = serializers.CharField()
    kana = serializers.CharField(allow_blank=True)
    kind = serializers.ChoiceField(choices=Association.Kind.choices)
    city = serializers.CharField(source="city.slug")
    ward = serializers.CharField(allow_blank=True)
    households = serializers.IntegerField()
    state = serializers.SerializerMethodField()
    host = serializers.CharField()
    url = serializers.SerializerMethodField()
    suspension = SuspensionShape(allow_null=True)
    created_at = serializers.DateTimeField()
    live_at = serializers.DateTimeField(allow_null=True)

    @extend_schema_field(serializers.ChoiceField(choices=STATES))
    def get_state(self, association: Association) -> str:
        return association.state

    def get_url(self, association: Association) -> str:
        return association.url()


class AssociationQuery(Serializer[Any]):
    state = serializers.ChoiceField(choices=STATES, required=False)
    q = serializers.CharField(max_length=100, required=False)


class AssociationView(KairanView):
    permission_classes = (IsOperator,)
    pagination_class = LatelyMadeFirst

    def association(self, pk: str) -> Association:
        return get_object_or_404(Association.objects.select_related("city"), pk=pk)


class Associations(AssociationView):
    @endpoint("Associations, newest first", gives=AssociationShape(many=True), query=[AssociationQuery])
    def get(self, request: Request) -> Response:
        wanted = self.query(AssociationQuery)
        found = Association.objects.search(wanted.get("q", "")).select_related("city")
        return self.page(AssociationShape, found.in_state(wanted["state"]) if "state" in wanted else found)


class AssociationDetail(AssociationView):
    @endpoint("One association", gives=AssociationShape)
    def get(self, request: Request, pk: str) -> Response:
        return self.answer(AssociationShape, self.association(pk))


class AssociationSuspension(AssociationView):
    @endpoint("Suspend a site", takes=ReasonDraft, gives=SuspensionShape, status=201)
    def post(self, request: Request, pk: str) -> Response:
        """Its pages answer 503 until it is resumed; nothing is deleted."""
        suspension = self.association(pk).suspend(by=operator_of(request), **self.body(ReasonDraft))
        return self.answer(SuspensionShape, suspension, status=201)

    @endpoint("Resume a site", status=204)
    def delete(self, request: Request, pk: str) -> Response:
        self.association(pk).resume(by=operator_of(request))
        return Response(status=204)
