"""The compiled template: migrations run once per release, in a scratch schema; each association replays the result."""

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from psycopg import sql

from controlplane.tenancy import catalog, pooler
from controlplane.tenancy.binding import UNBOUND, current_or_none, public, put_back, search_path
from controlplane.tenancy.models import Template

_HISTORY = "INSERT INTO django_migrations (app, name, applied) VALUES {}"


@cache
def release() -> frozenset[tuple[str, str]]:
    """Every migration of this release, read from disk once per process."""
    return frozenset(MigrationLoader(None).graph.nodes)


@cache
def release_fingerprint() -> str:
    return fingerprint(release())


def fingerprint(migrations: Iterable[tuple[str, str]]) -> str:
    """What a release, or the set of migrations a schema has applied, is known by."""
    return hashlib.sha256(repr(sorted(migrations)).encode()).hexdigest()


def standing() -> str:
    """The fingerprint of the migrations that the schema under the current search path shows as applied."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT app, name FROM django_migrations")
        return fingerprint(cursor.fetchall())


def compiled() -> str | None:
    """Return the release's SQL, or None before `manage.py migrate` has compiled it."""
    try:
        return _compiled()
    except Template.DoesNotExist:
        return None


@cache
def _compiled() -> str:
    """A release's SQL never changes, so one look is enough for a process."""
    with public():
        return Template.objects.get(fingerprint=release_fingerprint()).ddl


def compile_release() -> None:
    """Migrate a scratch schema for real, read it back as SQL, keep that, drop the scratch. A no-op when it is there."""
    if compiled() is not None:
        return
    name = f"scratch_{release_fingerprint()[:16]}"
    with scratch(name):
        migrate(name)
        with pinned(name):
            text = f"{catalog.ddl(name)};\n{history(release())}"
    with public():
        facts = {"ddl": text, "migrations": sorted(release())}
        Template.objects.get_or_create(fingerprint=release_fingerprint(), defaults=facts)


def migrate(name: str) -> None:
    """Run the migrations a schema is missing, one after the other."""
    with pinned(name):
        executor = MigrationExecutor(connection)
        executor.migrate(executor.loader.graph.leaf_nodes())


@contextmanager
def pinned(schema: str) -> Iterator[None]:
    """Pin the session to one schema while migrations run their own transactions; nothing else may be under way."""
    if current_or_none() is not None:
        raise RuntimeError("Migrations run outside bindings.")
    pooler.refuse_session_work()
    wrapper: Any = connection  # django-tenants' router reads its schema_name
    outer = wrapper.schema_name
    wrapper.set_schema(schema)
    _set_session_path(search_path(schema))
    try:
        yield
    finally:
        wrapper.set_schema(outer)
        if connection.is_usable():
            _set_session_path(UNBOUND)
        else:
            connection.close()  # the next connection opens unbound


def _set_session_path(path: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('search_path', %s, false)", [path])


def replay(schema: str, ddl: str) -> None:
    """Make the tables in an empty schema, all or none."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('search_path', %s, true)", [search_path(schema)])
        cursor.execute(ddl)
    put_back()


def history(names: Iterable[tuple[str, str]]) -> str:
    """The SQL that notes these migrations as applied."""
    rows = ", ".join(f"('{app}', '{name}', now())" for app, name in sorted(names))
    return _HISTORY.format(rows)


@contextmanager
def scratch(name: str) -> Iterator[None]:
    """A schema to try things in, gone afterwards. One at a time: threads and commands that want the same one wait."""
    if name.startswith("a_"):
        raise ValueError("An association's own schema is dropped by `schemas.drop` alone.")
    pooler.refuse_session_work()
    _execute(sql.SQL("SELECT pg_advisory_lock(hashtext({}))").format(sql.Literal(name)))
    try:
        _drop(name)  # what a killed process left behind
        _execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(name)))
        yield
    finally:
        _drop(name)
        _execute(sql.SQL("SELECT pg_advisory_unlock(hashtext({}))").format(sql.Literal(name)))


def _drop(schema: str) -> None:
    _execute(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(sql.Identifier(schema)))


def _execute(statement: sql.Composed) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
