"""Kairan's own figures: associations made by its provisioning verbs, the fleet by its command, pages through WSGI."""

import io
import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import patch
from uuid import uuid4

import django

django.setup()

from django.core.handlers.wsgi import WSGIHandler
from django.core.management import call_command
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import path
from django.utils import timezone

from api.v1 import feed
from controlplane.accounts.models import ApiToken, User, token_digest
from controlplane.associations.models import Association
from controlplane.cities.models import City, CityStaff
from controlplane.tenancy import bound, public, schemas
from controlplane.urls import tenant
from provisioning import adoption, archive
from provisioning.models import RolloutRecord, SchemaRelease, Spare
from provisioning.tasks import refill_spares
from tests.bench import measure, search

FOLDER = Path(os.environ["BENCH_FOLDER"])
WARDS = ("伏見区", "西京区", "左京区", "北区")


def small(options: measure.Options) -> measure.Figures:
    call_command("migrate", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)  # pages name the files by their hash
    with public():
        City.objects.create(slug="kyoto", name="京都市")
    times = [_time_creation() for _n in range(options.creations)]
    host, headers = _reader()
    cookie = _signed_in(host)
    from controlplane.wsgi import application

    def read() -> bytes:
        return measure.ask(application, host, "/api/v1/posts/", headers)

    def open_page() -> bytes:
        return measure.ask(application, host, "/", cookie)

    (FOLDER / "page.html").write_bytes(open_page())
    (FOLDER / "page.json").write_text(json.dumps([_whole(*each) for each in measure.statements(open_page)]))
    return {
        "create_small": measure.median_ms(times),
        **measure.page(open_page, options),
        "feed": measure.requests_per_second(read, options.seconds),
        "feed_statements": len(measure.statements(read)),
        "tenancy": measure.requests_per_second(_empty_page(host), options.seconds),
        **_search(),
    }


def large(options: measure.Options) -> measure.Figures:
    with public():
        there = Association.objects.count()
    for _n in range(options.fleet - there):
        _settle(_association())
    time.sleep(10)  # the server writes out what a thousand new schemas owe the disk
    figures = {
        "create_large": measure.median_ms(_time_creation() for _n in range(options.creations)),
        "spare": measure.median_ms(_time_spares(options.creations)),
        "export": measure.median_ms(_time_exports(_slug("feed"), options.creations)),
        "export_new": measure.median_ms(_time_exports(_slug("new"), options.creations)),
        **_dashboard(),
        "nothing": round(min(measure.command("controlplane.settings", "fleet", "migrate") for _n in range(3)), 2),
    }
    measure.command("tests.bench.release.settings", "migrate")
    figures["migrate"] = round(measure.command("tests.bench.release.settings", "fleet", "migrate"), 2)
    with public():
        rollout = RolloutRecord.objects.latest("pk")
    figures["rollout"] = round((rollout.ended_at - rollout.begun_at).total_seconds(), 2)
    return figures


def _association() -> Association:
    with public():
        number = Association.objects.count()
        return Association.objects.create(
            slug=f"bench-{uuid4().hex[:12]}",
            name=f"第{number}町内会",
            city=City.objects.get(),
            ward=WARDS[number % len(WARDS)],
            households=200,
        )


def _settle(association: Association) -> None:
    """What a run does to the database, without its mail, storage and people."""
    schemas.build(association.uuid)
    with public():
        SchemaRelease.note(association.uuid)
        association.open()


def _time_creation() -> float:
    association = _association()
    took = measure.seconds(lambda: schemas.build(association.uuid))
    with public():
        SchemaRelease.note(association.uuid)
        association.open()
    return took


def _time_spares(number: int) -> list[float]:
    """Handing one out, without the word to the workers that another one is wanted."""
    Spare.objects.refill()
    associations = [_association() for _n in range(number)]
    with patch.object(refill_spares, "on_commit"):
        return [measure.seconds(lambda uuid=each.uuid: Spare.objects.hand_out(uuid)) for each in associations]


def _time_exports(slug: str, number: int) -> list[float]:
    with public():
        association = Association.objects.get(slug=slug)
    return [measure.seconds(lambda: archive.export(association, io.BytesIO())) for _n in range(number)]


def _slug(name: str) -> str:
    """Of the association that is read in this benchmark, or of the newest one."""
    if name == "feed":
        return (FOLDER / "feed.slug").read_text()
    with public():
        return Association.objects.filter(live_at__isnull=False).latest("created_at").slug


def _reader() -> tuple[str, dict[str, str]]:
    """A filled association, and the headers of one of its members; what the floor needs is written down for it."""
    association = _association()
    _settle(association)
    with bound(association):
        _row, secret = ApiToken.objects.issue(measure.fill())
        (FOLDER / "feed.sql").write_text(feed.first_page_text())
    (FOLDER / "feed.digest").write_text(token_digest(secret))
    (FOLDER / "feed.slug").write_text(association.slug)
    (FOLDER / "feed.schema").write_text(f"a_{association.uuid.hex}")
    with public():
        return association.host, {"HTTP_AUTHORIZATION": f"Token {secret}"}


def _signed_in(host: str) -> dict[str, str]:
    """The headers of a member's browser at this host."""
    with public():
        association = Association.objects.get(domains__host=host)
    client = Client(HTTP_HOST=host)
    with bound(association):
        client.force_login(User.objects.get(email="member30@example.jp"))
    return {"HTTP_COOKIE": "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())}


def _whole(sql: str, params: Any) -> str:
    """A statement with its parameters inside, for the floor to send as it is."""
    with connection.cursor() as cursor:
        return str(cursor.cursor.mogrify(sql, params))


def _search() -> measure.Figures:
    """In an association of its own, which goes afterwards: what the others are measured beside stays small."""
    association = _association()
    schemas.build(association.uuid)
    with bound(association):
        measure.fill()
    figures = search.measured(association)
    schemas.drop(association.uuid)
    with public():
        association.delete()
    return figures


def _empty_page(host: str) -> Callable[[], object]:
    """A view that asks nothing, behind nothing but the middleware that finds the site and binds."""

    def nothing(request: HttpRequest) -> HttpResponse:
        return HttpResponse(b"")

    tenant.urlpatterns.insert(0, path("bench/", nothing))
    with override_settings(MIDDLEWARE=["controlplane.tenancy.middleware.SiteMiddleware"]):
        application = WSGIHandler()
    return lambda: measure.ask(application, host, "/bench/", {})


def _dashboard() -> measure.Figures:
    """The dashboard as programs of the city ask for it; what sessions and sign-in cost is not its own."""
    adoption.publish_everywhere()
    with public():
        user = User.objects.create(email="city@example.jp", last_seen_on=timezone.localdate())
        CityStaff.objects.create(user=user, city=City.objects.get(), name="職員 1")
        client = Client(HTTP_HOST="kairan.localhost")
        client.force_login(user)
    sent = measure.statements(lambda: client.get("/api/v1/cities/kyoto/adoption/"))
    own = [(sql, params) for sql, params in sent if "session" not in sql and "accounts_" not in sql]
    with public():
        return {"dashboard": measure.database_ms(own), "dashboard_statements": len(own)}


if __name__ == "__main__":
    measure.run(small, large)
