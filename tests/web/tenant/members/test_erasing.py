"""Erasing a person: by an officer, or oneself; asked once more, and plainly said."""

import pytest
from django.test import Client

from controlplane.accounts.models import User
from controlplane.audit.models import Entry
from controlplane.tenancy import bound, public
from provisioning.models import Erasure
from tenants.feed.models import Comment
from tenants.members.models import Member, Seat

MARK = {"understood": "on"}


def text(answer) -> str:
    return answer.content.decode()


def test_an_officer_erases_somebody_after_being_asked(client_for, officer, member, tonan):
    client, url = client_for(officer), f"/members/{member.pk}/erase/"
    away = client_for(member)
    assert url in text(client.get(f"/members/{member.pk}/"))
    page = text(client.get(url))
    assert "情報を消しますか" in page
    assert "元に戻せません" in page
    assert "世帯の名前・住所" in page
    done = client.post(url, MARK, follow=True)
    assert "これからは「退会した会員」と出ます" in text(done)
    with bound(tonan):
        assert Member.objects.get(pk=member.pk).is_erased
        assert not User.objects.filter(pk=member.user_id).exists()
        assert "退会した会員" in Comment.objects.get(author=member.pk).body
        assert Entry.objects.filter(verb="member.erase", object_id=str(member.pk)).exists()
    with public():
        assert Erasure.objects.get(member=member.pk, association_uuid=tonan.uuid).by == "officer"
    assert away.get("/")["Location"].startswith("/sign-in/")


def test_without_the_mark_nothing_happens(client_for, officer, member, tonan):
    answer = client_for(officer).post(f"/members/{member.pk}/erase/")
    assert answer.status_code == 422
    assert "しるしをつけてください" in text(answer)
    with bound(tonan):
        assert not Member.objects.get(pk=member.pk).is_erased


def test_one_erases_oneself_and_is_out(client_for, member, tonan):
    client = client_for(member)
    assert 'href="/menu/erase/"' in text(client.get("/menu/"))
    assert "退会して、情報を消しますか" in text(client.get("/menu/erase/"))
    done = client.post("/menu/erase/", MARK, follow=True)
    assert "これまで、ありがとうございました" in text(done)
    assert client.get("/")["Location"].startswith("/sign-in/")
    with bound(tonan):
        assert Member.objects.get(pk=member.pk).is_erased
        assert Entry.objects.get(verb="member.erase").actor == "退会した会員"
    with public():
        assert Erasure.objects.get(member=member.pk).by == "self"


def test_the_representative_hands_over_first(client_for, officer, member, tonan):
    client = client_for(officer)
    answer = client.post("/menu/erase/", MARK)
    assert answer.status_code == 422
    assert "引き継いでから" in text(answer)
    assert client.get("/").status_code == 200
    with bound(tonan):
        Seat.objects.get(title="会長").hand_over(member, by=officer)
    assert client.post("/menu/erase/", MARK)["Location"] == "/sign-in/"


def test_an_officer_s_own_page_leads_to_the_one_for_oneself(client_for, officer):
    assert client_for(officer).get(f"/members/{officer.pk}/erase/")["Location"] == "/menu/erase/"


def test_who_has_left_already_is_erased_too_and_only_once(client_for, officer, member, tonan):
    with bound(tonan):
        member.leave(by=officer)
    client, url = client_for(officer), f"/members/{member.pk}/erase/"
    assert client.post(url, MARK).status_code == 302
    assert client.get(url).status_code == 404


def test_who_waits_is_erased_too(client_for, officer, waiting, tonan):
    assert client_for(officer).post(f"/members/{waiting.pk}/erase/", MARK).status_code == 302
    with bound(tonan):
        assert Member.objects.get(pk=waiting.pk).is_erased


@pytest.mark.parametrize("role", ["leader", "member"])
def test_only_officers_erase_others(request, client_for, role, waiting, tonan):
    client = client_for(request.getfixturevalue(role))
    for answer in (client.get(f"/members/{waiting.pk}/erase/"), client.post(f"/members/{waiting.pk}/erase/", MARK)):
        assert answer.status_code == 404
    with bound(tonan):
        assert not Member.objects.get(pk=waiting.pk).is_erased


def test_the_outsider_finds_nothing(client_for, outsider, member, tonan):
    assert client_for(outsider).post(f"/members/{member.pk}/erase/", MARK).status_code == 404
    foreign = Client(HTTP_HOST="tonan.kairan.localhost")
    foreign.cookies = client_for(outsider).cookies
    for url in (f"/members/{member.pk}/erase/", "/menu/erase/"):
        assert foreign.post(url, MARK)["Location"].startswith("/sign-in/")
    with bound(tonan):
        assert not Member.objects.get(pk=member.pk).is_erased
