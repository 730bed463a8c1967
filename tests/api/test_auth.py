"""Signing in by code: nobody learns who is known, and a token is good on its own host only."""

import re

import pytest

from controlplane.accounts.contacts import Contact
from controlplane.accounts.login_codes import LoginCode
from controlplane.accounts.models import User
from controlplane.outbox.models import Message
from controlplane.tenancy import bound, public


@pytest.mark.parametrize("contact", [{"email": "new@example.jp"}, {"phone": "090-1234-5678"}])
def test_a_code_becomes_a_token(api, tonan, code_sent, contact):
    assert api().post("auth/code/", **contact).status_code == 202
    to = contact.get("email", "+819012345678")
    answer = api().post("auth/token/", **contact, code=code_sent(to, tonan))
    assert answer.status_code == 200
    assert set(answer.json()) == {"token", "expires_at"}
    assert answer.json()["expires_at"].endswith("+09:00")
    me = api().client.get("/api/v1/me/", headers={"Authorization": f"Token {answer.json()['token']}"})
    assert me.status_code == 200
    assert me.json()["member"] is None


@pytest.mark.parametrize(
    "body", [{}, {"email": "no-address"}, {"phone": "03"}, {"email": "a@b.jp", "phone": "09012345678"}]
)
def test_what_is_no_contact_is_400(api, body):
    assert api().post("auth/code/", **body).status_code == 400


def test_the_apex_host_answers_strangers_the_same_and_sends_them_nothing(apex_api, operator):
    known = apex_api().post("auth/code/", email=operator.email)
    unknown = apex_api().post("auth/code/", email="stranger@example.jp")
    assert known.status_code == unknown.status_code == 202
    said = [
        {name: value.replace(to, "") for name, value in answer.json().items() if name in ("outcome", "detail")}
        for answer, to in ((known, operator.email), (unknown, "stranger@example.jp"))
    ]
    assert said[0] == said[1]
    with public():
        assert Message.objects.filter(to=operator.email).exists()
        assert not Message.objects.filter(to="stranger@example.jp").exists()


def test_too_many_codes_for_one_contact_look_like_any_other_answer(api, tonan):
    answers = [api().post("auth/code/", email="often@example.jp").status_code for _time in range(7)]
    assert answers == [202] * 7
    with bound(tonan):
        assert LoginCode.objects.filter(destination="often@example.jp").count() == 1


def test_an_address_that_asks_too_often_is_429(api):
    answers = [api().post("auth/code/", email=f"a{n}@example.jp") for n in range(32)]
    assert answers[0].status_code == 202
    assert answers[-1].status_code == 429
    assert 0 < int(answers[-1]["Retry-After"]) <= 900
    assert "お休み" in answers[-1].json()["detail"]


def test_a_wrong_code_is_400_by_field_and_a_used_one_too(api, tonan, member, code_sent):
    contact = {"email": member.user.email}
    api().post("auth/code/", **contact)
    code = code_sent(member.user.email, tonan)
    wrong = api().post("auth/token/", **contact, code=f"{(int(code) + 1) % 1_000_000:06d}")
    assert wrong.status_code == 400
    assert set(wrong.json()["errors"]) == {"code"}
    assert api().post("auth/token/", **contact, code=code).status_code == 200
    assert api().post("auth/token/", **contact, code=code).status_code == 400


def test_a_token_is_told_once_under_whatever_key(api, tonan, code_sent):
    """Who learns of the code afterwards gets nothing for it, from whichever caller's request they copy."""
    contact = {"email": "new@example.jp"}
    api().post("auth/code/", **contact)
    body, headers = {**contact, "code": code_sent(contact["email"], tonan)}, {"Idempotency-Key": '"first"'}
    ask = {"content_type": "application/json", "headers": headers}
    assert api().client.post("/api/v1/auth/token/", body, **ask).status_code == 200
    assert api().client.post("/api/v1/auth/token/", body, **ask).status_code == 400


def test_a_stranger_s_guesses_do_not_keep_the_owner_out(api, tonan, member, code_sent):
    """After forty of them six digits open nothing; the twelve that are sent then do."""
    contact = {"email": member.user.email}
    api().post("auth/code/", **contact)
    code = code_sent(member.user.email, tonan)
    for n in range(1, 41):
        api().post("auth/token/", **contact, code=f"{(int(code) + n) % 1_000_000:06d}")
    refused = api().post("auth/token/", **contact, code=code)
    assert refused.status_code == 400
    assert "12けた" in refused.json()["errors"]["code"][0]
    assert api().post("auth/code/", **contact).json()["digits"] == 12
    with bound(tonan):
        body = Message.objects.filter(to=member.user.email).latest("pk").body
    long = re.search(r"\d{4} \d{4} \d{4}", body)[0]
    assert api().post("auth/token/", **contact, code=long).status_code == 200


def test_asked_for_again_it_is_said_that_the_last_code_is_good(api):
    first, second = (api().post("auth/code/", phone="090-1234-5678").json() for _ in range(2))
    assert (first["outcome"], second["outcome"]) == ("sent", "still_good")
    assert second["sent_at"] == first["sent_at"]
    assert "まだ使えます" in second["detail"]


def test_on_the_apex_host_a_code_makes_no_account(apex_api, code_sent, db):

    with public():  # as the entry form sends it to an applicant
        LoginCode.objects.send(Contact.parse("applicant@example.jp"), asked_from="192.0.2.9", site_name="回覧")
    code = code_sent("applicant@example.jp")
    assert apex_api().post("auth/token/", email="applicant@example.jp", code=code).status_code == 400
    with public():
        assert not User.objects.filter(email="applicant@example.jp").exists()


def test_a_token_given_back_is_dead(api, member):
    program = api(member)
    assert program.get("me/").status_code == 200
    assert program.delete("auth/token/").status_code == 204
    assert program.get("me/").status_code == 401
    assert program.delete("auth/token/").status_code == 401


def test_a_token_of_one_site_is_401_everywhere_else(api, apex_api, member, outsider, operator):
    assert api(outsider).get("me/").status_code == 401
    stranger = apex_api()
    stranger.headers = api(member).headers
    assert stranger.get("me/").status_code == 401
    visitor = api()
    visitor.headers = apex_api(operator).headers
    assert visitor.get("me/").status_code == 401


def test_the_web_s_session_signs_in_too_and_needs_its_csrf_token_to_write(client_for, member):
    from django.test import Client

    browser = client_for(member)
    assert browser.get("/api/v1/me/").status_code == 200
    strict = Client(HTTP_HOST="tonan.kairan.localhost", enforce_csrf_checks=True)
    strict.cookies = browser.cookies
    answer = strict.patch("/api/v1/me/", {"name": "x"}, content_type="application/json")
    assert answer.status_code == 403
    assert "X-CSRFToken" in answer.json()["detail"]


def test_the_limits_tell_nobody_who_has_an_account_at_the_apex_host(apex_api, operator):
    with public():
        outcomes = [
            [apex_api().post("auth/code/", email=email).json()["outcome"] for _ in range(7)]
            for email in (operator.email, "stranger@example.jp")
        ]
    assert outcomes[0] == outcomes[1]
