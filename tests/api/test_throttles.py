"""How much a caller may ask for: a process counts the first few alone, the rest is counted for all of them."""

import pytest
from rest_framework.throttling import SimpleRateThrottle

from api import throttles


@pytest.fixture
def forty_a_minute(monkeypatch):
    """40 a minute: a process lets 2 pass by its own count."""
    monkeypatch.setattr(throttles.PersonThrottle, "rate", "40/min", raising=False)
    monkeypatch.setattr(SimpleRateThrottle, "timer", staticmethod(lambda: 3_000_000.0))
    monkeypatch.setattr(throttles, "_own", throttles._Own())


def _ask(api, who, times):
    return [api(who).get("me/").status_code for _n in range(times)]


def test_so_many_pass_and_the_next_is_429(api, member, forty_a_minute):
    assert _ask(api, member, 42) == [200] * 40 + [429] * 2


def test_others_are_not_kept_out_by_one_who_asks_too_often(api, member, officer, forty_a_minute):
    _ask(api, member, 41)
    assert _ask(api, officer, 1) == [200]


def test_what_another_process_told_counts(api, member, forty_a_minute, monkeypatch):
    _ask(api, member, 30)
    monkeypatch.setattr(throttles, "_own", throttles._Own())  # a second process
    answers = _ask(api, member, 20)
    assert answers == [200] * 10 + [429] * 10


def test_a_new_minute_begins_at_nothing(api, member, forty_a_minute, monkeypatch):
    _ask(api, member, 41)
    monkeypatch.setattr(SimpleRateThrottle, "timer", staticmethod(lambda: 3_000_060.0))
    assert _ask(api, member, 1) == [200]
