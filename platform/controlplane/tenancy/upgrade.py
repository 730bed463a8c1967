"""Bringing an existing schema to this release: migrations run once for real in a scratch schema, their SQL replayed.

A plan is made per starting point (a set of applied migrations). One with data migrations is not replayed: those run in
Django, schema by schema.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.operations import RunPython, RunSQL

from controlplane.tenancy import template

Name = tuple[str, str]
LOCK_TIMEOUT = "2s"  # rather give way to a reader and try again than queue everybody behind us


@dataclass(frozen=True)
class Plan:
    """What leads from one set of applied migrations to the release."""

    missing: tuple[Name, ...]
    statements: tuple[str, ...]
    replayable: bool


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
    return Plan(missing, tuple(statements), replayable)


def apply(schema: str, steps: Plan) -> None:
    """Carry a plan out on one schema, in one transaction when it can be replayed. Raises OperationalError on a lock."""
    if not steps.replayable:
        template.migrate(schema)
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('search_path', %s, true), set_config('lock_timeout', %s, true)",
            [f'"{schema}", extensions', LOCK_TIMEOUT],
        )
        cursor.execute(";\n".join((*steps.statements, template.history(steps.missing))))


def _targets(executor: MigrationExecutor, applied: frozenset[Name]) -> list[Name]:
    """The applied migrations that no other applied one builds on."""
    graph = executor.loader.graph
    known = [name for name in sorted(applied) if name in graph.nodes]
    return [name for name in known if not any(child.key in applied for child in graph.node_map[name].children)]


def _touches_data(migration: Any) -> bool:
    return any(isinstance(operation, RunPython | RunSQL) for operation in migration.operations)


@contextmanager
def _recorded() -> Iterator[list[str]]:
    """Collect the definitions that pass through the connection; what Django looks up or notes down is left out."""
    statements: list[str] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if str(sql).lstrip().upper().startswith(("CREATE ", "ALTER ", "DROP ", "COMMENT ")):
            statements.append(str(sql))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield statements
