"""The one way in: `bound(association)` and `public()` bind a connection to a schema, local to a transaction.

A connection starts on a search path that does not exist, so a query outside a binding fails. Binding sets the search
path and the database role with one statement that PostgreSQL itself forgets at the end of the transaction, which holds
behind a pooler in transaction mode too.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
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

    `beside` names another schema of the association: one being filled for it, or its former one. `only_named` is a
    binding without a transaction: files and cache keys have their owner, and a query fails.
    """

    uuid: UUID | None
    beside: str = ""
    only_named: bool = False

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
def naming(association: Bindable | None) -> Iterator[None]:
    """Bind only what lies outside PostgreSQL, such as files, with no transaction held meanwhile: a query fails.

    None names what is the platform's own.
    """
    if open_transactions():
        raise RuntimeError("Inside a transaction use bound() or between_transactions(): this would let its binding go.")
    with _named(Binding(association.uuid if association else None, only_named=True)):
        yield


@contextmanager
def public() -> Iterator[None]:
    """Bind to the shared schema for the length of one transaction (or savepoint)."""
    with _bind(Binding(None)):
        yield


@contextmanager
def between_transactions() -> Iterator[None]:
    """Commit what was done so far and hold no transaction, no role and no lock until the end of the block.

    For whoever has to wait for another server in the middle of a request or task. Files and cache keys keep their owner
    (`naming`). Afterwards the same bindings stand again, in a new transaction: what is refused from then on undoes
    only what came after. Rows read before may have changed meanwhile: look again, under a lock, before relying on them.

    Only bindings can be let go of. Inside anybody else's `atomic` (a snapshot, a visit that only reads, a verb) this
    raises, because that promised to keep or undo all of it at once. Where no transaction is open nothing happens.
    In a test the runner's own transaction stays open around it all, and holds the locks until the test ends.
    """
    blocks = open_transactions()
    if not blocks:
        yield
        return
    binding = _may_be_let_go_of(blocks)
    _marks_move(lambda mark: mark.let_go())
    try:
        nowhere = _current.set(None)  # as at the end of any binding, for what waits for the commit
        try:
            _leave(blocks)
            with _named(replace(binding, only_named=True)):
                yield
        finally:
            _current.reset(nowhere)
    finally:
        for block in blocks:
            block.__enter__()
        _apply(binding)
        _marks_move(lambda mark: mark.take_up())


class Mark(Protocol):
    """What says in the transaction of some work that it is under way, such as the key of a form."""

    def let_go(self) -> None: ...

    def take_up(self) -> None: ...


def goes_along(mark: Mark) -> None:
    """Have a mark that was just made taken back where this transaction is let go of half way, and made in the next one.

    Committed with the first half it would say that work is done which may never be.
    """
    _marks.get().append((current(), mark))


def _marks_move(act: Callable[[Mark], None]) -> None:
    """Each under the binding it was made under."""
    for where, mark in _marks.get():
        token = _current.set(where)
        try:
            _apply(where)
            act(mark)
        finally:
            _current.reset(token)
            put_back()


def open_transactions() -> "Sequence[transaction.Atomic]":
    """The blocks that hold this connection's transaction, outermost first. What a test's runner opens is none."""
    return [block for block in connection.atomic_blocks if not getattr(block, "_from_testcase", False)]


def _may_be_let_go_of(blocks: "Sequence[transaction.Atomic]") -> Binding:
    """The binding that stands, if all that holds the transaction open is bindings and nothing has gone wrong in it."""
    ours = _held.get()
    if any(not any(block is each for each in ours) for block in blocks):
        raise RuntimeError("A transaction that is no binding's is open here: it cannot be left half way.")
    if connection.needs_rollback:
        raise transaction.TransactionManagementError("What was done so far has failed and cannot be committed.")
    return current()


def _leave(blocks: "Sequence[transaction.Atomic]") -> None:
    """Innermost first; the outermost commits, and what waited for the commit is done."""
    with ExitStack() as leaving:
        for block in blocks:
            leaving.push(block)
    if not connection.in_atomic_block:
        connection.unbind()  # type: ignore[attr-defined]  # tenancy.backend


@contextmanager
def _named(binding: Binding) -> Iterator[None]:
    token = _current.set(binding)
    if connection.in_atomic_block:  # a test's
        _apply(binding)
    try:
        yield
    finally:
        _current.reset(token)
        put_back()


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
_held: ContextVar["tuple[transaction.Atomic, ...]"] = ContextVar("kairan_held", default=())
_marks: ContextVar[list[tuple[Binding, Mark]]] = ContextVar("kairan_marks")


@contextmanager
def _bind(binding: Binding) -> Iterator[None]:
    block = transaction.atomic()
    held = _held.set((*_held.get(), block))
    marks = None if len(_held.get()) > 1 else _marks.set([])
    try:
        with block:
            _apply(binding)
            token = _current.set(binding)
            try:
                yield
            finally:
                _current.reset(token)
    finally:
        _held.reset(held)
        if marks:
            _marks.reset(marks)
        if not connection.in_atomic_block:
            connection.unbind()  # type: ignore[attr-defined]  # tenancy.backend
    put_back()


def put_back() -> None:
    """Apply the outer binding again: SET LOCAL outlives a released savepoint, so PostgreSQL does not do it for us."""
    if connection.in_atomic_block and not connection.needs_rollback:
        _apply(_current.get())


def _apply(binding: Binding | None) -> None:
    here = binding if binding and not binding.only_named else None
    path = search_path(here.schema) if here else UNBOUND  # hexadecimal digits and our own words: no quotes
    role = here.role if here else "none"
    statement = f"SELECT set_config('search_path', '{path}', true), set_config('role', '{role}', true)"
    connection.bind(statement)  # type: ignore[attr-defined]  # tenancy.backend
