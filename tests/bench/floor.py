"""The floor: what PostgreSQL itself needs for the same work, without Django."""

import json
import os
import threading
from pathlib import Path

import psycopg
from psycopg import sql

from tests.bench import measure

FOLDER = Path(os.environ["BENCH_FOLDER"])
URL = os.environ["DATABASE_URL"]
MIGRATION = "ALTER TABLE {0}.feed_post ADD COLUMN floor varchar(20); CREATE INDEX ON {0}.feed_post (floor)"


def small(options: measure.Options) -> measure.Figures:
    with psycopg.connect(URL, autocommit=True) as session:
        times = _creations(session, options.creations, "small")
        session.execute("SET timezone TO 'Asia/Tokyo'")
        session.execute(sql.SQL("SET search_path TO {}, public, extensions").format(sql.Identifier(_schema())))
        text, digest = (FOLDER / "feed.sql").read_text(), (FOLDER / "feed.digest").read_text()

        def feed(environ, start_response):
            rows = session.execute(text, [digest], prepare=True).fetchall()
            start_response("200 OK", [("Content-Type", "application/json")])
            return [f'{{"results":[{",".join(row[-1] for row in rows)}]}}'.encode()]

        statements: list[str] = json.loads((FOLDER / "page.json").read_text())
        html = (FOLDER / "page.html").read_bytes()

        def page(environ, start_response):
            for statement in statements:
                session.execute(statement, prepare=True).fetchall()
            start_response("200 OK", [("Content-Type", "text/html")])
            return [html]

        def open_page() -> bytes:
            return measure.ask(page, "x", "/", {})

        return {
            "create_small": measure.median_ms(times),
            "feed": measure.requests_per_second(lambda: measure.ask(feed, "x", "/", {}), options.seconds),
            "feed_statements": 1,
            "page": measure.requests_per_second(open_page, options.seconds),
            "page_p95": measure.p95_ms(open_page, options.seconds),
            "page_statements": len(statements),
            "tenancy": measure.requests_per_second(_django(), options.seconds),
        }


def large(options: measure.Options) -> measure.Figures:
    with psycopg.connect(URL, autocommit=True) as session:
        fleet = [row[0] for row in session.execute("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'a\\_%'")]
        figures = {
            "create_large": measure.median_ms(_creations(session, options.creations, "large")),
            "spare": measure.median_ms(_renames(session, options.creations)),
            "export": measure.median_ms(
                measure.seconds(lambda: _copy(session, _schema())) for _n in range(options.creations)
            ),
            "export_new": measure.median_ms(
                measure.seconds(lambda: _copy(session, fleet[-1])) for _n in range(options.creations)
            ),
            "dashboard": _one_row(session),
        }
    migration = round(measure.seconds(lambda: _migrate(fleet)), 2)
    return figures | {
        "migrate": migration,
        "rollout": migration,
        "nothing": round(min(measure.command("controlplane.settings", "check") for _n in range(2)), 2),
    }


def _schema() -> str:
    return (FOLDER / "feed.schema").read_text()


def _creations(session: psycopg.Connection, number: int, name: str) -> list[float]:
    """The release's compiled text in a schema without role, rights and stamp."""
    ddl = session.execute("SELECT ddl FROM public.tenancy_template").fetchone()[0]
    return [measure.seconds(lambda n=n: _create(session, f"floor_{name}_{n}", ddl)) for n in range(number)]


def _create(session: psycopg.Connection, schema: str, ddl: str) -> None:
    with session.transaction():
        session.execute(f"CREATE SCHEMA {schema}; SET LOCAL search_path TO {schema}, extensions; {ddl}")


def _renames(session: psycopg.Connection, number: int) -> list[float]:
    names = [f"floor_large_{n}" for n in range(number)]
    return [measure.seconds(lambda n=n: session.execute(f"ALTER SCHEMA {n} RENAME TO {n}_taken")) for n in names]


def _copy(session: psycopg.Connection, schema: str) -> None:
    """Every table's rows, as PostgreSQL writes them."""
    tables = session.execute(
        "SELECT relname FROM pg_class WHERE relnamespace = %s::regnamespace AND relkind = 'r'", [schema]
    )
    for (name,) in tables.fetchall():
        statement = sql.SQL("COPY {} TO STDOUT").format(sql.Identifier(schema, name))
        with session.cursor() as cursor, cursor.copy(statement) as rows:
            for _block in rows:
                pass


def _one_row(session: psycopg.Connection) -> float:
    """Reading one row by its key, by PostgreSQL's own clock."""
    query = "EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) SELECT * FROM public.cities_city WHERE id = 1"
    plans = [session.execute(query).fetchone()[0][0] for _n in range(5)]
    return round(min(plan["Planning Time"] + plan["Execution Time"] for plan in plans), 3)


def _migrate(fleet: list[str]) -> None:
    """The same two definitions as the migration's, schema by schema on two connections."""
    halves = [threading.Thread(target=_migrate_some, args=(part,)) for part in (fleet[::2], fleet[1::2])]
    for half in halves:
        half.start()
    for half in halves:
        half.join()


def _migrate_some(fleet: list[str]) -> None:
    with psycopg.connect(URL, autocommit=True) as session:
        for schema in fleet:
            with session.transaction():
                session.execute(sql.SQL(MIGRATION).format(sql.Identifier(schema)))


def _django():
    """Django without any middleware: what a page costs before anybody asks whose it is."""
    import django

    django.setup()
    from django.core.handlers.wsgi import WSGIHandler
    from django.http import HttpResponse
    from django.test import override_settings
    from django.urls import path

    urls = type("urls", (), {"urlpatterns": [path("bench/", lambda request: HttpResponse(b""))]})
    override = override_settings(MIDDLEWARE=[], ROOT_URLCONF=urls)
    override.enable()
    application = WSGIHandler()
    return lambda: measure.ask(application, "x", "/bench/", {})


if __name__ == "__main__":
    measure.run(small, large)
