"""Runs: how far the making of a site has come."""

from django.shortcuts import get_object_or_404
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from api.permissions import IsOperator, operator_of
from api.views import KairanView, endpoint
from provisioning.models import Run, Step


class StepShape(Serializer[Step]):
    name = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    state = serializers.ChoiceField(choices=Step.State.choices)
    attempts = serializers.IntegerField()
    error = serializers.CharField(allow_blank=True)
    started_at = serializers.DateTimeField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)


class RunShape(Serializer[Run]):
    id = serializers.IntegerField()
    association = serializers.UUIDField(source="association_id")
    state = serializers.ChoiceField(choices=Run.State.choices)
    steps = StepShape(many=True)
    created_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)


class RunDetail(KairanView):
    permission_classes = (IsOperator,)

    @endpoint("A run and its steps", gives=RunShape)
    def get(self, request: Request, pk: int) -> Response:
        return self.answer(RunShape, get_object_or_404(Run.objects.prefetch_related("steps"), pk=pk))


class Retry(KairanView):
    permission_classes = (IsOperator,)

    @endpoint("Give a failed run another chance", gives=RunShape, status=202)
    def post(self, request: Request, pk: int) -> Response:
        """From the step it stopped at. A run that has not failed goes on as it was."""
        run = get_object_or_404(Run, pk=pk)
        run.retry(by=operator_of(request))
        return self.answer(RunShape, run, status=202)
