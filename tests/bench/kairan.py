"""Kairan's own figures: associations made by its provisioning verbs, the feed through its HTTP API."""

import json
import sys
import time
from uuid import uuid4

import django

django.setup()

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test.utils import override_settings

from controlplane.accounts.models import ApiToken
from controlplane.associations.models import Association
from controlplane.cities.models import City
from controlplane.tenancy import bound, public, schemas
from tests.bench import measure


def main(creations: int, seconds: float) -> dict[str, float]:
    call_command("migrate", verbosity=0)
    with public():
        city = City.objects.create(slug="kyoto", name="京都市")
    times = [_create(city) for _n in range(creations)]
    with public():
        association = Association.objects.first()
        association.open()
        host = association.host
    with bound(association):
        _row, secret = ApiToken.objects.issue(measure.fill())
    headers = {"HTTP_AUTHORIZATION": f"Token {secret}"}
    with override_settings(REST_FRAMEWORK={**settings.REST_FRAMEWORK, "DEFAULT_THROTTLE_CLASSES": []}):
        from controlplane.wsgi import application

        rps = measure.requests_per_second(application, host, "/api/v1/posts/", headers, seconds)
        counter = measure.Statements()
        with connection.execute_wrapper(counter):
            measure.ask(application, host, "/api/v1/posts/", headers)
    return {
        "create_ms": measure.median_ms(times),
        "feed_rps": rps,
        "feed_statements": counter.work,
        "feed_sql_binding": counter.binding,
    }


def _create(city: City) -> float:
    with public():
        association = Association.objects.create(
            slug=f"bench{uuid4().hex[:12]}", name="桃南会", city=city, households=200
        )
    start = time.perf_counter()
    schemas.build(association.uuid)
    return time.perf_counter() - start


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]), float(sys.argv[2]))))
