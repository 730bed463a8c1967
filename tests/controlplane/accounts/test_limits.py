"""Limits by network address: counted over all hosts for a quarter of an hour, behind a proxy too."""

from datetime import timedelta

import pytest
from django.utils import timezone

from controlplane.accounts.limits import A_QUARTER, Act, TooManyCodes, count, network_address
from controlplane.tenancy import bound


@pytest.mark.parametrize("act", list(A_QUARTER))
def test_the_share_of_a_quarter_of_an_hour(tonan, act):
    with bound(tonan):
        for _n in range(A_QUARTER[act]):
            count(act, "192.0.2.1")
        with pytest.raises(TooManyCodes):
            count(act, "192.0.2.1")
        count(act, "192.0.2.2")


def test_all_hosts_are_one_share_and_each_act_has_its_own(tonan, fujishiro):
    with bound(tonan):
        for _n in range(A_QUARTER[Act.SEND]):
            count(Act.SEND, "192.0.2.1")
        count(Act.TRY, "192.0.2.1")
    with bound(fujishiro), pytest.raises(TooManyCodes):
        count(Act.SEND, "192.0.2.1")


def test_a_pause_ends_within_a_quarter_of_an_hour_however_often_one_asks_meanwhile(tonan, monkeypatch):
    now, gone = timezone.now(), [0]
    monkeypatch.setattr("django.utils.timezone.now", lambda: now + timedelta(seconds=gone[0]))
    with bound(tonan):
        for _n in range(A_QUARTER[Act.SEND]):
            count(Act.SEND, "192.0.2.1")
        for n in range(90):
            gone[0] = n * 6
            with pytest.raises(TooManyCodes) as pause:
                count(Act.SEND, "192.0.2.1")
            assert now < pause.value.until <= now + timedelta(minutes=15)
        gone[0] = 900
        count(Act.SEND, "192.0.2.1")


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
