"""P5: no token works elsewhere: on a foreign site, on the apex host, for another purpose, too late."""

import re
from itertools import permutations

import pytest
from django.core.cache import cache
from django.test import Client

from controlplane.accounts.contacts import Contact
from controlplane.accounts.models import ApiToken, LoginCode, User, WrongCode
from controlplane.outbox.models import Message
from controlplane.tenancy import BadToken, Purpose, Unbound, bound, public, sign, unsign
from tenants.members.models import BadInvitation, Invitation


@pytest.mark.parametrize("purpose", list(Purpose))
def test_a_signed_token_is_good_at_home_only(tonan, fujishiro, purpose):
    with bound(tonan):
        token = sign(purpose, ["value", 1])
        assert unsign(purpose, token) == ["value", 1]
    with bound(fujishiro), pytest.raises(BadToken):
        unsign(purpose, token)
    with public(), pytest.raises(BadToken):
        unsign(purpose, token)


@pytest.mark.parametrize(("made", "used"), list(permutations(Purpose, 2)))
def test_a_signed_token_is_good_for_its_purpose_only(tonan, made, used):
    with bound(tonan), pytest.raises(BadToken):
        unsign(used, sign(made, 1))


@pytest.mark.parametrize("purpose", list(Purpose))
def test_a_changed_token_is_bad(tonan, purpose):
    with bound(tonan):
        token = sign(purpose, 1)
        for broken in ("", "x", token[:-1], token[::-1], token + "x", "1" + token):
            with pytest.raises(BadToken):
                unsign(purpose, broken)


def test_a_stale_token_is_bad(tonan):
    with bound(tonan), pytest.raises(BadToken):
        unsign(Purpose.CONTACT, sign(Purpose.CONTACT, 1), max_age=-1)


def test_nothing_is_signed_unbound(db):
    with pytest.raises(Unbound):
        sign(Purpose.CONTACT, 1)


def test_a_session_of_one_site_is_unknown_on_another(client_for, tonan, member, fujishiro):
    cookies = client_for(member).cookies
    elsewhere = Client(HTTP_HOST="fujishiro.kairan.localhost")
    elsewhere.cookies = cookies
    page = elsewhere.get("/")
    assert page.status_code == 302
    assert "sign-in" in page["Location"]


def test_an_api_token_of_one_site_is_401_on_another(tonan, member, fujishiro):
    with bound(tonan):
        _row, secret = ApiToken.objects.issue(member.user)
    headers = {"HTTP_AUTHORIZATION": f"Token {secret}"}
    assert Client(HTTP_HOST="tonan.kairan.localhost").get("/api/v1/posts/", **headers).status_code == 200
    assert Client(HTTP_HOST="fujishiro.kairan.localhost").get("/api/v1/posts/", **headers).status_code == 401
    assert Client(HTTP_HOST="kairan.localhost").get("/api/v1/me/", **headers).status_code == 401


def test_a_login_code_of_one_site_is_wrong_on_another(tonan, fujishiro):
    contact = Contact.parse("a@example.jp")
    with bound(tonan):
        LoginCode.objects.send(contact, asked_from="192.0.2.9", site_name=tonan.name)
        code = re.search(r"\d{6}", Message.objects.get(to=contact.value).subject)[0]
    with bound(fujishiro), pytest.raises(WrongCode):
        LoginCode.objects.redeem(contact, code, tried_from="192.0.2.9")
    with bound(tonan):
        LoginCode.objects.redeem(contact, code, tried_from="192.0.2.9")


def test_an_invitation_of_one_site_is_bad_on_another(tonan, fujishiro, officer):
    with bound(tonan):
        _row, code = Invitation.objects.invite(by=officer)
        assert Invitation.objects.open(code)
    with bound(fujishiro), pytest.raises(BadInvitation):
        Invitation.objects.open(code)


def test_cache_keys_carry_the_association(tonan, fujishiro):
    with bound(tonan):
        cache.set("word", "桃南だけの話")
    with bound(fujishiro):
        assert cache.get("word") is None
    with bound(tonan):
        assert cache.get("word") == "桃南だけの話"
        cache.delete("word")


def test_a_cache_key_outside_a_binding_raises(db):
    with pytest.raises(Unbound):
        cache.get("word")


def test_a_user_of_one_schema_is_nobody_in_another(tonan, fujishiro, member):
    with bound(fujishiro):
        assert not User.objects.filter(email=member.user.email).exists()
