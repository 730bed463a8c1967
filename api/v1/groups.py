"""Groups (組・班)."""

from typing import Any

from django.shortcuts import get_object_or_404
from rest_framework import serializers
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from api.pagination import InOrder
from api.permissions import IsMember, IsOfficer
from api.shapes import LineField
from api.views import SiteView, endpoint
from tenants.members.models import Group


class GroupShape(Serializer[Group]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    position = serializers.IntegerField()
    households = serializers.IntegerField(source="household_count")
    registered_households = serializers.IntegerField(source="registered_count")


class GroupDraft(Serializer[Any]):
    name = LineField(max_length=40)


class GroupView(SiteView):
    pagination_class = InOrder

    def get_permissions(self) -> list[BasePermission]:
        return [IsMember() if self.request.method == "GET" else IsOfficer()]

    def shown(self, pk: int) -> Group:
        return get_object_or_404(Group.objects.with_counts(), pk=pk)


class Groups(GroupView):
    @endpoint("Groups with their household counts", gives=GroupShape(many=True))
    def get(self, request: Request) -> Response:
        return self.page(GroupShape, Group.objects.with_counts())

    @endpoint("Add a group", takes=GroupDraft, gives=GroupShape, status=201)
    def post(self, request: Request) -> Response:
        group = Group.objects.add(self.body(GroupDraft)["name"], by=self.member)
        return self.answer(GroupShape, self.shown(group.pk), status=201)


class GroupDetail(GroupView):
    @endpoint("One group", gives=GroupShape)
    def get(self, request: Request, pk: int) -> Response:
        return self.answer(GroupShape, self.shown(pk))

    @endpoint("Rename a group", takes=GroupDraft, gives=GroupShape)
    def patch(self, request: Request, pk: int) -> Response:
        group = self.shown(pk)
        group.rename(self.body(GroupDraft)["name"], by=self.member)
        return self.answer(GroupShape, group)
