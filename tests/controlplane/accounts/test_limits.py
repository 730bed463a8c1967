"""Limits by network address: counted per association and kind of act, behind a proxy too."""

import pytest

from controlplane.accounts.limits import PER_HOUR, Act, count, network_address
from controlplane.accounts.models import TooManyCodes
from controlplane.tenancy import bound


@pytest.mark.parametrize("act", list(Act))
def test_the_share_of_an_hour(tonan, act):
    with bound(tonan):
        for _n in range(PER_HOUR[act]):
            count(act, "192.0.2.1")
        with pytest.raises(TooManyCodes):
            count(act, "192.0.2.1")
        count(act, "192.0.2.2")


def test_each_association_and_each_act_has_its_own_share(tonan, fujishiro):
    with bound(tonan):
        for _n in range(PER_HOUR[Act.SEND]):
            count(Act.SEND, "192.0.2.1")
        count(Act.TRY, "192.0.2.1")
    with bound(fujishiro):
        count(Act.SEND, "192.0.2.1")


def test_a_dead_cache_keeps_nobody_out_and_says_so_once(tonan, cache_at, caplog):
    cache_at(2)
    with bound(tonan):
        for _n in range(PER_HOUR[Act.SEND] + 1):
            count(Act.SEND, "192.0.2.1")
    assert caplog.text.count("cache_unreachable") == 1


@pytest.mark.parametrize(
    ("meta", "address"),
    [
        ({"REMOTE_ADDR": "192.0.2.1"}, "192.0.2.1"),
        ({"REMOTE_ADDR": "192.0.2.1", "HTTP_X_FORWARDED_FOR": "198.51.100.7"}, "192.0.2.1"),
        ({"REMOTE_ADDR": "2001:db8:1:2:3:4:5:6"}, "2001:db8:1:2::/64"),
        ({"REMOTE_ADDR": ""}, "unknown"),
        ({}, "unknown"),
    ],
)
def test_who_asks(meta, address):
    assert network_address(meta) == address


def test_behind_our_own_proxy_its_last_word_counts(settings):
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    meta = {"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_FOR": "203.0.113.9, 198.51.100.7"}
    assert network_address(meta) == "198.51.100.7"
    assert network_address({"REMOTE_ADDR": "10.0.0.1"}) == "10.0.0.1"
