"""P8: fifty people press at the same moment, over HTTP, from the entry form to the counter.

One application, one association, one run, one mail each, one customer at Stripe. `ROUNDS=20` makes it the long one.
"""

import os
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests
from django.conf import settings
from django.core.cache import caches
from django.core.servers.basehttp import ThreadedWSGIServer
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.test.testcases import QuietWSGIRequestHandler

from billing.models import Customer
from controlplane.accounts.models import ApiToken, User
from controlplane.associations.models import Association, Domain
from controlplane.outbox.models import Message
from controlplane.sending.models import Taken
from controlplane.tenancy import bound, public, schemas
from provisioning.models import Application, Run, SchemaRelease
from tests.provisioning.endings import sweep

ROUNDS = int(os.environ.get("ROUNDS", "3"))
AT_ONCE = 50
WORKERS = 6
EMAIL = "kaicho@gojunin.example.jp"
BODY = {
    "name": "五十人町内会",
    "kind": "association",
    "city": "kyoto",
    "ward": "西京区",
    "postal_code": "6158106",
    "address": "京都市西京区樫原杉原町",
    "households": 140,
    "representative_name": "会長",
    "representative_email": EMAIL,
    "representative_phone": "075-123-4567",
}


class Server(ThreadedWSGIServer):
    request_queue_size = 2 * AT_ONCE


class Caller:
    """Speaks HTTP to the running server, as the host it names."""

    def __init__(self, port: int) -> None:
        self.port = port

    def post(self, host: str, path: str, body: dict[str, Any], token: str = "", **headers: str) -> requests.Response:
        if token:
            headers["Authorization"] = f"Token {token}"
        url = f"http://127.0.0.1:{self.port}/api/v1/{path}"
        return requests.post(url, json=body, headers={"Host": host, **headers}, timeout=60)

    def together(self, post: Callable[["Caller", int], requests.Response]) -> list[requests.Response]:
        """The same from fifty callers, let go at one moment."""
        start = threading.Barrier(AT_ONCE)

        def go(number: int) -> requests.Response:
            start.wait()
            return post(self, number)

        with ThreadPoolExecutor(AT_ONCE) as pool:
            return list(pool.map(go, range(AT_ONCE)))


@pytest.fixture
def http(django_db_setup, django_db_blocker, settings) -> Iterator[Caller]:
    """A server over the committed database with a place for everybody; its threads have connections of their own."""
    settings.WEB_PLACES = settings.WEB_ARRIVALS = 4 * AT_ONCE
    with django_db_blocker.unblock():
        server = Server(("127.0.0.1", 0), QuietWSGIRequestHandler)
        server.set_app(get_wsgi_application())
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield Caller(server.server_port)
        server.shutdown()
        server.server_close()
        thread.join()
        connection.close()


@pytest.fixture
def operator_token(http) -> Iterator[str]:
    with public():
        row, secret = ApiToken.objects.issue(User.objects.get(email="operator@example.jp"))
    yield secret
    with public():
        row.delete()


@pytest.fixture
def cleared(http) -> Iterator[None]:
    yield
    with public():
        made = list(Association.objects.filter(application__representative_email=EMAIL))
    for association in made:
        with public():
            Run.objects.filter(association=association).delete()
            Customer.objects.filter(association=association).delete()
        sweep(association)
    with public():
        Application.objects.filter(representative_email=EMAIL).delete()
        Message.objects.filter(to=EMAIL).delete()
        Taken.objects.all().delete()


@pytest.mark.parametrize("number", range(ROUNDS))
def test_fifty_at_once_make_one_of_everything(http, operator_token, cleared, number):
    slug, apex = f"gojunin{number}", settings.APEX_HOST
    application = _submit(http, apex, keyed=bool(number % 2))
    caches["routing"].clear()
    run = _approve(http, apex, operator_token, application, slug)
    _drive(run)
    association = _one_of_everything(slug)
    _buy(http, association)


def _submit(http: Caller, apex: str, *, keyed: bool) -> int:
    """Fifty presses of one button: of a browser that sends a key, or of one that does not."""
    headers = {"Idempotency-Key": "gojunin"} if keyed else {}
    answers = http.together(lambda caller, _n: caller.post(apex, "applications/", BODY, **headers))
    assert {answer.status_code for answer in answers} <= {200, 201}, answers[0].text
    (application,) = {answer.json()["id"] for answer in answers}
    return int(application)


def _approve(http: Caller, apex: str, token: str, application: int, slug: str) -> Run:
    answers = http.together(
        lambda caller, _n: caller.post(apex, f"applications/{application}/approval/", {"slug": slug}, token)
    )
    assert {answer.status_code for answer in answers} == {202}, answers[0].text
    (run,) = {answer.json()["run"] for answer in answers}
    with public():
        return Run.objects.get(pk=run)


def _drive(run: Run) -> None:
    """Several workers get the same task."""

    def drive(_number: int) -> None:
        try:
            with public():
                mine = Run.objects.select_related("association").get(pk=run.pk)
            mine.drive()
        finally:
            connection.close()

    with ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(drive, range(WORKERS)))


def _one_of_everything(slug: str) -> Association:
    with public():
        association = Association.objects.get(application__representative_email=EMAIL)
        assert association.slug == slug
        assert association.state == "live"
        assert Application.objects.filter(representative_email=EMAIL).count() == 1
        assert Run.objects.filter(association=association).count() == 1
        assert Domain.objects.filter(association=association).count() == 1
        assert SchemaRelease.objects.filter(association=association).count() == 1
        subjects = Counter(Message.objects.filter(to=EMAIL).values_list("subject", flat=True))
    assert len(subjects) == 2  # thanks for applying; the manual
    assert set(subjects.values()) == {1}
    assert schemas.missing_migrations(association.uuid) == frozenset()
    return association


def _buy(http: Caller, association: Association) -> None:
    with bound(association):
        _row, token = ApiToken.objects.issue(User.objects.get(email=EMAIL))
    host = f"{association.slug}.{settings.APEX_HOST}"
    answers = http.together(lambda caller, _n: caller.post(host, "subscription/checkout/", {"plan": "standard"}, token))
    assert {answer.status_code for answer in answers} <= {200, 201}, answers[0].text
    with public():
        assert Customer.objects.filter(association=association).count() == 1
    key = {"Authorization": f"Bearer {settings.STRIPE_SECRET_KEY}"}
    url = f"{settings.STRIPE_API_BASE}/v1/customers"
    listed = requests.get(url, {"limit": 100}, headers=key, timeout=10).json()
    ours = [each for each in listed["data"] if each["metadata"].get("association") == str(association.uuid)]
    assert len(ours) == 1
