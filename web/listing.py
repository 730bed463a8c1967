"""Long lists of staff's desks: sorting by a column and turning pages, all by plain links."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.http import content_disposition_header

PER_PAGE = 50


def asked(request: HttpRequest, name: str) -> str:
    """What a filter of this name was given, cut to a sane length and without the one sign PostgreSQL refuses."""
    return request.GET.get(name, "").replace("\0", "")[:100].strip()


@dataclass(frozen=True)
class Header:
    """A column's head: where a click leads, and which way it is sorted now ("" | up | down)."""

    href: str
    direction: str


class Sorting:
    """`?sort=name` or `?sort=-name`, for the columns that are named; anything else means the default.

    A page with two lists gives the second one a parameter of its own.
    """

    def __init__(self, request: HttpRequest, columns: Mapping[str, str], default: str, parameter: str = "sort") -> None:
        self.parameter = parameter
        wanted = request.GET.get(parameter, default)
        self.column, self.down = wanted.removeprefix("-"), wanted.startswith("-")
        if self.column not in columns:
            self.column, self.down = default.removeprefix("-"), default.startswith("-")
        self.field = columns[self.column]
        self.headers = {name: self._header(request, name) for name in columns}

    def sort(self, rows: QuerySet[Any, Any]) -> QuerySet[Any, Any]:
        return rows.order_by(f"-{self.field}" if self.down else self.field, "pk")

    def _header(self, request: HttpRequest, name: str) -> Header:
        mine = name == self.column
        query = request.GET.copy()
        query.pop("page", None)
        query[self.parameter] = f"-{name}" if mine and not self.down else name
        return Header(f"?{query.urlencode()}", ("down" if self.down else "up") if mine else "")


@dataclass(frozen=True)
class Turning:
    """One page of a list, and the links to those beside it."""

    page: Page[Any]
    previous: str
    next: str


def turn(
    request: HttpRequest, rows: QuerySet[Any, Any], per_page: int = PER_PAGE, parameter: str = "page", part: str = ""
) -> Turning:
    """The page the reader asks for; a number that is none, or too high, is the nearest there is.

    A second list on a page has a parameter of its own; `part` is where on the page the list is.
    """
    return beside(request, Paginator(rows, per_page).get_page(request.GET.get(parameter)), parameter, part)


def beside(request: HttpRequest, page: Page[Any], parameter: str = "page", part: str = "") -> Turning:
    """A page with the links to its neighbours."""

    def link(number: int) -> str:
        query = request.GET.copy()
        query[parameter] = str(number)
        return f"?{query.urlencode()}{part}"

    return Turning(
        page,
        link(page.previous_page_number()) if page.has_previous() else "",
        link(page.next_page_number()) if page.has_next() else "",
    )


def csv_download(text: str, name: str) -> HttpResponse:
    """A .csv file to keep."""
    disposition = content_disposition_header(as_attachment=True, filename=name)
    return HttpResponse(text, content_type="text/csv; charset=utf-8", headers={"Content-Disposition": disposition})
