"""更新: where the fleet stands, the rollout as it happens, and taking up those it left aside."""

import re

import pytest
from django.db import connection
from django.utils import timezone

from controlplane.audit.models import Entry, record
from controlplane.tenancy import public, template
from controlplane.tenancy.models import Template
from provisioning.models import RolloutRecord, SchemaRelease
from provisioning.models.rollouts import alone, is_under_way

URL = "/operations/fleet/"


@pytest.fixture
def fleet(tonan, fujishiro):
    """桃南会 at this release, 藤城台 left aside by the last rollout."""
    with public():
        SchemaRelease.note(tonan.pk)
        return SchemaRelease.objects.create(
            association=fujishiro,
            fingerprint="older",
            attempts=2,
            failed_at=timezone.now(),
            error='DuplicateTable: relation "calendar_event" already exists',
        )


@pytest.fixture
def started(monkeypatch):
    """Who had a rollout started."""
    asked = []
    monkeypatch.setattr(RolloutRecord, "ask_for", staticmethod(lambda *, by: asked.append(str(by))))
    return asked


def page(desk, path=URL):
    return desk.get(path).content.decode()


def test_it_counts_who_stands_where(desk, fleet):
    shown = page(desk)
    assert "2団体のうち1団体が、いまの版です" in shown
    for words in ("藤城台自治会", "already exists", "2回", "のこりがあります"):
        assert words in shown


def test_when_all_have_arrived_it_says_so(desk, tonan):
    with public():
        SchemaRelease.note(tonan.pk)
    assert "そろっています" in page(desk)
    assert "更新をはじめる" not in page(desk)


def test_one_is_taken_up_again_after_asking(desk, fleet, started):
    asked = page(desk, f"{URL}fujishiro/retry/")
    assert "藤城台自治会の更新を、もう一度ためしますか" in asked
    assert "already exists" in asked
    assert desk.post(f"{URL}fujishiro/retry/").url == URL
    with public():
        assert SchemaRelease.objects.waiting().get() == fleet
        assert Entry.objects.get(verb="fleet.retry").actor == "運営 1"
    assert started == ["運営 1"]


def test_all_are_taken_up_again_after_asking(desk, fleet, started):
    assert "1団体の更新を、もう一度ためしますか" in page(desk, f"{URL}retry/")
    desk.post(f"{URL}retry/")
    with public():
        assert not SchemaRelease.objects.failed().exists()
    assert started == ["運営 1"]


def test_who_was_not_left_aside_is_not_taken_up(desk, fleet, started):
    assert desk.post(f"{URL}tonan/retry/").status_code == 404
    assert started == []


def test_a_rollout_is_started_after_asking(desk, fleet, started):
    with public():
        SchemaRelease.objects.update(failed_at=None)
    assert "更新をはじめる" in page(desk)
    assert "1団体の更新を、はじめますか" in page(desk, f"{URL}rollout/")
    assert started == []
    desk.post(f"{URL}rollout/")
    assert started == ["運営 1"]


def test_while_it_goes_on_the_page_follows_it(desk, fleet, tonan):
    with public():
        RolloutRecord.objects.create(fingerprint=template.release_fingerprint(), by="運営 1", total=2, wave="few")
    with alone():
        shown = page(desk)
        assert f'hx-get="{URL}progress/"' in shown
        assert "更新しています" in shown
        assert re.search(r"1秒に\d\.\d団体", shown)
        now = re.search(r'aria-current="step".*?<b>(.*?)</b>', shown, re.S)
        assert now[1] == "つづく5％"
        assert "はじめの1団体" in page(desk, f"{URL}progress/")
    assert "hx-get" not in page(desk, f"{URL}progress/")


def test_one_whose_process_is_gone_is_not_said_to_go_on(desk, fleet):
    with public():
        RolloutRecord.objects.create(fingerprint=template.release_fingerprint(), by="fleet", total=2)
    assert "とちゅうで止まった" in page(desk)


def test_those_before_are_listed(desk, fleet):
    with public():
        release = Template.objects.get_or_create(fingerprint=template.release_fingerprint(), defaults={"ddl": ""})[0]
        record("fleet.migrate", release, by="fleet", migrated=2998, left_aside=2)
    assert "2,998団体　できなかった 2" in page(desk)


def test_the_menu_counts_those_left_aside(desk, fleet):
    def counted():
        return re.search(r'href="/operations/fleet/"[^>]*>更新(.*?)</a>', page(desk, "/operations/log/"), re.S)[1]

    assert "1" in counted()
    with public():
        SchemaRelease.note(fleet.association_id)
    assert "1" not in counted()


def test_the_lock_is_seen_from_elsewhere(db):
    with public():
        assert not is_under_way()
    with alone(), public():
        assert is_under_way()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(hashtext('something else'))")
        with public():
            assert not is_under_way()
        cursor.execute("SELECT pg_advisory_unlock(hashtext('something else'))")


@pytest.mark.parametrize("path", ["", "progress/", "rollout/", "retry/", "fujishiro/retry/"])
def test_city_staff_and_strangers_do_not_get_in(apex, city_official, fleet, started, path):
    assert apex(city_official).get(URL + path).status_code == 404
    assert apex(city_official).post(URL + path).status_code == 404
    assert apex().get(URL + path).status_code == 302
    assert started == []
