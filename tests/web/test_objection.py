"""A changed contact: whoever had the account before is told, may put it back for three days, and is then alone in."""

import re
from typing import Any

import pytest
from django.test import Client

from controlplane.accounts.contacts import Contact
from controlplane.accounts.models import ApiToken, ContactChange, Device, User
from controlplane.accounts.ways import Way
from controlplane.audit.models import Entry
from controlplane.outbox.models import Message
from controlplane.tenancy import bound, public
from tenants.members.models import Member
from tests.conftest import ClientFor, browser_at
from tests.staff_side import clock as clock

NEW = "nottori@example.jp"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Safari/604.1"


def text(answer: Any) -> str:
    return str(answer.content.decode())


def change(client: Client, member: Member, to: str = NEW) -> Any:
    """Change the contact on the page, as whoever holds this browser does."""
    client.post("/menu/contact/", {"contact": to})
    with bound(member.__dict__["association"]):
        code = re.search(r"[0-9]{6}", Message.objects.latest("pk").body)[0]
    return client.post("/menu/contact/code/", {"code": code})


def letters(member: Member, to: str) -> list[Message]:
    with bound(member.__dict__["association"]):
        return list(Message.objects.filter(to=to, subject__contains="連絡先が変わりました"))


def link(message: Message) -> str:
    return re.search(r"https?://[^/]+(/objection/\S+)", message.body)[1]


def is_in(client: Client) -> bool:
    return client.get("/menu/").status_code == 200


def opens(member: Member, secret: str) -> bool:
    client = browser_at(member.__dict__["association"])
    return client.get("/api/v1/me/", headers={"Authorization": f"Token {secret}"}).status_code == 200


@pytest.fixture
def told(client_for: ClientFor, member: Member) -> Message:
    """The letter to the old address, after somebody at the member's own browser has taken a new one."""
    thief = client_for(member)
    thief.get("/menu/", headers={"User-Agent": IPHONE})
    thief.post("/menu/contact/", {"contact": NEW})
    with bound(member.__dict__["association"]):
        code = re.search(r"[0-9]{6}", Message.objects.latest("pk").body)[0]
    thief.post("/menu/contact/code/", {"code": code}, headers={"User-Agent": IPHONE})
    return letters(member, member.user.email)[0]


def test_the_old_address_gets_one_letter_that_says_what_changed_when_and_where(client_for, member, tonan):
    client = client_for(member)
    client.defaults["HTTP_USER_AGENT"] = IPHONE
    change(client, member)
    assert len(letters(member, member.user.email)) == 1
    assert letters(member, NEW) == []
    body = letters(member, member.user.email)[0].body
    for said in ("メールアドレス", "n…@example.jp", "m…@tonan.example.jp", "iPhone・Safari", "月", "/objection/"):
        assert said in body
    assert NEW not in body  # enough for whoever knows it, and too little for anybody else


def test_a_second_contact_is_told_to_the_first_and_the_same_once_more_to_nobody(client_for, member):
    client = client_for(member)
    change(client, member, "090-1234-5678")
    assert len(letters(member, member.user.email)) == 1
    change(client, member, "090-1234-5678")
    assert len(letters(member, member.user.email)) == 1


def test_a_letter_is_in_its_reader_s_language(client_for, member, tonan):
    with bound(tonan):
        member.user.speak("en")
    change(client_for(member), member)
    with bound(tonan):
        assert "contact" in Message.objects.filter(to=member.user.email).latest("pk").subject


def test_a_change_ends_every_other_session_and_token_and_spares_its_own(client_for, member, tonan):
    here, elsewhere, never_seen = client_for(member), client_for(member), client_for(member)
    assert is_in(elsewhere)
    with bound(tonan):
        secret = ApiToken.objects.issue(member.user)[1]
    assert opens(member, secret)
    change(here, member)
    assert is_in(here)
    for gone in (elsewhere, never_seen):  # the last was there before devices were noted
        assert gone.get("/menu/")["Location"].startswith("/sign-in/")
    assert not opens(member, secret)


def test_the_api_changes_a_contact_by_the_same_rules(client_for, member, tonan):
    page = client_for(member)
    with bound(tonan):
        own, other = (ApiToken.objects.issue(member.user, name=name)[1] for name in ("掲示板", "ほか"))
    client, headers = browser_at(tonan), {"Authorization": f"Token {own}"}
    client.post("/api/v1/auth/code/", {"email": NEW}, content_type="application/json")
    with bound(tonan):
        code = re.search(r"[0-9]{6}", Message.objects.filter(to=NEW).latest("pk").body)[0]
    body = {"email": NEW, "code": code}
    answer = client.post("/api/v1/me/contacts/", body, content_type="application/json", headers=headers)
    assert answer.status_code == 200, answer.content
    assert answer.json()["account"]["email"] == NEW
    assert "掲示板" in letters(member, member.user.email)[0].body
    assert not is_in(page)
    assert opens(member, own)
    assert not opens(member, other)


def test_opening_the_link_changes_nothing(told, member, tonan):
    page = browser_at(tonan).get(link(told))
    assert page.status_code == 200
    assert "iPhone・Safari" in text(page)
    with bound(tonan):
        assert User.objects.get(pk=member.user_id).email == NEW


def test_objecting_puts_the_old_address_back_and_shuts_everybody_out(told, client_for, member, officer, tonan):
    with bound(tonan):
        owner = User.objects.get(pk=member.user_id)
        secret = ApiToken.objects.issue(owner)[1]
        thief = browser_at(tonan)
        thief.force_login(owner)
    assert is_in(thief)
    page = browser_at(tonan).post(link(told))
    assert "もとにもどしました" in text(page)
    assert thief.get("/menu/")["Location"].startswith("/sign-in/")
    assert not opens(member, secret)
    with bound(tonan):
        assert User.objects.get(pk=member.user_id).email == member.user.email
        assert not User.objects.filter(email=NEW).exists()
        heard = Message.objects.filter(to=officer.user.email, subject__contains="もとにもどしました")
        assert member.name in heard.get().body


