"""Hot statements: their text compiled once per process by the ORM, kept prepared by PostgreSQL once per association."""

from typing import Any, cast

from django.db import connection
from django.db.models import QuerySet

from controlplane.tenancy.backend.base import DatabaseWrapper
from controlplane.tenancy.backend.prepared import Statement
from controlplane.tenancy.binding import current


def text_of(queryset: "QuerySet[Any, Any]") -> str:
    """The statement a queryset stands for, its values written into it; safe to run with parameters of one's own."""
    sql, params = queryset.query.sql_with_params()
    with connection.cursor() as cursor:
        text: str = cursor.mogrify(sql, params)
    return text.replace("%", "%%")


def rows(text: str, value: str) -> list[tuple[Any, ...]]:
    """Run a statement with its one parameter, `%s`, under the current binding.

    Each association has its own plan: under another one's search path PostgreSQL would throw a plan away.
    """
    wrapper, schema = cast(DatabaseWrapper, connection), current().schema
    at_once = wrapper.at_once(Statement(schema, text % "$1"), value)
    if at_once is not None:
        return at_once
    with wrapper.prepared_cursor() as cursor:
        cursor.execute(f"/* {schema} */ {text}", [value])
        return cast("list[tuple[Any, ...]]", cursor.fetchall())
