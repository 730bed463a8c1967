"""Federations on the pages: asked for consent, answering, writing to members, counts, and nobody else's."""

import pytest

from controlplane.associations.features import Feature
from controlplane.associations.models import Association, Bulletin, FederationMembership
from controlplane.tenancy import bound, public
from tenants.feed import bulletins
from tenants.feed.models import Post


@pytest.fixture
def federation(tonan):
    """桃南会 as a federation that has paid."""
    with public():
        Association.objects.filter(pk=tonan.pk).update(kind="federation")
        tonan.refresh_from_db()
        tonan.grant(Feature.MEMBER_ASSOCIATIONS, source="city")
    return tonan


@pytest.fixture
def asked(federation, fujishiro):
    with public():
        return FederationMembership.objects.ask(federation, fujishiro, by="連合会の役員")


@pytest.fixture
def other_officer(fujishiro):
    """会長 of 藤城台自治会, which is asked."""
    from tests.conftest import _cast

    return _cast(fujishiro).officer


def text(answer) -> str:
    return answer.content.decode()


def test_a_federation_asks_and_the_association_says_yes(client_for, officer, other_officer, federation, fujishiro):
    client = client_for(officer)
    assert "藤城台自治会" in text(client.get("/federation/?q=藤城台"))
    client.post("/federation/ask/", {"association": str(fujishiro.pk)})
    assert "返事を待っています" in text(client.get("/federation/"))
    there = client_for(other_officer)
    assert "加盟のお願いが届きました" in text(there.get("/federation/"))
    with public():
        row = FederationMembership.objects.get()
    assert "お知らせを受け取ります" in text(
        there.post(f"/federation/consent/{row.pk}/", {"answer": "yes"}, follow=True)
    )
    with public():
        assert FederationMembership.objects.accepted().get().accepted_by == "役員"


def test_a_notice_goes_out_and_counts_come_back(client_for, officer, other_officer, federation, fujishiro, asked):
    client, words = (
        client_for(officer),
        {"kind": "notice", "when": "now", "title": "合同訓練", "body": "10月に行います。"},
    )
    refused = client.post("/federation/bulletins/new/", words)
    assert refused.status_code == 422  # nobody has consented
    with public():
        asked.accept(by="役員")
    assert client.post("/federation/bulletins/new/", {**words, "title": ""}).status_code == 422
    looked = client.post("/federation/bulletins/new/", words)
    assert "1</b> 団体" in text(client.get(looked.url))
    assert "送りました" in text(client.post(looked.url, follow=True))
    for uuid in bulletins.waiting():
        bulletins.receive(uuid)
    home = text(client_for(other_officer).get("/"))
    assert "連合会からのお知らせ" in home
    assert "合同訓練" in home
    with public():
        pk = Bulletin.objects.get().pk
    assert "1団体のうち1団体に届きました" in text(client.get(f"/federation/bulletins/{pk}/"))
    client.post(f"/federation/bulletins/{pk}/edit/", {"title": "合同訓練（変更）", "body": "11月です。"})
    client.post(f"/federation/bulletins/{pk}/withdraw/")
    for uuid in bulletins.waiting():
        bulletins.receive(uuid)
    with bound(fujishiro):
        assert Post.objects.get(source="federation").withdrawn_at


def test_a_federation_ends_a_membership_after_asking_once_more(client_for, officer, asked):
    client = client_for(officer)
    assert "終わりにしますか" in text(client.get(f"/federation/members/{asked.pk}/end/"))
    client.post(f"/federation/members/{asked.pk}/end/")
    with public():
        assert not FederationMembership.objects.standing().exists()


def test_without_the_plan_it_does_not_write(client_for, officer, federation):
    with public():
        federation.revoke(Feature.MEMBER_ASSOCIATIONS, source="city")
    client = client_for(officer)
    assert "連合会プランがいります" in text(client.get("/federation/"))
    assert client.get("/federation/bulletins/new/").status_code == 302


def test_an_association_is_no_federation(client_for, officer, fujishiro):
    client = client_for(officer)
    assert client.get("/federation/").status_code == 200
    assert client.get("/federation/bulletins/new/").status_code == 404
    assert client.post("/federation/ask/", {"association": str(fujishiro.pk)}).status_code == 404


def test_nonsense_is_not_found(client_for, officer, federation):
    client = client_for(officer)
    for name in ("", "x", "\0", "0" * 99):
        assert client.post("/federation/ask/", {"association": name}).status_code == 404
    assert client.post("/federation/consent/999999/", {"answer": "yes"}).status_code == 404


def test_members_and_outsiders_find_nothing(client_for, member, leader, outsider, asked):
    for person in (member, leader, outsider):
        client = client_for(person)
        assert client.get("/federation/").status_code == 404
        assert client.post(f"/federation/consent/{asked.pk}/", {"answer": "yes"}).status_code == 404
        assert client.get(f"/federation/members/{asked.pk}/end/").status_code == 404


def test_nobody_answers_for_another_association(client_for, officer, asked):
    """The federation's own officer cannot consent in the member's name."""
    assert client_for(officer).post(f"/federation/consent/{asked.pk}/", {"answer": "yes"}).status_code == 404
