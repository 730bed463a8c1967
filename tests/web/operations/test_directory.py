"""団体: how each fares, filtered and sorted, from counts that the associations hand up."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from controlplane.cities.models import Adoption
from controlplane.dispatch.models import DeliveryCount
from controlplane.tenancy import public
from provisioning.models import Run, SchemaRelease

TODAY = timezone.localdate()
NONE = {"registered_households": 0, "members": 0, "active_members": 0, "posts": 0, "reads": 0}


@pytest.fixture
def both(tonan, fujishiro):
    """桃南会 with 6 GB, seen today; 藤城台 with a little, silent for forty days."""
    with public():
        for each, size, ago in ((tonan, 6_000_000_000, 0), (fujishiro, 2_000, 40)):
            use = {"storage_bytes": size, "last_active_on": TODAY - timedelta(days=ago)}
            Adoption.objects.publish(each, NONE | use | {"households": each.households})
            SchemaRelease.note(each.pk)


def names(desk, query=""):
    page = desk.get(f"/operations/associations/?{query}").content.decode()
    return re.findall(r'<th scope="row"><a href="/operations/associations/\w+/">([^<]+)', page)


def test_use_is_shown(desk, both):
    page = desk.get("/operations/associations/").content.decode()
    assert "6 GB" in page
    assert "2 KB" in page
    assert "はじめて" in page


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("storage=5", ["桃南会"]),
        ("storage=20", []),
        ("silent=30", ["藤城台自治会"]),
        ("silent=60", []),
        ("health=fine", ["桃南会", "藤城台自治会"]),
        ("health=nonsense&storage=x&silent=-1", ["桃南会", "藤城台自治会"]),
    ],
)
def test_the_list_is_narrowed_by_use(desk, both, query, found):
    assert sorted(names(desk, query)) == sorted(found)


@pytest.mark.parametrize(
    ("sort", "first"), [("-storage", "桃南会"), ("storage", "藤城台自治会"), ("active", "藤城台自治会")]
)
def test_it_sorts_by_use_and_what_is_not_known_comes_last(desk, both, kyoto, sort, first):
    with public():
        kyoto.associations.create(slug="unknown", name="まだの会", households=1)
    assert names(desk, f"sort={sort}")[0] == first
    assert names(desk, f"sort={sort}")[-1] == "まだの会"


def test_each_fault_is_shown_and_found(desk, both, tonan, fujishiro):
    with public():
        SchemaRelease.objects.filter(association=tonan).update(fingerprint="older")
        Run.objects.create(association=fujishiro, state=Run.State.FAILED)
        DeliveryCount.objects.create(
            association=tonan, day=TODAY, channel="mail", domain="x", sent=0, waiting=0, bounced=1
        )
    assert names(desk, "health=behind") == ["桃南会"]
    assert names(desk, "health=failed") == ["藤城台自治会"]
    assert names(desk, "health=bounced") == ["桃南会"]
    assert names(desk, "health=fine") == []
    page = desk.get("/operations/associations/").content.decode()
    for words in ("更新を待っている</span>", "作業が止まった</span>", "戻ってきた連絡</span>"):
        assert words in page
    with public():
        SchemaRelease.objects.filter(association=tonan).update(failed_at=timezone.now())
    assert names(desk, "health=left_aside") == ["桃南会"]
    assert names(desk, "health=behind") == []


def test_a_page_asks_no_more_for_more_rows(desk, both, kyoto, django_assert_max_num_queries):
    with public():
        for n in range(30):
            kyoto.associations.create(slug=f"row{n}", name=f"{n}", households=1, live_at=timezone.now())
    with django_assert_max_num_queries(24):
        desk.get("/operations/associations/")
