"""A closed site answers everything with 410 and asks the database nothing, whoever comes, from whichever host."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from controlplane.associations.models import Association, Domain
from controlplane.tenancy import public
from controlplane.tenancy.tasks import HEADER
from provisioning.models import Closure
from tests.architecture.test_crawl import METHODS, SITE_URLS
from tests.conftest import CANARY
from tests.controlplane.tenancy.test_tasks import remember_posts, seen


@pytest.fixture
def closed(tonan, client_for, officer, django_capture_on_commit_callbacks):
    """Closed while an officer is signed in."""
    client = client_for(officer)
    client.get("/")
    with django_capture_on_commit_callbacks(execute=True), public():
        Closure.begin(tonan, by="運営 1", reason="合併のため")
    return client


@pytest.mark.parametrize("method", METHODS)
def test_no_request_reaches_data(closed, method):
    closed.get("/")
    for url in SITE_URLS:
        with CaptureQueriesContext(connection) as queries:
            answer = getattr(closed, method)(url)
        assert answer.status_code == 410, f"{method} {url}"
        assert CANARY["tonan"] not in answer.content.decode(), url
        assert len(queries) == 0, f"{method} {url} asked the database"


def test_programs_get_a_problem_and_people_a_page(closed):
    assert closed.get("/api/v1/posts/").json()["title"] == "このページは、閉じました"
    assert "桃南会のページは、閉じました" in closed.get("/posts/1/").content.decode()


def test_a_former_host_says_so_too(closed, tonan):
    with public():
        Domain.objects.create(host="old.kairan.localhost", association=tonan)
    assert Client(HTTP_HOST="old.kairan.localhost").get("/").status_code == 410


def test_its_tasks_are_dropped(closed, tonan):
    seen.clear()
    remember_posts.apply(headers={HEADER: str(tonan.uuid)})
    assert seen == []


def test_the_city_counts_it_no_longer(closed, tonan, apex, city_official):
    assert "桃南会" not in apex(city_official).get("/city/").content.decode()
    with public():
        assert tonan not in Association.objects.live()


def test_the_api_names_the_state(closed, tonan, operator, apex):
    answer = apex(operator).get(f"/api/v1/associations/{tonan.pk}/")
    assert answer.json()["state"] == "closed"
    listed = apex(operator).get("/api/v1/associations/?state=closed").json()
    assert str(tonan.pk) in str(listed)
