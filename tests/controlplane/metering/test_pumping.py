"""A small form of `python -m tests.pumping`."""

from datetime import timedelta

import pytest

from controlplane.accounts.models import User
from controlplane.tenancy import bound
from tests.pumping import sending

NUMBERS = [f"090-1234-{n:04d}" for n in range(3)]


@pytest.mark.parametrize("addresses", [1, 30])
def test_asking_for_others_at_every_host_sends_little_and_keeps_no_owner_out(tonan, fujishiro, addresses):
    hosts = [tonan, fujishiro] * 8
    with bound(tonan):
        User.objects.create(phone="+819012340000")
    report = sending.pump(hosts, NUMBERS, addresses=addresses, pace=timedelta(minutes=12))
    assert report.asked == 48
    assert max(report.by_contact.values()) == sending.A_CONTACT
    assert report.is_within([tonan, fujishiro])
    assert sending.comes_in(tonan, NUMBERS[0], [tonan, fujishiro])
