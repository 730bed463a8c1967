"""Bringing an existing schema to this release: migrations run once for real in a scratch schema, their SQL replayed.

A plan is made per starting point (a set of applied migrations). One with data migrations is not replayed: those run in
Django, schema by schema.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.operations import RunPython, RunSQL

from controlplane.tenancy import template
from controlplane.tenancy.binding import search_path

Name = tuple[str, str]
LOCK_TIMEOUT = "2s"  # rather give way to a reader and try again than queue everybody behind us
_SETTLE = """
SELECT set_config('search_path', %s, true), set_config('lock_timeout', %s, true),
       set_config('synchronous_commit', 'off', true)
"""
_NOT_OF_THE_MIGRATION = ("SELECT", "SAVEPOINT", "RELEASE", "ROLLBACK", 'INSERT INTO "django_migrations"')


@dataclass(frozen=True)
class Plan:
    """What leads from one set of applied migrations to the release."""

    start: str  # fingerprint of the applied migrations it starts from
    missing: tuple[Name, ...]
    statements: tuple[str, ...]
    replayable: bool

    @property
    def text(self) -> str:
        """The plan as one text of SQL, the note of what was applied included."""
        return ";\n".join((*self.statements, template.history(self.missing))) if self.missing else ""


def plan(applied: frozenset[Name]) -> Plan:
    """Work out, in a scratch schema, what a schema with exactly these migrations is missing. Call unbound."""
    scratch = f"upgrade_{template.release_fingerprint()[:16]}"
    with template.scratch(scratch), template.pinned(scratch):
        executor = MigrationExecutor(connection)
        executor.migrate(_targets(executor, applied))
        executor = MigrationExecutor(connection)
        steps = [migration for migration, _back in executor.migration_plan(executor.loader.graph.leaf_nodes())]
        replayable = not any(_touches_data(migration) for migration in steps)
        with _recorded() as statements:
            executor.migrate(executor.loader.graph.leaf_nodes())
    missing = tuple((migration.app_label, migration.name) for migration in steps)
    return Plan(template.fingerprint(applied), missing, tuple(statements), replayable)


def enter(schema: str) -> str:
    """Turn the current transaction towards this schema; return the fingerprint of what it shows as applied.

    Its commit will not wait for the disk: what a crash undoes, fingerprint included, is migrated again.
    """
    with connection.cursor() as cursor:
        cursor.execute(_SETTLE, [search_path(schema), LOCK_TIMEOUT])
    return template.standing()


def replay(steps: Plan, *, note: str = "") -> None:
    """Carry a replayable plan out where `enter` led, in the current transaction and together with the caller's own
    `note` of it: one exchange. Raises OperationalError on a lock.
    """
    text = ";\n".join(filter(None, (steps.text, note)))
    if text:
        with connection.cursor() as cursor:
            cursor.execute(text)


def _targets(executor: MigrationExecutor, applied: frozenset[Name]) -> list[Name]:
    """The applied migrations that no other applied one builds on."""
    graph = executor.loader.graph
    known = [name for name in sorted(applied) if name in graph.nodes]
    return [name for name in known if not any(child.key in applied for child in graph.node_map[name].children)]


def _touches_data(migration: Any) -> bool:
    return any(isinstance(operation, RunPython | RunSQL) for operation in migration.operations)


@contextmanager
def _recorded() -> Iterator[list[str]]:
    """Collect what changes definitions or rows, values written in; what Django looks up or notes down is left out."""
    statements: list[str] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if not str(sql).lstrip().startswith(_NOT_OF_THE_MIGRATION):
            statements.append(context["cursor"].mogrify(str(sql), params) if params else str(sql))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield statements
