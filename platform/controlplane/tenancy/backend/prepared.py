"""Statements that a session keeps prepared, run together with the binding they need, in one exchange."""

from collections import OrderedDict
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import Any
from weakref import WeakKeyDictionary

from psycopg.adapt import Transformer
from psycopg.errors import DuplicatePreparedStatement, InvalidSqlStatementName
from psycopg.pq import Escaping

from controlplane.tenancy.backend.exchange import exchange

MOST = 100  # in a session: each association's is a plan of its own, and all of them would fill the server's memory
Names = OrderedDict[str, None]  # what a session has prepared, the longest unused first
_NAMES = b"SELECT name FROM pg_prepared_statements WHERE name LIKE 'k\\_%' ORDER BY prepare_time"
_known: "WeakKeyDictionary[Any, Names]" = WeakKeyDictionary()


@dataclass(frozen=True)
class Statement:
    """A text with one parameter of type text, written `$1`, for one schema."""

    schema: str
    text: str

    @cached_property
    def name(self) -> str:
        return f"k_{sha256(f'{self.schema} {self.text}'.encode()).hexdigest()[:32]}"


def execute(connection: Any, binding: str, statement: Statement, value: str) -> list[tuple[Any, ...]]:
    """Bind and run; `binding` is local to the transaction that this exchange is."""
    names = _known.setdefault(connection, OrderedDict())
    try:
        return _run(connection, names, binding, statement, value)
    except (InvalidSqlStatementName, DuplicatePreparedStatement):  # after an exchange that failed half way, or DISCARD
        _look(connection, names)
    return _run(connection, names, binding, statement, value)


def _look(connection: Any, names: Names) -> None:
    """Take the names from the session itself: no transaction undoes what it prepared or forgot."""
    names.clear()
    answer = exchange(connection, _NAMES)
    names.update((str(answer.get_value(n, 0), "ascii"), None) for n in range(answer.ntuples))


def _run(connection: Any, names: Names, binding: str, statement: Statement, value: str) -> list[tuple[Any, ...]]:
    quoted = Escaping(connection.pgconn).escape_literal(value.encode()).decode()
    goes = next(iter(names)) if len(names) >= MOST and statement.name not in names else None
    text = f"{binding}; {_made(names, statement, goes)} EXECUTE {statement.name}({quoted})"
    answer = exchange(connection, text.encode())
    names[statement.name] = None
    names.move_to_end(statement.name)
    if goes:
        del names[goes]
    rows = Transformer(connection)
    rows.set_pgresult(answer)
    return rows.load_rows(0, answer.ntuples, tuple)


def _made(names: Names, statement: Statement, goes: str | None) -> str:
    """What has the session know the statement, and forget the one that was not used for longest."""
    if statement.name in names:
        return ""
    return f"{f'DEALLOCATE {goes};' if goes else ''} PREPARE {statement.name}(text) AS {statement.text};"
