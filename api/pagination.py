"""Cursor pagination: `results`, `next`, `previous`; a page neither skips nor repeats while others write.

The cursor is the last row's place in the whole order, compared as one row value, not an offset.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable
from datetime import datetime
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.core.exceptions import ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import F, Model, QuerySet
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan, TupleLessThan
from rest_framework.exceptions import NotFound
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from controlplane.tenancy import routing

MAX_CURSOR = 400


class Keyset(CursorPagination):
    """Pages through `order`, all ascending or all descending, ending in a unique field."""

    order: ClassVar[tuple[str, ...]]
    descending: ClassVar[bool] = True
    page_size: int = 20
    page_size_query_param = "page_size"
    max_page_size = 100

    def paginate_queryset(self, queryset: Any, request: Request, view: APIView | None = None) -> list[Any]:
        return self.settle(self.window(queryset, request))

    def window(self, queryset: Any, request: Request) -> Any:
        """The rows of the page asked for, in order, and one more to see whether there are others."""
        self.begin(request)
        size = self._size()
        self._backwards, self._place = self._read_cursor(queryset)
        down = self.descending != self._backwards
        found = self._ordered(queryset, down)
        if self._place:
            lookup = TupleLessThan if down else TupleGreaterThan
            found = found.filter(lookup(Tuple(*map(F, self.order)), self._place))
        return found[: size + 1]

    def first(self, queryset: Any) -> Any:
        """The rows of a first page of the usual size, and one more."""
        return self._ordered(queryset, self.descending)[: self.page_size + 1]

    def begin(self, request: Request) -> None:
        self.request, self._backwards, self._place = request, False, []

    def settle(self, rows: Iterable[Any]) -> list[Any]:
        """Take what `window` or `first` found; the links are known then."""
        size, rows = self._size(), list(rows)
        more, rows = len(rows) > size, rows[:size]
        self.rows = rows[::-1] if self._backwards else rows
        self.has_next = bool(rows) and (self._backwards or more)
        self.has_previous = bool(rows) and (more if self._backwards else bool(self._place))
        return self.rows

    def _size(self) -> int:
        return self.get_page_size(self.request) or self.page_size

    def _ordered(self, queryset: Any, down: bool) -> Any:
        return queryset.order_by(*(f"-{name}" if down else name for name in self.order))

    def get_next_link(self) -> str | None:
        return self._link(self.rows[-1], backwards=False) if self.has_next else None

    def get_previous_link(self) -> str | None:
        return self._link(self.rows[0], backwards=True) if self.has_previous else None

    def _read_cursor(self, queryset: QuerySet[Any]) -> tuple[bool, list[Any]]:
        text = self.request.query_params.get(self.cursor_query_param, "")
        if not text:
            return False, []
        try:
            backwards, *place = json.loads(urlsafe_b64decode(text[:MAX_CURSOR].encode()))
            return bool(backwards), [_value(queryset.model, *pair) for pair in zip(self.order, place, strict=True)]
        except (ValueError, TypeError, OverflowError, RecursionError, ValidationError) as error:
            raise NotFound(self.invalid_cursor_message) from error

    def _link(self, row: Any, *, backwards: bool) -> str:
        place = [backwards, *(getattr(row, name) for name in self.order)]
        cursor = urlsafe_b64encode(json.dumps(place, cls=_Exact).encode()).decode()
        query = self.request.query_params.dict() | {self.cursor_query_param: cursor}
        return f"{_origin(self.request)}{self.request.path}?{urlencode(query)}"


class Whole(CursorPagination):
    """Answers everything at once, in the same shape, where what is asked for has an end of its own."""

    def paginate_queryset(self, queryset: Any, request: Request, view: APIView | None = None) -> list[Any]:
        return list(queryset)

    def get_next_link(self) -> None:
        return None

    def get_previous_link(self) -> None:
        return None

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:
        return []


class Cut(Whole):
    """As Whole, of what has no end of its own: so many are given, and the answer says whether they are all."""

    cut = False

    def paginate_queryset(self, queryset: Any, request: Request, view: APIView | None = None) -> list[Any]:
        self.cut = queryset.cut
        return super().paginate_queryset(queryset, request, view)

    def get_paginated_response(self, data: Any) -> Response:
        return Response({**super().get_paginated_response(data).data, "cut": self.cut})

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        described = super().get_paginated_response_schema(schema)
        said = "There are more than these: ask for a shorter window, or from where the last one begins."
        described["properties"]["cut"] = {"type": "boolean", "description": said}
        return described


class NewestFirst(Keyset):
    order = ("pk",)


class InOrder(Keyset):
    order = ("pk",)
    descending = False


class PinnedFirst(Keyset):
    order = ("pinned", "publish_at", "pk")


class LatelyMovedFirst(Keyset):
    order = ("last_activity_at", "pk")


class LatelyPublishedFirst(Keyset):
    order = ("published_at", "pk")


class LatelyMadeFirst(Keyset):
    order = ("created_at", "pk")


class _Exact(DjangoJSONEncoder):
    """Moments to the microsecond: the encoder's own milliseconds would repeat rows."""

    def default(self, o: Any) -> Any:
        return o.isoformat() if hasattr(o, "isoformat") else super().default(o)


def _value(model: type[Model], name: str, written: Any) -> Any:
    field = model._meta.pk if name == "pk" else model._meta.get_field(name)
    value = field.to_python(written)  # type: ignore[union-attr]
    if value is None or (isinstance(value, int) and abs(value) >= 2**63):
        raise ValueError(name)
    if isinstance(value, datetime) and not 2000 <= value.year <= 2100:
        raise ValueError(name)
    return value


def page_link(request: Request, number: int) -> str:
    """The same question about another page, where a list stands beside what is told of all of it."""
    return f"{_origin(request)}{request.path}?{urlencode(request.query_params.dict() | {'page': number})}"


def _origin(request: Request) -> str:
    """Links are built from what we know of the host, never from the Host header."""
    site: Any = request.site
    return str(site.url("")) if site else routing.apex_url("")
