"""アドレス: moving a site, and hosts of its own, at operations' desk."""

import pytest

from controlplane.associations.models import Association, CustomDomain
from controlplane.tenancy import public
from tests.controlplane.associations.nameserver import NameServer

HOST = "www.tonan-kai.jp"


def url(association, act=""):
    return f"/operations/associations/{association.slug}/{act}"


@pytest.fixture
def nameserver(settings):
    server = NameServer()
    settings.DNS_RESOLVERS, settings.DNS_PATIENCE = [server.address], 0.5
    yield server
    server.stop()


@pytest.fixture
def domain(desk, tonan, nameserver):
    desk.post(url(tonan, "domains/"), {"host": HOST})
    with public():
        return CustomDomain.objects.get(host=HOST)


def test_renaming_says_first_what_it_means(desk, tonan):
    page = desk.get(url(tonan, "renaming/")).content.decode()
    for words in (
        "tonan.kairan.localhost",
        "もう一度6けたの番号",
        "新しいアドレスへ届きます",
        "カレンダーは、そのまま続きます",
    ):
        assert words in page


def test_renaming_leads_to_the_page_at_its_new_name(desk, tonan):
    answer = desk.post(url(tonan, "renaming/"), {"slug": "ｔｏｎａｎｋａｉ"})
    assert answer["Location"] == "/operations/associations/tonankai/"
    page = desk.get(answer["Location"]).content.decode()
    assert "tonankai.kairan.localhost" in page
    assert "tonan.kairan.localhost" in page
    assert "アドレスを変えた" in page


@pytest.mark.parametrize(
    ("slug", "words"),
    [
        ("admin", "この名前は使えません"),
        ("fujishiro", "もう使われています"),
        ("tonan", "いまのアドレスと同じです"),
        ("", "まだ入っていません"),
    ],
)
def test_a_name_that_cannot_be_is_explained_beside_the_field(desk, tonan, fujishiro, slug, words):
    answer = desk.post(url(tonan, "renaming/"), {"slug": slug})
    assert answer.status_code == 422
    assert words in answer.content.decode()


def test_the_page_says_which_record_to_set(desk, tonan, domain):
    page = desk.get(url(tonan, "domains/")).content.decode()
    for words in (HOST, f"_kairan.{HOST}", f"kairan={domain.token}", "たしかめ待ち"):
        assert words in page


def test_a_host_that_cannot_be_is_explained(desk, tonan):
    answer = desk.post(url(tonan, "domains/"), {"host": "co.jp"})
    assert answer.status_code == 422
    assert "みんなで使う終わりの部分" in answer.content.decode()


def test_from_the_record_to_the_primary_host_and_back(desk, tonan, domain, nameserver):
    act = url(tonan, f"domains/{domain.pk}/")
    waiting = desk.post(f"{act}verification/", follow=True).content.decode()
    assert "まだ見つかりません" in waiting
    nameserver.zones[(f"_kairan.{HOST}", "TXT")] = [domain.record_value]
    page = desk.post(f"{act}verification/", follow=True).content.decode()
    assert "たしかめました" in page
    assert "CNAME" in page
    early = desk.post(f"{act}primary/", follow=True).content.decode()
    assert "まだ回覧のサーバーにつながっていません" in early
    nameserver.zones[(HOST, "A")] = nameserver.zones[("kairan.localhost", "A")] = ["192.0.2.10"]
    assert "もう一度6けたの番号" in desk.get(f"{act}primary/").content.decode()
    desk.post(f"{act}primary/")
    with public():
        assert Association.objects.get(pk=tonan.pk).host == HOST
    assert "ページが開かなくなります" in desk.get(f"{act}removal/").content.decode()
    desk.post(f"{act}removal/")
    with public():
        assert Association.objects.get(pk=tonan.pk).host == "tonan.kairan.localhost"
    assert desk.get(f"{act}removal/").status_code == 404


def test_another_association_s_host_is_not_reached_through_this_one(desk, fujishiro, domain):
    assert desk.post(url(fujishiro, f"domains/{domain.pk}/removal/")).status_code == 404
    with public():
        assert CustomDomain.objects.on().filter(pk=domain.pk).exists()


@pytest.mark.parametrize(
    "act", ["renaming/", "domains/", "domains/1/verification/", "domains/1/primary/", "domains/1/removal/"]
)
def test_city_staff_find_nothing_here(apex, city_official, tonan, act):
    assert apex(city_official).post(url(tonan, act), {"slug": "tonankai", "host": HOST}).status_code == 404
