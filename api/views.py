"""What all endpoints share: reading a body into a shape, answering a page, and being described in the document."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, ClassVar, cast

from django.contrib.auth.models import AnonymousUser
from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import exceptions, serializers
from rest_framework.pagination import CursorPagination
from rest_framework.permissions import AllowAny, BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer, Serializer
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from api import once
from api.pagination import NewestFirst
from api.permissions import IsCityStaff, IsMember, May, city_staff_of, member_of
from api.problems import CONTENT_TYPE as PROBLEM
from api.shapes import MOST, Versioned
from api.throttles import CallerThrottle
from controlplane.cities.models import City
from controlplane.sending.models import DoneMeanwhile, Taken
from controlplane.tenancy.routing import Site
from tenants.members.models import Act, Member

Shape = type[BaseSerializer[Any]]


class KairanView(APIView):
    throttle_classes: Sequence[type[BaseThrottle]] = (CallerThrottle,)
    pagination_class: ClassVar[type[CursorPagination]] = NewestFirst

    is_told_again: ClassVar[bool] = True  # to whoever sends the same under the same key
    taken: Taken | None = None  # the mark of a POST that came with a key

    def perform_authentication(self, request: Request) -> None:
        """Counted before anything is refused: a token that is none, and what somebody may not do, cost as well."""
        try:
            super().perform_authentication(request)
        except exceptions.AuthenticationFailed:
            request.user = AnonymousUser()
            super().check_throttles(request)
            raise
        super().check_throttles(request)

    def check_throttles(self, request: Request) -> None:
        """It has been counted."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self.taken = once.claim(request) if self.is_told_again else None

    def handle_exception(self, error: Exception) -> Response:
        if isinstance(error, DoneMeanwhile):
            self.taken, error = None, once.SentBefore(error.taken.answer or "{}")
        return error.response if isinstance(error, once.SentBefore) else super().handle_exception(error)

    def finalize_response(self, request: Any, response: Any, *args: Any, **kwargs: Any) -> Any:
        if self.taken is not None:
            once.settle(self.taken, response)
        return super().finalize_response(request, response, *args, **kwargs)

    def body(self, shape: Shape, *, partial: bool = False) -> dict[str, Any]:
        """The request's body in this shape, or 400 by field."""
        return self._checked(shape(data=self.request.data, partial=partial, context=self.shape_context()))

    def change(self, shape: type[Versioned], *, whole: bool = False) -> dict[str, Any]:
        """What is to be changed, as far as the body names it, with the version it was made to, if that is said."""
        told = self.body(shape, partial=not whole)
        named = self.request.headers.get("If-Match", "*")
        if "version" in told or named == "*":
            return told
        found = re.fullmatch(r'(?:W/)?"?([0-9]{1,10})"?', named.strip())
        if found is None or int(found[1]) > MOST:
            raise serializers.ValidationError({"version": _("If-Match には、版の数字を1つ入れてください。")})
        return told | {"version": int(found[1])}

    def current(self) -> Any:
        """What stands at this address: told to whom saved second."""
        answer: Response = self.get(self.request, **self.kwargs)  # type: ignore[attr-defined]  # where there is a PATCH
        return answer.data

    def query(self, shape: Shape) -> dict[str, Any]:
        """The query string in this shape, or 400 by field. What is left empty is not asked for."""
        asked = {name: value for name, value in self.request.query_params.items() if value}
        return self._checked(shape(data=asked, context=self.shape_context()))

    def answer(self, shape: Shape, thing: object, status: int = 200) -> Response:
        return Response(shape(thing, context=self.shape_context()).data, status=status)

    def page(self, shape: Shape, rows: Iterable[Any], **context: Any) -> Response:
        """One page of the rows, as `results` with links to the next and the previous."""
        paginator = self.pagination_class()
        found: Any = paginator.paginate_queryset(cast(Any, rows), self.request, self)
        return paginator.get_paginated_response(shape(found, many=True, context=self.shape_context() | context).data)

    def shape_context(self) -> dict[str, Any]:
        return {"request": self.request}

    def _checked(self, serializer: BaseSerializer[Any]) -> dict[str, Any]:
        serializer.is_valid(raise_exception=True)
        return dict(serializer.validated_data)


class PublicView(KairanView):
    """Anybody may call."""

    permission_classes = (AllowAny,)


class SiteView(KairanView):
    """For admitted members of a site; methods that `acts` names, for those who may."""

    acts: ClassVar[Mapping[str, Act]] = {}

    def get_permissions(self) -> list[BasePermission]:
        method = "GET" if self.request.method == "HEAD" else self.request.method or ""
        act = self.acts.get(method)
        return [May(act) if act else IsMember()]

    @property
    def member(self) -> Member:
        return cast(Member, member_of(self.request))

    @property
    def site(self) -> Site:
        return cast(Site, self.request.site)

    def shape_context(self) -> dict[str, Any]:
        return super().shape_context() | {"member": member_of(self.request)}


class CityView(KairanView):
    """For a city's staff, about that city."""

    permission_classes = (IsCityStaff,)

    def city(self, slug: str) -> City:
        staff = city_staff_of(self.request)
        if staff is None or staff.city.slug != slug:
            raise Http404
        return staff.city

    @property
    def by(self) -> str:
        staff = city_staff_of(self.request)
        return staff.name if staff else ""


class Problem(Serializer[Any]):
    """RFC 9457 problem details."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField(allow_blank=True)
    errors = serializers.DictField(required=False, help_text="What is wrong, by field.")  # type: ignore[assignment]
    plan = serializers.CharField(required=False, help_text="402 only: the plan that has the feature.")
    feature = serializers.CharField(required=False, help_text="402 only: the feature that is off.")
    current = serializers.DictField(
        required=False, help_text="409 only, when somebody else saved first: what GET answers now."
    )


ALWAYS = (400, 401, 404, 406, 429)
IF_MATCH = OpenApiParameter(
    "If-Match", str, OpenApiParameter.HEADER, description="The version, instead of in the body."
)

Method = Callable[..., HttpResponse]


def endpoint(
    summary: str,
    *,
    takes: Shape | Mapping[str, Any] | None = None,
    gives: Any = None,
    status: int = 200,
    media_type: str = "application/json",
    refuses: Iterable[int] = (),
    query: Sequence[OpenApiParameter | Shape] = (),
    named: str | None = None,
) -> Callable[[Method], Method]:
    """Describe a method for the OpenAPI document: what it takes, what it answers, what else may happen.

    `named` is its operationId where the address alone does not tell it from another.
    """

    def describe(method: Method) -> Method:
        creates = method.__name__ == "post"
        changes = isinstance(takes, type) and issubclass(takes, Versioned)
        refusals = {
            *ALWAYS,
            *refuses,
            *((415,) if takes else ()),
            *((422,) if creates else ()),
            *((409,) if changes else ()),
        }
        described = extend_schema(
            summary=summary,
            operation_id=named,
            request=takes,
            responses={(status, media_type): gives, **{(code, PROBLEM): Problem for code in sorted(refusals)}},
            parameters=cast(Any, [*query, *([once.KEY] if creates else []), *([IF_MATCH] if changes else [])]),
        )
        return described(method)

    return describe
