"""Who I am on this host: account, role, member and household."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from api.permissions import SignedIn, city_staff_of, member_of, operator_of
from api.shapes import VERSION, LineField, Versioned
from api.v1.auth import CodeShape, redeem
from api.v1.households import HouseholdShape
from api.v1.members import MemberShape
from api.views import KairanView, SiteView, endpoint
from controlplane.accounts.models import User
from controlplane.accounts.ways import Way
from tenants.members.models import Act, Household, Member, Seat

ROLES = ("operator", "city", "officer", "leader", "member", "waiting")


class AccountShape(Serializer[User]):
    email = serializers.EmailField(allow_null=True)
    phone = serializers.CharField(allow_null=True)


class MeShape(Serializer[User]):
    account = AccountShape(source="*")
    role = serializers.SerializerMethodField()
    city = serializers.SerializerMethodField(help_text="City staff: the slug of their city.")
    member = serializers.SerializerMethodField()
    household = serializers.SerializerMethodField()
    version = serializers.SerializerMethodField(help_text=f"Of member and household together. {VERSION}")
    calendar_url = serializers.SerializerMethodField(help_text="The person's own iCalendar feed: the token is the key.")

    @extend_schema_field(serializers.ChoiceField(choices=ROLES, allow_null=True))
    def get_role(self, user: User) -> str | None:
        return _role_on_site(self._member) if self._request.site else _role_on_apex(self._request)

    def get_city(self, user: User) -> str | None:
        staff = city_staff_of(self._request)
        return staff.city.slug if staff else None

    @extend_schema_field(MemberShape(allow_null=True))
    def get_member(self, user: User) -> Any:
        if self._member is None:
            return None
        return MemberShape(self._member, context={**self.context, "seats": Seat.objects.in_bulk()}).data

    @extend_schema_field(HouseholdShape(allow_null=True))
    def get_household(self, user: User) -> Any:
        return HouseholdShape(self._member.household, context=self.context).data if self._member else None

    def get_version(self, user: User) -> int | None:
        return self._member.version_at_home if self._member else None

    @extend_schema_field(serializers.URLField(allow_null=True))
    def get_calendar_url(self, user: User) -> str | None:
        site: Any = self._request.site
        if self._member is None or not self._member.is_admitted:
            return None
        return str(site.url(f"/calendar.ics?token={self._member.calendar_token}"))

    @property
    def _request(self) -> Request:
        request: Request = self.context["request"]
        return request

    @property
    def _member(self) -> Member | None:
        return member_of(self._request)


class MeDraft(Versioned):
    """On a site only; on the apex host operations keep these."""

    name = LineField(max_length=60, required=False)
    kana = LineField(max_length=80, required=False, allow_blank=True)
    address = LineField(max_length=200, required=False, allow_blank=True)
    postal_code = LineField(max_length=8, required=False, allow_blank=True)
    channel = serializers.ChoiceField(choices=Household.Channel.choices, required=False)


class Me(KairanView):
    permission_classes = (SignedIn,)

    @endpoint("Who I am", gives=MeShape)
    def get(self, request: Request) -> Response:
        """`member` is null for an account that has not registered on this site."""
        return self.answer(MeShape, request.user)

    @endpoint("Change my name, address or how my household is reached", takes=MeDraft, gives=MeShape)
    def patch(self, request: Request) -> Response:
        changes = self.change(MeDraft)
        member = member_of(request)
        if member is None or not member.is_admitted:
            raise PermissionError("Only an admitted member has something to change here.")
        member.correct_at_home(**changes)
        return self.answer(MeShape, request.user)

    def shape_context(self) -> dict[str, Any]:
        return super().shape_context() | {"member": member_of(self.request)}


class Contacts(SiteView):
    acts: ClassVar = {"POST": Act.MIND_ONESELF}

    @endpoint("Add a way in, or change one", takes=CodeShape, gives=MeShape)
    def post(self, request: Request) -> Response:
        """A code of `POST /auth/code/` proves the contact; it replaces one of the same kind.

        Whoever had the others is told and may object for three days. All other sessions and tokens end.
        """
        given = self.body(CodeShape)
        redeem(request, given)
        self.member.add_contact(given["contact"], way=Way.of(request))
        return self.answer(MeShape, self.member.user)


def _role_on_site(member: Member | None) -> str | None:
    if member is None:
        return None
    if not member.is_admitted:
        return "waiting"
    return "officer" if member.is_officer else "leader" if member.is_leader else "member"


def _role_on_apex(request: Request) -> str | None:
    if operator_of(request):
        return "operator"
    return "city" if city_staff_of(request) else None
