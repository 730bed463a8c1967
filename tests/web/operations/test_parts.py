"""支えるもの: what a worker saw when it last looked, since when, and what still works."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from controlplane.parts.models import Part
from controlplane.parts.tasks import look
from controlplane.tenancy import public

URL = "/operations/parts/"


@pytest.fixture(autouse=True)
def patience(settings):
    settings.WAIT_PART = 20


def page(desk):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", desk.get(URL).content.decode()))


def test_before_anybody_has_looked_it_says_so(desk):
    shown = page(desk)
    assert "見回りが止まっています" in shown
    assert shown.count("まだ見ていません") == 7


def test_all_is_well(desk, run_tasks):
    look.apply(throw=True)
    shown = page(desk)
    assert shown.count("動いています") == 7
    assert "見回りが止まっています" not in shown


def test_what_stands_is_named_with_what_still_works(desk, settings):
    settings.SMS_API_URL = "http://127.0.0.1:1"
    look.apply(throw=True)
    shown = page(desk)
    assert re.search(r"ショートメール 止まっています ConnectionError .*?番号も届きません", shown)
    assert shown.count("動いています") == 6


def test_since_when_is_kept_until_it_changes(db, settings):
    look.apply(throw=True)
    before = timezone.now() - timedelta(hours=2)
    with public():
        Part.objects.update(since=before)
    settings.SMS_API_URL = "http://127.0.0.1:1"
    look.apply(throw=True)
    with public():
        assert Part.objects.get(name="mail").since == before
        assert Part.objects.get(name="sms").since > before


def test_old_news_is_told_as_old(desk):
    look.apply(throw=True)
    with public():
        Part.objects.update(looked_at=timezone.now() - timedelta(minutes=4))
    assert "見回りが止まっています" in page(desk)


def test_city_staff_and_strangers_do_not_get_in(apex, city_official):
    assert apex(city_official).get(URL).status_code == 404
    assert apex().get(URL).status_code == 302
