"""Groups (組・班)."""

from typing import Any, ClassVar

from django.shortcuts import get_object_or_404
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from api.pagination import InOrder
from api.shapes import VERSION, LineField, Versioned
from api.views import SiteView, endpoint
from tenants.members.models import Act, Group


class GroupShape(Serializer[Group]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    position = serializers.IntegerField()
    households = serializers.SerializerMethodField(help_text="For officers; null for others.")
    registered_households = serializers.SerializerMethodField(help_text="For officers; null for others.")
    version = serializers.IntegerField(help_text=VERSION)

    def get_households(self, group: Group) -> int | None:
        return self._count(group, "household_count")

    def get_registered_households(self, group: Group) -> int | None:
        return self._count(group, "registered_count")

    def _count(self, group: Group, name: str) -> int | None:
        known = self.context["member"].may(Act.KEEP_GROUPS)
        return int(group.__dict__[name]) if known else None


class GroupDraft(Serializer[Any]):
    name = LineField(max_length=40)


class GroupChange(Versioned, GroupDraft):
    pass


class GroupView(SiteView):
    pagination_class = InOrder

    acts: ClassVar = {"POST": Act.KEEP_GROUPS, "PATCH": Act.KEEP_GROUPS}

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

    @endpoint("Rename a group", takes=GroupChange, gives=GroupShape)
    def patch(self, request: Request, pk: int) -> Response:
        group = self.shown(pk)
        group.rename(by=self.member, **self.change(GroupChange, whole=True))
        return self.answer(GroupShape, group)
