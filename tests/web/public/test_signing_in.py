"""Signing in at the apex host: by a code, for operators and city staff, the same answer for all."""

import re

import pytest

from controlplane.accounts.models import User
from controlplane.outbox.models import Message
from controlplane.tenancy import public


def codes(to):
    with public():
        return [re.search(r"\d{6}", each.subject)[0] for each in Message.objects.filter(to=to)]


def ask(client, email, **more):
    return client.post("/sign-in/", {"email": email, **more})


@pytest.mark.parametrize(("who", "desk"), [("operator", "/operations/"), ("city_official", "/city/")])
def test_a_code_leads_to_one_s_own_desk(apex, request, who, desk):
    user, client = request.getfixturevalue(who), apex()
    ask(client, user.email.upper())
    answer = client.post("/sign-in/code/", {"code": codes(user.email)[-1]}, follow=True)
    assert answer.redirect_chain[-1][0] == desk
    assert answer.status_code == 200


def test_the_way_back_is_kept_but_only_within_this_host(apex, operator):
    for wanted, landed in (("/operations/runs/", "/operations/runs/"), ("//evil.example/", "/sign-in/desk/"),
                           ("https://evil.example/", "/sign-in/desk/")):  # fmt: skip
        client = apex()
        ask(client, operator.email, next=wanted)
        answer = client.post("/sign-in/code/", {"code": codes(operator.email)[-1]})
        assert answer.url == landed


def test_a_stranger_gets_the_same_answer_and_no_code(apex, operator):
    with public():
        User.objects.create(email="account@example.jp")  # an account without a desk
    answers = {}
    for email in (operator.email, "stranger@example.jp", "account@example.jp"):
        client = apex()
        first = ask(client, email)
        page = client.get(first.url).content.decode()
        answers[email] = (
            first.status_code,
            first.url,
            re.sub(r'value="(\w{64}|[\w-]{26,29})"', "", page).replace(email, ""),
        )
    shown = {re.sub(r'"X-CSRFToken": "\w+"', "", page) for _status, _url, page in answers.values()}
    assert len(shown) == 1
    assert codes("stranger@example.jp") == codes("account@example.jp") == []
    assert len(codes(operator.email)) == 1


def test_asking_too_often_looks_the_same_for_a_known_address(apex, operator):
    client = apex()
    answers = [ask(client, operator.email) for _ in range(7)]
    assert {answer.status_code for answer in answers} == {302}
    assert len(codes(operator.email)) == 1


def test_one_network_address_cannot_ask_for_ever(apex):
    client = apex()
    answers = [ask(client, f"stranger{n}@example.jp").status_code for n in range(31)]
    assert answers == [302] * 30 + [422]


def test_a_wrong_code_lets_nobody_in(apex, operator):
    client = apex()
    ask(client, operator.email)
    wrong = f"{(int(codes(operator.email)[-1]) + 1) % 1_000_000:06d}"
    answer = client.post("/sign-in/code/", {"code": wrong})
    assert "番号がちがうか" in answer.content.decode()
    assert client.get("/operations/").status_code == 302


def test_the_code_page_needs_an_address_first(apex):
    assert apex().get("/sign-in/code/").url == "/sign-in/"


def test_signing_out_is_a_post(apex, operator):
    client = apex(operator)
    assert client.get("/sign-out/").status_code == 405
    assert client.post("/sign-out/").url == "/"
    assert client.get("/operations/").status_code == 302


def test_who_is_in_already_goes_to_the_desk(apex, operator):
    assert apex(operator).get("/sign-in/").url == "/operations/"


def test_the_limits_tell_nobody_whose_address_is_staff_s(apex, operator):
    entry = {
        "act": "send", "name": "桃南会", "kind": "association", "postal_code": "612-8001", "address": "京都市伏見区",
        "households": "3", "representative_name": "代表 1", "representative_phone": "075-611-1144",
    }  # fmt: skip
    answers = set()
    for email in (operator.email, "stranger@example.jp"):
        client = apex()
        for _ in range(5):
            ask(client, email)
        answers.add(client.post("/apply/", entry | {"representative_email": email}).status_code)
    assert len(answers) == 1
