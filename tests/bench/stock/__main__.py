"""The peer's figures: associations by `tenant.save()`, the feed through its own middleware."""

import json
import os
import sys
import time

import psycopg

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.bench.stock.settings"
with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as _admin:
    _admin.execute("CREATE DATABASE stock")

import django

django.setup()

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.core.management import call_command
from django.db import connection
from django_tenants.utils import tenant_context

from tests.bench import measure
from tests.bench.stock.models import Company, CompanyDomain

HOST = "bench.example.jp"


def main(creations: int, seconds: float) -> dict[str, float]:
    call_command("migrate_schemas", shared=True, verbosity=0)
    times = [_create(n) for n in range(creations)]
    company = Company.objects.first()
    CompanyDomain.objects.create(domain=HOST, tenant=company, is_primary=True)
    with tenant_context(company):
        headers = {"HTTP_COOKIE": f"session={_session(measure.fill())}"}
    from django.core.wsgi import get_wsgi_application

    application = get_wsgi_application()
    rps = measure.requests_per_second(application, HOST, "/api/v1/posts/", headers, seconds)
    counter = measure.Statements()
    with connection.execute_wrapper(counter):
        measure.ask(application, HOST, "/api/v1/posts/", headers)
    return {"create_ms": measure.median_ms(times), "feed_rps": rps, "feed_statements": counter.work}


def _create(number: int) -> float:
    start = time.perf_counter()
    Company(schema_name=f"company{number}", name="桃南会").save(verbosity=0)
    return time.perf_counter() - start


def _session(user) -> str:
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "controlplane.accounts.backends.CodeBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return session.session_key


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]), float(sys.argv[2]))))
