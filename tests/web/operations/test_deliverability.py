"""届き方: counts by day, channel, domain and reason; no address and no word of any message."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from controlplane.dispatch.models import DeliveryCount, Tally
from controlplane.tenancy import public

URL = "/operations/deliverability/"
TODAY = timezone.localdate()


def tally(domain, *, day=TODAY, channel="mail", reason="", sent=0, waiting=0, bounced=0):
    return Tally(day=day, channel=channel, domain=domain, reason=reason, sent=sent, waiting=waiting, bounced=bounced)


@pytest.fixture
def counted(tonan, fujishiro):
    with public():
        DeliveryCount.objects.publish(
            tonan.pk,
            [
                tally("docomo.example", sent=40, waiting=2),
                tally("docomo.example", reason="550 5.1.1", bounced=3),
                tally("yamada.example", sent=1),
                tally("", channel="sms", sent=7),
            ],
        )
        DeliveryCount.objects.publish(fujishiro.pk, [tally("docomo.example", sent=10)])
        old = tally("old.example", day=TODAY - timedelta(days=40), sent=100)
        DeliveryCount.objects.create(association=tonan, **old)


def page(desk, query=""):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", desk.get(f"{URL}{query}").content.decode()))


def test_the_associations_counts_are_added_up(desk, counted):
    shown = page(desk)
    assert re.search(r"送った 58 通", shown)
    assert re.search(r"戻ってきた 3 通", shown)
    assert "メール 51 2 3" in shown
    assert "ショートメール 7 0 0" in shown
    assert "docomo.example 50 3" in shown


def test_reasons_are_said_in_words(desk, counted):
    assert "あて先がない 550 5.1.1 3 通" in page(desk)


def test_a_domain_that_could_be_somebody_s_own_is_not_named(desk, counted):
    shown = page(desk)
    assert "yamada" not in shown
    assert "そのほか 1 0" in shown


def test_period_and_channel_narrow_it(desk, counted):
    assert "送った 158 通" in page(desk, "?days=90")
    assert "送った 7 通" in page(desk, "?channel=sms")
    assert "送った 58 通" in page(desk, "?days=x&channel=x")


def test_what_is_handed_up_again_replaces_the_last_days_only(desk, counted, tonan):
    with public():
        DeliveryCount.objects.publish(tonan.pk, [tally("docomo.example", sent=41)])
    assert "送った 51 通" in page(desk)
    assert "送った 151 通" in page(desk, "?days=90")


def test_before_the_first_night_it_says_so(desk):
    assert "毎朝3時ごろに入ります" in page(desk)


def test_city_staff_and_strangers_do_not_get_in(apex, city_official):
    assert apex(city_official).get(URL).status_code == 404
    assert apex().get(URL).status_code == 302
