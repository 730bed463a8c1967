"""The feed as a program reads it outside a test's transaction: in one exchange, each site its own, like by any road."""

import pytest
from django.db import connection
from django.test import Client

from api.v1 import feed
from controlplane.accounts.models import ApiToken
from controlplane.associations.models import Association
from controlplane.tenancy import bound, public
from controlplane.tenancy.backend import prepared
from tenants.members.models import Member
from tests.conftest import CANARY


@pytest.fixture
def programs(django_db_setup, django_db_blocker):
    """A way to ask each of the two sites, with a committed token of its own; gone afterwards."""
    with django_db_blocker.unblock():
        with public():
            sites = list(Association.objects.filter(slug__in=CANARY))
            hosts = {site.slug: site.host for site in sites}
        tokens, asking = [], {}
        for site in sites:
            with bound(site):
                feed.first_page_text()  # compiled once per process, on a connection
                row, secret = ApiToken.objects.issue(Member.objects.filter(admitted_at__isnull=False).first().user)
            tokens.append((site, row.pk))
            asking[site.slug] = Client(HTTP_HOST=hosts[site.slug], HTTP_AUTHORIZATION=f"Token {secret}")
        yield asking
        for site, pk in tokens:
            with bound(site):
                ApiToken.objects.filter(pk=pk).delete()
        connection.close()


@pytest.fixture
def exchanges(monkeypatch):
    """What went over in one exchange."""
    sent, real = [], prepared.execute

    def execute(session, binding, statement, value):
        sent.append(statement.schema)
        return real(session, binding, statement, value)

    monkeypatch.setattr(prepared, "execute", execute)
    return sent


def test_each_site_answers_its_own_in_one_exchange_and_like_by_the_ordinary_road(programs, exchanges):
    for _round in range(3):
        for slug, program in programs.items():
            quick = program.get("/api/v1/posts/").json()["results"]
            assert quick == program.get("/api/v1/posts/?page_size=20").json()["results"]
            assert {post["body"] for post in quick} == {CANARY[slug]}
    assert len(exchanges) == 6
    assert len(set(exchanges)) == 2


def test_another_site_s_token_opens_nothing(programs, exchanges):
    tonan, fujishiro = programs["tonan"], programs["fujishiro"]
    tonan.defaults["HTTP_AUTHORIZATION"] = fujishiro.defaults["HTTP_AUTHORIZATION"]
    assert tonan.get("/api/v1/posts/").status_code == 401
    assert exchanges
