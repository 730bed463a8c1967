"""The roster: members, their admission. Contact data is shown to officers and to oneself only."""

from typing import Any, ClassVar

from django.db.models import Q
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from api.pagination import InOrder
from api.permissions import May, SignedIn
from api.shapes import VERSION, GroupRef, LineField, SeatRef, Versioned, reachable
from api.views import SiteView, endpoint
from tenants.members.models import Act, Group, Household, Invitation, Member, Seat


class Contact(Serializer[Member]):
    email = serializers.EmailField(source="user.email", default=None, allow_null=True)
    phone = serializers.CharField(source="user.phone", default=None, allow_null=True)
    address = serializers.SerializerMethodField()
    postal_code = serializers.SerializerMethodField()

    def get_address(self, member: Member) -> str:
        return member.household.address if self._is_open(member) else ""

    def get_postal_code(self, member: Member) -> str:
        return member.household.postal_code if self._is_open(member) else ""

    def _is_open(self, member: Member) -> bool:
        return member.household.shows_address_to(self.context["member"])


class MemberShape(Serializer[Member]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    kana = serializers.CharField(allow_blank=True)
    state = serializers.SerializerMethodField()
    group = GroupRef(source="household.group", allow_null=True)
    household = serializers.IntegerField(source="household_id")
    seats = serializers.SerializerMethodField()
    registered_at = serializers.DateTimeField()
    version = serializers.IntegerField(help_text=VERSION)
    contact = serializers.SerializerMethodField()

    @extend_schema_field(serializers.ChoiceField(choices=["waiting", "admitted"]))
    def get_state(self, member: Member) -> str:
        return "admitted" if member.is_admitted else "waiting"

    @extend_schema_field(SeatRef(many=True))
    def get_seats(self, member: Member) -> Any:
        return [SeatRef(self.context["seats"][pk]).data for pk in member.__dict__["seat_ids"]]

    @extend_schema_field(Contact(allow_null=True, help_text="Null unless the caller is an officer or this member."))
    def get_contact(self, member: Member) -> Any:
        viewer: Member = self.context["member"]
        known = viewer.may(Act.SEE_SEATS) or viewer.pk == member.pk
        return Contact(member, context=self.context).data if known else None


class RegistrationShape(Serializer[Any]):
    name = LineField(max_length=60)
    kana = LineField(max_length=80, required=False, allow_blank=True)
    group = reachable(Group, lambda member: Group.objects.all(), required=False, allow_null=True)
    address = LineField(max_length=200, required=False, allow_blank=True)
    postal_code = LineField(max_length=8, required=False, allow_blank=True)
    invitation = serializers.CharField(
        max_length=40, required=False, allow_blank=True, help_text="The code of an invitation, which admits at once."
    )


class NameShape(Versioned):
    name = LineField(max_length=60, required=False)
    kana = LineField(max_length=80, required=False, allow_blank=True)


class RosterQuery(Serializer[Any]):
    state = serializers.ChoiceField(choices=["waiting", "admitted"], required=False, help_text="waiting: officers only")
    group = serializers.IntegerField(required=False, min_value=1)


class RosterView(SiteView):
    pagination_class = InOrder

    def shape_context(self) -> dict[str, Any]:
        return super().shape_context() | {"seats": Seat.objects.in_bulk()}

    def roster(self) -> Any:
        """Those of the homes one knows, as on the pages, and oneself; officers see those who wait, too."""
        people = Member.objects.present() if self.member.may(Act.ADMIT) else Member.objects.admitted()
        homes = Household.objects.known_to(self.member).values("pk")
        return people.filter(Q(household__in=homes) | Q(pk=self.member.pk)).with_seats()


class Members(RosterView):
    def get_permissions(self) -> list[BasePermission]:
        return [SignedIn() if self.request.method == "POST" else May(Act.SEE_ROSTER)]

    @endpoint("The roster", gives=MemberShape(many=True), query=[RosterQuery])
    def get(self, request: Request) -> Response:
        """Officers see everybody, leaders the people of their own groups."""
        wanted = self.query(RosterQuery)
        people = self.roster()
        if "state" in wanted:
            people = people.filter(admitted_at__isnull=wanted["state"] == "waiting")
        if "group" in wanted:
            people = people.filter(household__group=wanted["group"])
        return self.page(MemberShape, people)

    @endpoint("Register oneself", takes=RegistrationShape, gives=MemberShape, status=201, refuses=(409,))
    def post(self, request: Request) -> Response:
        """For a signed-in account that is not a member yet. An officer admits, or the invitation does at once."""
        given = self.body(RegistrationShape)
        code = given.pop("invitation", "")
        invitation = Invitation.objects.open(code) if code else None
        member = Member.objects.register(request.user, invitation=invitation, **given)
        member.ask_for_admission(site_name=self.site.name, url=self.site.url("/members/waiting/"))
        registered = Member.objects.for_user(request.user)
        context = self.shape_context() | {"member": registered}
        return Response(MemberShape(registered, context=context).data, status=201)


class MemberDetail(RosterView):
    @endpoint("One member", gives=MemberShape)
    def get(self, request: Request, pk: int) -> Response:
        return self.answer(MemberShape, get_object_or_404(self.roster(), pk=pk))

    @endpoint("Correct a name", takes=NameShape, gives=MemberShape)
    def patch(self, request: Request, pk: int) -> Response:
        """Officers correct anybody's, everybody their own."""
        self._found(pk).correct(by=self.member, **self.change(NameShape))
        return self.answer(MemberShape, get_object_or_404(self.roster(), pk=pk))

    @endpoint("Leave the association", status=204)
    def delete(self, request: Request, pk: int) -> Response:
        """Officers take anybody out of the roster, everybody themselves."""
        self._found(pk).leave(by=self.member)
        return Response(status=204)

    def _found(self, pk: int) -> Member:
        member: Member = get_object_or_404(self.roster(), pk=pk)
        return member


class Admission(RosterView):
    acts: ClassVar = {"POST": Act.ADMIT, "DELETE": Act.ADMIT}

    @endpoint("Admit a member", gives=MemberShape)
    def post(self, request: Request, pk: int) -> Response:
        person = get_object_or_404(Member.objects.present(), pk=pk)
        if not person.is_admitted:
            person.admit(by=self.member)
            person.send_welcome(site_name=self.site.name, url=self.site.url())
        return self.answer(MemberShape, get_object_or_404(self.roster(), pk=pk))

    @endpoint("Turn a registration down", status=204)
    def delete(self, request: Request, pk: int) -> Response:
        get_object_or_404(Member.objects.present(), pk=pk).decline(by=self.member)
        return Response(status=204)
