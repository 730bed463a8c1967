"""Bringing an existing schema to this release: migrations run once for real in a scratch schema, their SQL replayed.

A plan is made per starting point (a set of applied migrations) and kept, by `manage.py migrate` for the release before
this one. One with data migrations is not replayed: those run in Django, schema by schema.
"""

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

from django.db import DataError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.operations import RunPython, RunSQL

from controlplane.tenancy import template
from controlplane.tenancy.binding import public, search_path
from controlplane.tenancy.models import Template, Upgrade

Name = tuple[str, str]
LOCK_TIMEOUT = "2s"  # rather give way to a reader and try again than queue everybody behind us
ELSEWHERE = "stands elsewhere: "
# Without BEGIN: PostgreSQL takes statements sent in one exchange as one transaction. Its commit does not wait for the
# disk: what a crash undoes, fingerprint included, is migrated again. A schema that does not show exactly the migrations
# the plan starts from ends it all by an error, which names what it shows.
_EXCHANGE = """
SELECT set_config('search_path', '{path}', true), set_config('lock_timeout', '{timeout}', true),
       set_config('synchronous_commit', 'off', true);
SELECT CASE WHEN shown = '{digest}' THEN 0 ELSE ('{elsewhere}' || shown)::int END
  FROM (SELECT coalesce(md5(string_agg(app || '.' || name, ',' ORDER BY app COLLATE "C", name COLLATE "C")), '') shown
          FROM django_migrations) m
"""
_NOT_OF_THE_MIGRATION = ("SELECT", "SAVEPOINT", "RELEASE", "ROLLBACK", 'INSERT INTO "django_migrations"')


@dataclass(frozen=True)
class Plan:
    """What leads from one set of applied migrations to the release."""

    start: str  # fingerprint of the applied migrations it starts from
    digest: str  # the same as PostgreSQL makes it of a schema's own table
    missing: tuple[Name, ...]
    statements: tuple[str, ...]
    replayable: bool

    @property
    def text(self) -> str:
        """The plan as one text of SQL, the note of what was applied included."""
        return ";\n".join((*self.statements, template.history(self.missing))) if self.missing else ""


def plan(applied: Iterable[Name]) -> Plan:
    """What a schema with exactly these migrations is missing: as it is kept, or worked out and kept. Call unbound."""
    found = frozenset(applied)
    steps = kept().get(template.fingerprint(found))
    if steps is None:
        steps = _work_out(found)
        _keep(steps)
    return steps


def kept() -> dict[str, Plan]:
    """The plans that lead to this release, by the fingerprint of their start."""
    with public():
        found = Upgrade.objects.filter(release=template.release_fingerprint())
        return {row.start: _read(row.start, row.plan) for row in found}


def prepare() -> None:
    """Have the plan ready that most of a fleet will need: from the release before this one."""
    with public():
        before = Template.objects.exclude(fingerprint=template.release_fingerprint()).order_by("-created_at").first()
    if before and before.migrations:
        plan((app, name) for app, name in before.migrations)


def carry_out(schema: str, steps: Plan, *, note: str = "") -> bool:
    """Replay a plan and the caller's own `note` of it in one exchange and one transaction of their own.

    False when the schema does not stand where the plan begins: nothing was done. Raises OperationalError on a lock.
    """
    settle = _EXCHANGE.format(path=search_path(schema), timeout=LOCK_TIMEOUT, digest=steps.digest, elsewhere=ELSEWHERE)
    try:
        with connection.cursor() as cursor:
            cursor.execute(";\n".join(filter(None, (settle, steps.text, note))))
    except DataError as error:
        if ELSEWHERE in str(error):
            return False
        raise
    return True


def _work_out(applied: frozenset[Name]) -> Plan:
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
    return Plan(template.fingerprint(applied), _digest(applied), missing, tuple(statements), replayable)


def _digest(applied: Iterable[Name]) -> str:
    names = ",".join(f"{app}.{name}" for app, name in sorted(applied))
    return hashlib.md5(names.encode(), usedforsecurity=False).hexdigest() if names else ""


def _keep(steps: Plan) -> None:
    with public():
        Upgrade.objects.get_or_create(
            start=steps.start, release=template.release_fingerprint(), defaults={"plan": asdict(steps)}
        )


def _read(start: str, row: dict[str, Any]) -> Plan:
    missing = tuple((app, name) for app, name in row["missing"])
    return Plan(start, row["digest"], missing, tuple(row["statements"]), row["replayable"])


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