def test_the_new_address_opens_the_account_no_more(told, member, tonan):
    browser_at(tonan).post(link(told))
    client = browser_at(tonan)
    client.post("/sign-in/", {"contact": NEW})
    with bound(tonan):
        code = re.search(r"[0-9]{6}", Message.objects.filter(to=NEW).latest("pk").body)[0]
    client.post("/sign-in/code/", {"code": code})
    assert client.get("/menu/")["Location"] == "/register/"


def test_objecting_twice_is_once(told, officer, tonan):
    client = browser_at(tonan)
    answers = [browser_at(tonan).post(link(told)), client.post(link(told)), client.get(link(told))]
    assert all("もとにもどしました" in text(answer) for answer in answers)
    with bound(tonan):
        assert Message.objects.filter(to=officer.user.email, subject__contains="もとにもどしました").count() == 1
        assert Entry.objects.filter(verb="account.put_contact_back").count() == 1


def test_after_three_days_it_says_so_and_changes_nothing(told, member, tonan, clock):
    clock.go_on(hours=71, minutes=59)
    assert browser_at(tonan).get(link(told)).status_code == 200
    clock.go_on(minutes=2)
    for answer in (browser_at(tonan).get(link(told)), browser_at(tonan).post(link(told))):
        assert answer.status_code == 410
        assert "期限が過ぎています" in text(answer)
    with bound(tonan):
        assert User.objects.get(pk=member.user_id).email == NEW


def test_a_stranger_s_token_and_another_association_s_open_nothing(told, member, outsider, tonan, fujishiro):
    token = link(told)
    assert browser_at(fujishiro).post(token).status_code == 404
    assert browser_at(tonan).post("/objection/made-up/").status_code == 404
    with bound(fujishiro):
        theirs = outsider.user.contact_changes.create(channel="mail", old="a@example.jp", new=outsider.user.email)
        foreign = theirs.path
    assert browser_at(tonan).post(foreign).status_code == 404
    with bound(tonan):
        assert User.objects.get(pk=member.user_id).email == NEW


def test_what_a_thief_changed_afterwards_goes_back_too(told, client_for, member, tonan):
    with bound(tonan):
        thief = browser_at(tonan)
        thief.force_login(User.objects.get(pk=member.user_id))
    change(thief, member, "080-1111-2222")
    change(thief, member, "mata@example.jp")
    assert len(letters(member, member.user.email)) == 3  # the owner hears of each
    browser_at(tonan).post(link(told))
    with bound(tonan):
        user = User.objects.get(pk=member.user_id)
        assert (user.email, user.phone) == (member.user.email, None)
        assert not ContactChange.objects.open().exists()
    late = letters(member, NEW)  # the thief's own letter of the last change
    assert "もとにもどしました" in text(browser_at(tonan).post(link(late[-1])))
    with bound(tonan):
        assert User.objects.get(pk=member.user_id).email == member.user.email


def test_nobody_else_takes_the_old_address_meanwhile(told, member, leader, client_for, tonan, clock):
    client = browser_at(tonan)
    client.post("/sign-in/", {"contact": member.user.email})
    with bound(tonan):
        code = re.search(r"[0-9]{6}", Message.objects.filter(to=member.user.email).latest("pk").body)[0]
    refused = client.post("/sign-in/code/", {"code": code})
    assert refused.status_code == 422
    assert "もとにもどしてください" in text(refused)
    neighbour = client_for(leader)
    assert change(neighbour, leader, member.user.email)["Location"] == "/menu/contact/"
    with bound(tonan):
        assert not User.objects.filter(email=member.user.email).exists()
    clock.go_on(hours=73)
    change(client_for(leader), leader, member.user.email)
    with bound(tonan):
        assert User.objects.get(email=member.user.email).pk == leader.user_id


def test_leaving_ends_sessions_and_tokens(client_for, member, officer, tonan):
    client = client_for(member)
    assert is_in(client)
    with bound(tonan):
        secret = ApiToken.objects.issue(member.user)[1]
        Member.objects.get(pk=member.pk).leave(by=officer)
    assert client.get("/menu/")["Location"].startswith("/sign-in/")
    assert not opens(member, secret)


def test_erasing_takes_devices_tokens_and_changes_along(told, client_for, member, officer, tonan):
    with bound(tonan):
        client = browser_at(tonan)
        client.force_login(User.objects.get(pk=member.user_id))
    assert is_in(client)
    with bound(tonan):
        Member.objects.get(pk=member.pk).erase(by=officer)
        assert not Device.objects.filter(user=member.user_id).exists()
        assert not ContactChange.objects.filter(user=member.user_id).exists()
        assert not Message.objects.filter(to__in=[NEW, member.user.email]).exists()
    assert client.get("/menu/")["Location"].startswith("/sign-in/")


def test_staff_hear_at_the_old_address_and_operations_of_an_objection(apex, operator, city_official):
    desk = apex(city_official)
    assert desk.get("/city/").status_code == 200
    with public():
        city_official.take_contact(Contact.parse("atarashii@city.example.jp"), way=Way())
        told = Message.objects.get(to="city@example.jp")
    assert desk.get("/city/").status_code == 302  # their other sessions are over
    assert "もとにもどしました" in text(apex().post(link(told)))
    with public():
        assert User.objects.get(pk=city_official.pk).email == "city@example.jp"
        assert Message.objects.filter(to=operator.email, subject__contains="もとにもどしました").count() == 1
