"""独自のアドレス: the representative brings a host, sets the record they are shown, and lets the site live there."""

import pytest
from django.test import Client

from controlplane.associations.models import Association, CustomDomain
from controlplane.outbox.models import Message
from controlplane.tenancy import public
from provisioning.tasks import check_custom_domain
from tests.controlplane.associations.nameserver import NameServer

HOST = "www.tonan-kai.jp"


@pytest.fixture
def nameserver(settings):
    server = NameServer()
    settings.DNS_RESOLVERS, settings.DNS_PATIENCE = [server.address], 0.5
    yield server
    server.stop()


@pytest.fixture
def chair(client_for, officer):
    return client_for(officer)


@pytest.fixture
def domain(chair, nameserver):
    chair.post("/menu/address/", {"host": HOST})
    with public():
        return CustomDomain.objects.get(host=HOST)


@pytest.fixture
def proven(chair, domain, nameserver, django_capture_on_commit_callbacks):
    nameserver.zones[(f"_kairan.{HOST}", "TXT")] = [domain.record_value]
    with django_capture_on_commit_callbacks(execute=True):
        chair.post(f"/menu/address/{domain.pk}/verification/")
    return domain


def test_the_menu_leads_there_for_the_representative_alone(chair, client_for, leader):
    assert "独自のアドレス" in chair.get("/menu/").content.decode()
    assert "独自のアドレス" not in client_for(leader).get("/menu/").content.decode()
    for path in ("", "1/verification/", "1/primary/", "1/removal/"):
        assert client_for(leader).post(f"/menu/address/{path}", {"host": HOST}).status_code == 404


def test_the_page_shows_exactly_which_record_to_set(chair, domain):
    page = chair.get("/menu/address/").content.decode()
    for words in ("TXT", f"_kairan.{HOST}", f"kairan={domain.token}", "DNS設定"):
        assert words in page
    with public():
        assert domain.asked_by == "桃南会 代表者"


def test_a_wrong_host_comes_back_with_a_sentence(chair):
    answer = chair.post("/menu/address/", {"host": "tonаn-kai.jp"})
    assert answer.status_code == 422
    assert "アドレスの名前だけを" in answer.content.decode()


def test_a_japanese_name_is_shown_as_it_is_written(chair, nameserver):
    chair.post("/menu/address/", {"host": "桃南会.jp"})
    page = chair.get("/menu/address/").content.decode()
    assert "桃南会.jp" in page
    assert "_kairan.xn--6oq16hcwx.jp" in page


def test_proving_and_moving_says_where_the_site_lives_now(
    chair, proven, nameserver, django_capture_on_commit_callbacks
):
    assert "使えます" in chair.get("/menu/address/").content.decode()
    nameserver.zones[(HOST, "A")] = nameserver.zones[("kairan.localhost", "A")] = ["192.0.2.10"]
    assert "もう一度6けたの番号" in chair.get(f"/menu/address/{proven.pk}/primary/").content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        answer = chair.post(f"/menu/address/{proven.pk}/primary/")
    assert answer.status_code == 200  # no redirect: a form's answer may not lead to another host
    assert f"http://{HOST}:" in answer.content.decode()
    assert chair.get("/menu/")["Location"].startswith(f"http://{HOST}:")
    assert Client(HTTP_HOST=HOST).get("/menu/")["Location"].startswith("/sign-in/")


def test_a_host_that_does_not_lead_here_is_not_moved_to(chair, proven):
    page = chair.post(f"/menu/address/{proven.pk}/primary/", follow=True).content.decode()
    assert "まだ回覧のサーバーにつながっていません" in page


def test_giving_up_asks_first(chair, proven, django_capture_on_commit_callbacks):
    assert "やめると、こうなります" in chair.get(f"/menu/address/{proven.pk}/removal/").content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        chair.post(f"/menu/address/{proven.pk}/removal/")
    assert Client(HTTP_HOST=HOST).get("/").status_code == 404


def test_the_representative_hears_when_the_record_is_gone_and_when_the_host_goes_off(proven, nameserver, settings):
    nameserver.zones.clear()
    settings.CUSTOM_DOMAIN_GRACE_DAYS = 0
    check_custom_domain(proven.pk)
    with public():
        assert [m.subject for m in Message.objects.filter(to="officer@tonan.example.jp")] == [
            f"{HOST}を止めました。ページは、回覧のアドレスで見られます"
        ]
        assert Association.objects.get(slug="tonan").host == "tonan.kairan.localhost"


def test_a_missing_record_is_told_once(proven, nameserver):
    nameserver.zones.clear()
    check_custom_domain(proven.pk)
    check_custom_domain(proven.pk)
    with public():
        (letter,) = Message.objects.filter(to="officer@tonan.example.jp")
    assert "7日続くと" in letter.subject
    assert proven.record_value in letter.body


def test_the_outsider_reaches_nothing(client_for, outsider, proven):
    client = client_for(outsider)
    assert client.get("/menu/address/").status_code == 404
    assert client.post(f"/menu/address/{proven.pk}/removal/").status_code == 404
    with public():
        assert CustomDomain.objects.on().filter(pk=proven.pk).exists()
