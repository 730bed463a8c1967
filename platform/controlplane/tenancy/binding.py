"""The one way in: `bound(association)` and `public()` bind a connection to a schema, local to a transaction.

A connection starts on a search path that does not exist, so a query outside a binding fails. Binding sets the search
path and the database role with one statement that PostgreSQL itself forgets at the end of the transaction, which holds
behind a pooler in transaction mode too.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

UNBOUND = "unbound"
PUBLIC = "public"


class Unbound(RuntimeError):
    """Something that belongs to one association was asked for outside `bound()` or `public()`."""


class Bindable(Protocol):
    """Whatever knows its association's uuid: an Association row, or the Site snapshot a request carries."""

    @property
    def uuid(self) -> UUID: ...


@dataclass(frozen=True, slots=True)
class At:
    """As much of an association as binding to it takes."""

    uuid: UUID


@dataclass(frozen=True, slots=True)
class Binding:
    """Where the current transaction stands: an association's schema, or `public` when `uuid` is None.

    `beside` names another schema of the association: one being filled for it, or its former one.
    """

    uuid: UUID | None
    beside: str = ""

    @property
    def schema(self) -> str:
        return self.beside or (schema_name(self.uuid) if self.uuid else PUBLIC)

    @property
    def role(self) -> str:
        """The role to act as; `none` is PostgreSQL's word for the login role itself."""
        if self.uuid is None or self.beside or not settings.ASSOCIATION_ROLES:
            return "none"
        return schema_name(self.uuid)

    @property
    def key(self) -> str:
        """The prefix of everything stored outside PostgreSQL: cache keys, object storage, log lines."""
        return self.uuid.hex if self.uuid else PUBLIC


def schema_name(uuid: UUID) -> str:
    """`a_<32 hex digits>`: the schema, and the role of the same name. Never the slug, which may change."""
    return f"a_{uuid.hex}"


def search_path(schema: str) -> str:
    """The schema alone, and the extensions: never `public` second."""
    return f'"{schema}", extensions'


@contextmanager
def bound(association: Bindable) -> Iterator[None]:
    """Bind to the association's schema and role for the length of one transaction (or savepoint)."""
    with _bind(Binding(association.uuid)):
        yield


@contextmanager
def bound_beside(association: Bindable, schema: str) -> Iterator[None]:
    """Bind to a schema that is not the association's own yet, or no longer; files and cache keys stay its own."""
    with _bind(Binding(association.uuid, schema)):
        yield


@contextmanager
def snapshot(association: Bindable, *, beside: str = "") -> Iterator[None]:
    """Bind read only and to one moment: what others write meanwhile is not seen. A transaction of its own."""
    with transaction.atomic(durable=True):
        with connection.cursor() as cursor:  # before the binding, which is a query already
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        with _bind(Binding(association.uuid, beside)):
            yield


@contextmanager
def naming(association: Bindable) -> Iterator[None]:
    """Bind only what lies outside PostgreSQL, such as files, with no transaction held meanwhile: a query fails."""
    if connection.in_atomic_block:
        raise RuntimeError("Inside a transaction use bound(): this would let go of its binding.")
    token = _current.set(Binding(association.uuid))
    try:
        yield
    finally:
        _current.reset(token)


@contextmanager
def public() -> Iterator[None]:
    """Bind to the shared schema for the length of one transaction (or savepoint)."""
    with _bind(Binding(None)):
        yield


@contextmanager
def unbound() -> Iterator[None]:
    """Forget the binding: what a worker's task or a new thread would see. Used where a caller must not be leaned on."""
    token = _current.set(None)
    if connection.in_atomic_block:
        _apply(None)
    try:
        yield
    finally:
        _current.reset(token)
        put_back()


def current() -> Binding:
    """Return the binding of this context, or raise Unbound."""
    binding = _current.get()
    if binding is None:
        raise Unbound("Bind first: with bound(association) or public().")
    return binding


def current_or_none() -> Binding | None:
    return _current.get()


def current_uuid() -> UUID:
    """Return the bound association's uuid; raise Unbound in `public` and outside a binding."""
    uuid = current().uuid
    if uuid is None:
        raise Unbound("This belongs to one association; `public` is bound.")
    return uuid


_current: ContextVar[Binding | None] = ContextVar("kairan_binding", default=None)


@contextmanager
def _bind(binding: Binding) -> Iterator[None]:
    try:
        with transaction.atomic():
            _apply(binding)
            token = _current.set(binding)
            try:
                yield
            finally:
                _current.reset(token)
    finally:
        if not connection.in_atomic_block:
            connection.unbind()  # type: ignore[attr-defined]  # tenancy.backend
    put_back()


def put_back() -> None:
    """Apply the outer binding again: SET LOCAL outlives a released savepoint, so PostgreSQL does not do it for us."""
    if connection.in_atomic_block and not connection.needs_rollback:
        _apply(_current.get())


def _apply(binding: Binding | None) -> None:
    path = search_path(binding.schema) if binding else UNBOUND  # hexadecimal digits and our own words: no quotes
    role = binding.role if binding else "none"
    statement = f"SELECT set_config('search_path', '{path}', true), set_config('role', '{role}', true)"
    connection.bind(statement)  # type: ignore[attr-defined]  # tenancy.backend
