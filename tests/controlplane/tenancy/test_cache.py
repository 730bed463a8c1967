"""A cache that is away has nothing in it, and nobody waits for it twice."""

import inspect

import pytest
from django.core.cache import caches
from django.core.cache.backends.redis import RedisCacheClient

from controlplane.tenancy import bound, cache, public

COMMANDS = [
    ("get", ("key", "nothing"), "nothing"),
    ("set", ("key", 1), None),
    ("add", ("key", 1), False),
    ("touch", ("key",), False),
    ("delete", ("key",), False),
    ("get_many", (["a", "b"],), {}),
    ("set_many", ({"a": 1},), []),
    ("delete_many", (["a", "b"],), None),
    ("has_key", ("key",), False),
    ("incr", ("key", 3), 3),
    ("get_or_set", ("key", 7), 7),
    ("count", ("key", 60), 1),
    ("clear", (), False),
]


@pytest.mark.parametrize(("command", "given", "answer"), COMMANDS)
def test_every_command_is_answered_as_by_an_empty_cache(tonan, cache_at, command, given, answer):
    cache_at(1)
    with bound(tonan):
        assert getattr(caches["default"], command)(*given) == answer


def test_no_command_goes_past_the_breaker():
    """Django's client, which may learn new ones."""
    commands = {name for name, _ in inspect.getmembers(RedisCacheClient, inspect.isfunction) if name[0] != "_"}
    assert commands - {"get_client"} <= set(vars(cache.KeptClient))


def test_a_page_waits_for_a_hung_cache_once_and_the_next_not_at_all(client_for, member, cache_at, hung):
    home = client_for(member)
    cache_at(hung.port)
    assert [home.get(path).status_code for path in ("/", "/calendar/", "/", "/menu/")] == [200] * 4
    assert len(hung.asked) == 1


def test_when_the_rest_is_over_one_asks_again(cache_at, hung, settings):
    settings.REST_CACHE = 0
    cache_at(hung.port)
    with public():
        for _n in range(3):
            assert caches["default"].get("anything") is None
    assert len(hung.asked) == 3


def test_what_has_come_back_is_used_at_once(tonan, settings, cache_at, monkeypatch):
    settings.REST_CACHE = 0
    there = caches["default"]
    client = there._cache
    with bound(tonan):
        there.set("word", "here")
        with monkeypatch.context() as away:
            away.setattr(client, "get_client", lambda *_args, **_options: _refuse())
            assert there.get("word") is None
        assert there.get("word") == "here"


def _refuse():
    raise ConnectionRefusedError
