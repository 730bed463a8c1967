"""Passkeys through pages: made and shown for one challenge, at one host, by one person. In a browser: tests/browser."""

import pytest

from controlplane.audit.models import Entry
from controlplane.staff.models import Passkey
from controlplane.tenancy import public
from tests.staff_side import SoftKey


@pytest.fixture
def key():
    return SoftKey()


@pytest.fixture
def keyed(required, person_at, operator, key):
    """The operator, come in with a passkey just made."""
    person = person_at(operator)
    person.prove_contact()
    made = make(person, key)
    assert made.status_code == 200
    assert "予備の番号" in made.content.decode()
    return person


def make(person, key, **sent):
    page = person.client.get("/sign-in/set-up/passkey/")
    return person.client.post("/sign-in/set-up/passkey/", {"name": "仕事のスマホ", "answer": key.make(page)} | sent)


def show(person, key):
    return person.show(answer=key.show(person.client.get("/sign-in/second/")))


def test_a_passkey_lets_one_in_again_and_again(keyed, person_at, operator, key):
    assert keyed.is_in
    for _ in range(2):
        again = person_at(operator)
        assert again.prove_contact(onward="/operations/runs/").url == "/sign-in/second/"
        assert not again.is_in
        assert show(again, key).url == "/operations/runs/"
        assert again.is_in
    with public():
        row = Passkey.objects.get(user=operator)
        assert (row.name, row.uses) == ("仕事のスマホ", 2)
        assert row.last_used_at


def test_an_answer_is_good_for_its_challenge_only(keyed, person_at, operator, key):
    first, thief = person_at(operator), person_at(operator)
    first.prove_contact()
    answer = key.show(first.client.get("/sign-in/second/"))
    thief.prove_contact()
    thief.client.get("/sign-in/second/")
    assert thief.show(answer=answer).status_code == 422
    assert first.show(answer=answer).status_code == 302
    first.client.post("/sign-out/")
    first.prove_contact()
    assert first.show(answer=answer).status_code == 422


def test_a_challenge_is_good_once(keyed, person_at, operator, key):
    thief = person_at(operator)
    thief.prove_contact()
    page = thief.client.get("/sign-in/second/")
    stranger = SoftKey()
    assert thief.show(answer=stranger.show(page)).status_code == 422
    assert thief.show(answer=key.show(page)).status_code == 422


def test_somebody_else_s_key_is_no_key(keyed, person_at, operator, city_official):
    official, theirs = person_at(city_official), SoftKey()
    official.prove_contact()
    assert make(official, theirs).status_code == 200
    thief = person_at(operator)
    thief.prove_contact()
    assert show(thief, theirs).status_code == 422
    assert not thief.is_in
    with public():
        assert Entry.objects.filter(verb="staff.wrong_passkey").count() == 1


def test_a_key_is_not_given_to_two_people(keyed, person_at, city_official, key):
    official = person_at(city_official)
    official.prove_contact()
    assert make(official, key).status_code == 422
    assert not official.is_in


def test_a_copied_key_is_noticed(keyed, person_at, operator, key):
    """The copy counts its uses from where it was taken."""
    person = person_at(operator)
    person.prove_contact()
    assert show(person, key).status_code == 302
    key.uses = 0
    thief = person_at(operator)
    thief.prove_contact()
    assert show(thief, key).status_code == 422


@pytest.mark.parametrize(
    "elsewhere",
    [
        {"origin": "https://kairan.example"},
        {"origin": "http://tonan.kairan.localhost:8000"},
        {"host": "kairan.example"},
    ],
)
def test_a_page_that_only_looks_like_ours_gets_nothing(required, person_at, operator, elsewhere):
    person, fooled = person_at(operator), SoftKey(**elsewhere)
    person.prove_contact()
    assert make(person, fooled).status_code == 422
    assert not person.is_in
    key = SoftKey()
    assert make(person, key).status_code == 200
    key.origin, key.host = fooled.origin, fooled.host
    again = person_at(operator)
    again.prove_contact()
    assert show(again, key).status_code == 422


def test_a_passkey_needs_a_name_and_the_page_comes_back(required, person_at, operator, key):
    person = person_at(operator)
    person.prove_contact()
    assert make(person, key, name="").status_code == 422
    assert make(person, key).status_code == 200


def test_one_of_two_factors_may_go(keyed, operator, key):
    with public():
        pk = Passkey.objects.get(user=operator).pk
    assert (
        "さいごの1つは外せません"
        in keyed.client.post(f"/security/passkeys/{pk}/removal/", follow=True).content.decode()
    )
    keyed.set_up_app()
    assert "外しました" in keyed.client.post(f"/security/passkeys/{pk}/removal/", follow=True).content.decode()
    with public():
        assert not Passkey.objects.filter(user=operator).exists()


def test_nobody_removes_another_s_key(keyed, person_at, city_official, operator):
    official = person_at(city_official)
    official.prove_contact()
    official.set_up_app()
    with public():
        pk = Passkey.objects.get(user=operator).pk
    assert official.client.get(f"/security/passkeys/{pk}/removal/").status_code == 404
    assert official.client.post(f"/security/passkeys/{pk}/removal/").status_code == 404
    with public():
        assert Passkey.objects.filter(pk=pk).exists()
