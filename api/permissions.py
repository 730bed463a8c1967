"""Who may call. A refused permission answers 404 (see problems), an anonymous caller 401."""

from typing import Any, cast

from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from controlplane.accounts.models import User
from controlplane.associations.models import Operator
from controlplane.cities.models import CityStaff
from tenants.members.models import Act, Member


def member_of(request: Request) -> Member | None:
    """The caller's member on this site, asked for once per request."""
    return cast(Member | None, _once(request, "_kairan_member", lambda user: _on_site(request, user)))


def operator_of(request: Request) -> Operator | None:
    """The caller as one of operations, on the apex host only."""
    return cast(Operator | None, _once(request, "_kairan_operator", lambda user: _in_role(request, Operator, user)))


def city_staff_of(request: Request) -> CityStaff | None:
    """The caller as one of a city's staff, on the apex host only."""
    return cast(CityStaff | None, _once(request, "_kairan_city_staff", lambda user: _in_role(request, CityStaff, user)))


class SignedIn(BasePermission):
    """Any account of this host; false for the anonymous makes DRF answer 401."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        return bool(request.user and request.user.is_authenticated)


class IsMember(SignedIn):
    def has_permission(self, request: Request, view: APIView) -> bool:
        member = member_of(request)
        return bool(member and member.is_admitted)


class May(SignedIn):
    """Those who may do this to anything at all; to what, the verb asks."""

    def __init__(self, act: Act) -> None:
        self.act = act

    def has_permission(self, request: Request, view: APIView) -> bool:
        member = member_of(request)
        return bool(member and member.may(self.act))


class IsOperator(SignedIn):
    def has_permission(self, request: Request, view: APIView) -> bool:
        return operator_of(request) is not None


class IsCityStaff(SignedIn):
    def has_permission(self, request: Request, view: APIView) -> bool:
        return city_staff_of(request) is not None


def _once(request: Request, name: str, find: Any) -> Any:
    """Kept on the request; nothing is asked for the anonymous."""
    if name not in request.__dict__:
        request.__dict__[name] = find(request.user) if request.user.is_authenticated else None
    return request.__dict__[name]


def _in_role(request: Request, role: type[Operator] | type[CityStaff], user: User) -> Operator | CityStaff | None:
    return role.objects.filter(user=user).first() if request.site is None else None


def _on_site(request: Request, user: User) -> Member | None:
    return Member.objects.for_user(user) if request.site is not None else None
