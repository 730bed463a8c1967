"""The menu: who I am, the size of letters, my name and address, a second way in."""

import re

import pytest
from django.test import Client

from controlplane.accounts.models import User
from controlplane.outbox.models import Message
from controlplane.tenancy import bound
from tenants.members.models import Household, Member


def text(answer) -> str:
    return answer.content.decode()


def test_the_menu_says_who_i_am_and_whom_to_ask(client_for, member, tonan):
    page = text(client_for(member).get("/menu/"))
    with bound(tonan):
        assert member.household.family_code in page
    assert "会員1さんのお宅" in page
    assert "伏見区役所" in page
    assert "075-611-1144" in page
    assert "このスマホから出る" in page
    assert "回覧 Kairan" in page


def test_each_role_finds_its_work(client_for, officer, leader, member):
    for person, shown, hidden in (
        (officer, ["/members/waiting/", "/members/seats/"], []),
        (leader, ["/members/", "/members/invitations/"], ["/members/waiting/", "/members/seats/"]),
        (member, [], ["/members/", "/members/invitations/"]),
    ):
        page = text(client_for(person).get("/menu/"))
        assert all(f'href="{url}"' in page for url in shown)
        assert not any(f'href="{url}"' in page for url in hidden)


@pytest.mark.parametrize(("size", "css"), [("large", "text-large"), ("xlarge", "text-xlarge")])
def test_the_size_of_letters_is_kept_and_one_returns_to_where_one_was(browser, tonan, size, css):
    client = browser(tonan)
    asked = client.get("/menu/text/", HTTP_REFERER="http://tonan.kairan.localhost/sign-in/?next=/menu/")
    assert 'value="/sign-in/?next=/menu/"' in text(asked)
    assert client.post("/menu/text/", {"size": size, "next": "/sign-in/"})["Location"] == "/sign-in/"
    assert f'class="{css}"' in text(client.get("/sign-in/"))
    client.post("/menu/text/", {"size": "", "next": "/sign-in/"})
    assert "text-large" not in text(client.get("/sign-in/"))


@pytest.mark.parametrize("away", ["https://evil.example/", "//evil.example", "http://fujishiro.kairan.localhost/"])
def test_the_size_of_letters_leads_to_no_other_host(browser, tonan, away):
    client = browser(tonan)
    assert client.post("/menu/text/", {"size": "large", "next": away})["Location"] == "/"
    assert client.post("/menu/text/", {"size": "large"}, HTTP_REFERER=away)["Location"] == "/"


def test_my_name_and_our_address(client_for, member, tonan):
    form = {"name": "会員1　一郎", "kana": "いちろう", "postal_code": "6128033", "address": "京都市伏見区 1"}
    assert client_for(member).post("/menu/profile/", form)["Location"] == "/menu/"
    with bound(tonan):
        person = Member.objects.select_related("household").get(pk=member.pk)
        assert (person.name, person.kana) == ("会員1 一郎", "いちろう")
        assert (person.household.postal_code, person.household.address) == ("612-8033", "京都市伏見区 1")


def test_a_name_is_needed_and_the_postal_code_can_fill_in(client_for, member):
    client = client_for(member)
    assert client.post("/menu/profile/", {"name": ""}).status_code == 422
    assert client.post("/menu/profile/", {"name": "会員1", "postal_code": "12"}).status_code == 422
    filled = client.post("/menu/profile/", {"name": "会員1", "postal_code": "612-8033", "lookup": "1"})
    assert "京都市伏見区桃山町" in text(filled)


def send_to(client, association, contact) -> str:
    assert client.post("/menu/contact/", {"contact": contact})["Location"] == "/menu/contact/code/"
    with bound(association):
        return re.search(r"[0-9]{6}", Message.objects.latest("pk").body)[0]


def test_a_second_contact_is_added_once_its_code_proves_it(client_for, member, tonan):
    client = client_for(member)
    code = send_to(client, tonan, "090-1234-5678")
    wrong = client.post("/menu/contact/code/", {"code": f"{(int(code) + 1) % 1_000_000:06d}"})
    assert wrong.status_code == 422
    assert client.post("/menu/contact/code/", {"code": code})["Location"] == "/menu/profile/"
    with bound(tonan):
        user = User.objects.get(pk=member.user_id)
        assert (user.email, user.phone) == (member.user.email, "+819012345678")


def test_a_contact_of_another_member_stays_theirs(client_for, member, officer, tonan):
    client = client_for(member)
    code = send_to(client, tonan, officer.user.email)
    answer = client.post("/menu/contact/code/", {"code": code}, follow=True)
    assert "ほかの方の登録に使われています" in text(answer)
    with bound(tonan):
        assert User.objects.get(email=officer.user.email).pk == officer.user_id


def test_an_empty_account_of_the_same_contact_gives_way(client_for, member, tonan):
    """Somebody tried the other address first, was asked to register and went back."""
    client = client_for(member)
    with bound(tonan):
        User.objects.create(phone="+819012345678")
    code = send_to(client, tonan, "09012345678")
    client.post("/menu/contact/code/", {"code": code})
    with bound(tonan):
        assert User.objects.get(phone="+819012345678").pk == member.user_id


def test_the_code_page_without_a_code_on_its_way_starts_over(client_for, member):
    assert client_for(member).get("/menu/contact/code/")["Location"] == "/menu/contact/"


def test_the_family_code_is_for_the_own_home_only(client_for, member, officer, tonan):
    with bound(tonan):
        other = Household.objects.get(pk=officer.household_id).family_code
    assert other not in text(client_for(member).get("/menu/"))


@pytest.mark.parametrize("url", ["/menu/", "/menu/profile/", "/menu/contact/", "/menu/contact/code/"])
def test_the_outsider_is_asked_to_sign_in(client_for, outsider, tonan, url):
    foreign = Client(HTTP_HOST="tonan.kairan.localhost")
    foreign.cookies = client_for(outsider).cookies
    assert foreign.get(url)["Location"].startswith("/sign-in/")
