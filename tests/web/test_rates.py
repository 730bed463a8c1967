"""What pages cost, and what happens to who asks for too much: a page in words, for that person alone."""

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpResponse
from django.test import Client, RequestFactory

from controlplane import rates
from controlplane.rates import Cost, cost_of
from controlplane.tenancy import bound
from tenants.feed.models import Post
from web.middleware import RateMiddleware


@pytest.fixture
def few(monkeypatch, settings):
    """Three pages, two papers, two searches and two acts a minute for a person."""
    settings.RATE_FACTOR = 1
    settings.RATES = {
        **settings.RATES,
        "page": (3, 5, 8),
        "paper": (2, 2, 4),
        "search": (2, 2, 4),
        "act": (2, 2, 4),
        "file": (2, 2, 4),
    }
    monkeypatch.setattr(rates, "now", lambda: 3_000_000.0)
    monkeypatch.setattr(rates, "_own", rates._Own())


def _statuses(browser, path, times):
    return [browser.get(path).status_code for _n in range(times)]


def test_past_the_rate_a_page_says_so_in_words_and_when_to_come_again(client_for, member, few):
    browser = client_for(member)
    assert _statuses(browser, "/", 3) == [200] * 3
    refused = browser.get("/")
    assert refused.status_code == 429
    assert 0 < int(refused["Retry-After"]) <= 61
    assert "少し待ってから" in refused.content.decode()


def test_papers_searches_and_pages_are_counted_apart(client_for, tonan, officer, member, few):
    with bound(tonan):
        post = Post.write(by=officer, title="清掃")
    browser = client_for(member)
    assert _statuses(browser, f"/posts/{post.pk}/paper.pdf", 3) == [200, 200, 429]
    assert _statuses(browser, "/search/?q=a", 3) == [200, 200, 429]
    assert _statuses(browser, "/menu/", 1) == [200]


def test_one_mechanism_counts_a_search_on_the_page_and_in_the_api(client_for, member, few):
    browser = client_for(member)
    assert _statuses(browser, "/search/?q=a", 1) + _statuses(browser, "/api/v1/search/?q=a", 2) == [200, 200, 429]


def test_a_person_past_the_rate_keeps_no_neighbour_out(client_for, member, officer, outsider, few):
    _statuses(client_for(member), "/", 5)
    assert _statuses(client_for(officer), "/", 1) == [200]
    assert _statuses(client_for(outsider), "/", 1) == [200]


def test_strangers_use_up_nothing_of_the_members(browser, tonan, client_for, member, few):
    stranger = browser(tonan)
    assert 429 in _statuses(stranger, "/sign-in/", 9)
    assert _statuses(client_for(member), "/", 1) == [200]


def test_what_is_refused_was_not_done(client_for, member, tonan, few):
    browser = client_for(member)
    answers = [browser.post("/menu/text/", {"text": "large"}).status_code for _n in range(3)]
    assert answers[-1] == 429


def test_to_be_turned_away_costs_as_well(tonan, few):
    """By the CSRF check, and at an address that is none."""
    stranger = Client(enforce_csrf_checks=True, HTTP_HOST=f"{tonan.slug}.{settings.APEX_HOST}")
    assert [stranger.post("/sign-in/").status_code for _n in range(3)] == [403, 403, 429]
    assert _statuses(stranger, "/nowhere/at/all/", 6) == [404] * 5 + [429]


def test_papers_and_tables_must_say_what_they_cost():
    """A view that answers a PDF without saying so is refused, so that the next one is counted as well."""

    def silent(request):
        return HttpResponse(b"", content_type="application/pdf")

    request = RequestFactory().get("/")
    request.resolver_match = type("Match", (), {"func": staticmethod(silent)})()
    with pytest.raises(ImproperlyConfigured):
        RateMiddleware(silent)(request)
    silent.cost = Cost.PAPER
    assert RateMiddleware(silent)(request).status_code == 200


def test_reading_is_a_page_and_sending_is_an_act_unless_said(settings):
    assert cost_of(lambda: None, "GET") == Cost.PAGE
    assert cost_of(lambda: None, "POST") == Cost.ACT
    assert set(settings.RATES) == set(Cost)
