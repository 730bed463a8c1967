"""Associations from outside: list, detail, suspending and resuming."""

import pytest

from controlplane.associations.features import Feature
from controlplane.associations.models import Association
from controlplane.cities.models import Adoption
from controlplane.tenancy import public


def url(association, act=""):
    return f"/operations/associations/{association.slug}/{act}"


@pytest.fixture
def preparing(kyoto):
    with public():
        return Association.objects.create(slug="matsuo", name="松尾北自治会", city=kyoto, ward="西京区", households=240)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", {"桃南会", "藤城台自治会", "松尾北自治会"}),
        ("state=live", {"桃南会", "藤城台自治会"}),
        ("state=preparing", {"松尾北自治会"}),
        ("state=suspended", set()),
        ("ward=西京区", {"松尾北自治会"}),
        ("q=fujishiro", {"藤城台自治会"}),
        ("plan=standard", set()),
        ("plan=free&q=桃南", {"桃南会"}),
        ("plan=nonsense", set()),
    ],
)
def test_the_list_is_narrowed(desk, tonan, fujishiro, preparing, query, found):
    page = desk.get(f"/operations/associations/?{query}").content.decode()
    for name in ("桃南会", "藤城台自治会", "松尾北自治会"):
        assert (f">{name}</a>" in page) == (name in found), name


def test_the_newest_figures_stand_beside_the_name(desk, tonan):
    with public():
        counts = {"registered_households": 90, "members": 110, "active_members": 70, "posts": 3, "reads": 40}
        Adoption.objects.publish(tonan, {"households": 200, **counts})
    page = desk.get("/operations/associations/?q=tonan").content.decode()
    assert "110人" in page
    assert "55%" in page
    assert "110人 ÷ 200世帯" in desk.get(url(tonan)).content.decode()


def test_the_detail_shows_hosts_and_paid_features(desk, tonan):
    with public():
        tonan.grant(Feature.SURVEYS, source="city")
    page = desk.get(url(tonan)).content.decode()
    for words in ("tonan.kairan.localhost", "アンケート", "市の負担", "はじめて"):
        assert words in page


def test_suspending_asks_first_and_wants_a_reason(desk, tonan, browser):
    assert "止めますか" in desk.get(url(tonan, "suspension/")).content.decode()
    empty = desk.post(url(tonan, "suspension/"), {"reason": " "})
    assert "止める理由が、まだ入っていません。" in empty.content.decode()
    with public():
        assert tonan.suspension is None
    desk.post(url(tonan, "suspension/"), {"reason": "会費の相談中"})
    assert "会費の相談中" in desk.get(url(tonan)).content.decode()
    with public():
        assert Association.objects.get(pk=tonan.pk).state == "suspended"


def test_resuming_opens_it_again(desk, tonan):
    desk.post(url(tonan, "suspension/"), {"reason": "会費の相談中"})
    assert "また開きますか" in desk.get(url(tonan, "resumption/")).content.decode()
    desk.post(url(tonan, "resumption/"))
    with public():
        assert Association.objects.get(pk=tonan.pk).state == "live"
    page = desk.get(url(tonan)).content.decode()
    assert "ページを止めた" in page
    assert "ページをまた開いた" in page


@pytest.mark.parametrize("act", ["", "suspension/", "resumption/"])
def test_city_staff_find_nothing_here(apex, city_official, tonan, act):
    assert apex(city_official).get(url(tonan, act)).status_code == 404
    assert apex(city_official).post(url(tonan, act), {"reason": "x"}).status_code == 404
    with public():
        assert tonan.suspension is None


def test_an_unknown_one_is_missing(desk):
    assert desk.get("/operations/associations/nobody/").status_code == 404
