"""Tokens of staff: made with both factors only, and worth nothing without a factor where one is required."""

import re

import pytest
from django.conf import settings
from django.test import Client

from controlplane.accounts.models import ApiToken
from controlplane.outbox.models import Message
from controlplane.tenancy import public
from tests.staff_side import clock, person_at, required, settled

__all__ = ["clock", "person_at", "required", "settled"]


@pytest.fixture
def ask(apex_api, code_sent, operator):
    """Redeem a new code together with this second factor."""

    def redeem(**more):
        apex_api().post("auth/code/", email=operator.email)
        return apex_api().post("auth/token/", email=operator.email, code=code_sent(operator.email), **more)

    return redeem


@pytest.fixture
def code_sent():
    def read(to):
        with public():
            sent = Message.objects.filter(to=to, subject__startswith="6けた").latest("pk")
        return re.search(r"\d{6}", sent.subject)[0]

    return read


def test_without_a_factor_there_is_no_token(required, ask):
    answer = ask()
    assert answer.status_code == 400
    assert set(answer.json()["errors"]) == {"second_factor"}


def test_a_token_wants_digits_that_are_right_and_new(settled, ask):
    for wrong in ({}, {"second_factor": ""}, {"second_factor": "000000"}):
        assert ask(**wrong).status_code == 400
    digits = settled.digits()
    answer = ask(second_factor=digits)
    assert answer.status_code == 200
    headers = {"Authorization": f"Token {answer.json()['token']}"}
    assert Client(HTTP_HOST=settings.APEX_HOST).get("/api/v1/associations/", headers=headers).status_code == 200
    settled.clock.go_on(hours=2)  # the limit on codes
    assert ask(second_factor=digits).status_code == 400


def test_a_recovery_code_makes_a_token_once(settled, ask):
    assert ask(second_factor=settled.recovery[0]).status_code == 200
    assert ask(second_factor=settled.recovery[0]).status_code == 400


def test_guessing_at_tokens_is_paused(settled, ask, clock):
    for _ in range(4):
        assert ask(second_factor="000000").status_code == 400
    clock.go_on(hours=1)  # the limit on codes
    assert ask(second_factor="000000").status_code == 400
    assert ask(second_factor=settled.digits()).status_code == 429


def test_a_token_from_before_is_dead_where_a_factor_is_required_now(apex_api, operator, settings):
    program = apex_api(operator)
    assert program.get("associations/").status_code == 200
    settings.STAFF_SECOND_FACTOR = True
    assert program.get("associations/").status_code == 401
    assert program.get("me/").status_code == 401


def test_tokens_end_when_the_first_factor_is_set_up(apex_api, person_at, operator):
    with public():
        _row, secret = ApiToken.objects.issue(operator)
    person = person_at(operator)
    person.prove_contact()
    person.set_up_app()
    headers = {"Authorization": f"Token {secret}"}
    assert Client(HTTP_HOST=settings.APEX_HOST).get("/api/v1/me/", headers=headers).status_code == 401


def test_members_tokens_ask_for_nothing_more(required, api, member):
    assert api(member).get("posts/").status_code == 200
