"""From a proven contact into the roster: alone, with the family, by invitation; waiting for an officer."""

import re

import pytest
from django.test import Client

from controlplane.accounts.models import User
from controlplane.outbox.models import Message
from controlplane.tenancy import bound
from tenants.members.models import BadFamilyCode, Group, Household, Invitation, Member, Seat, groups

FORM = {
    "name": "会員３　花子",
    "kana": "かいいん",
    "household": "first",
    "postal_code": "６１２−８０３３",
    "address": "京都市伏見区桃山町 1-2",
}


@pytest.fixture
def newcomer(browser, tonan):
    """A browser of somebody who has proven a contact and is nobody yet."""
    client = browser(tonan)
    with bound(tonan):
        client.force_login(User.objects.create(email="newcomer@example.jp"))
    return client


@pytest.fixture
def first_group(tonan):
    with bound(tonan):
        return Group.objects.first()


def registered(tonan):
    with bound(tonan):
        return Member.objects.select_related("household__group").get(user__email="newcomer@example.jp")


def text(answer) -> str:
    return answer.content.decode()


def test_registering_leads_to_waiting(newcomer, tonan, first_group):
    answer = newcomer.post("/register/", FORM | {"group": first_group.pk}, follow=True)
    assert answer.redirect_chain[-1] == ("/waiting/", 302)
    assert "役員がたしかめる" in text(answer)
    person = registered(tonan)
    assert (person.name, person.is_admitted) == ("会員3 花子", False)
    assert (person.household.group, person.household.postal_code) == (first_group, "612-8033")
    assert newcomer.get("/")["Location"] == "/waiting/"


def test_the_group_may_be_unknown(newcomer, tonan):
    newcomer.post("/register/", FORM | {"group": "unknown"})
    assert registered(tonan).household.group is None


def test_what_is_missing_is_named_and_what_was_typed_stays(newcomer, tonan):
    answer = newcomer.post("/register/", FORM | {"name": "", "kana": "のこる"})
    assert answer.status_code == 422
    assert "2か所、なおしてください" in text(answer)
    assert "分からないときは「分からない」を選んでください" in text(answer)
    assert 'value="のこる"' in text(answer)
    with bound(tonan):
        assert not Member.objects.filter(user__email="newcomer@example.jp").exists()


def test_the_postal_code_fills_in_the_address_and_keeps_the_rest(newcomer, first_group):
    answer = newcomer.post("/register/", FORM | {"address": "", "group": first_group.pk, "lookup": "1"})
    assert answer.status_code == 200
    assert "京都市伏見区桃山町" in text(answer)
    assert 'value="会員３　花子"' in text(answer)
    assert "なおしてください" not in text(answer)


def test_an_unknown_postal_code_is_said_plainly(newcomer):
    answer = newcomer.post("/register/", FORM | {"postal_code": "000-0000", "lookup": "1"})
    assert "この郵便番号の住所が見つかりません" in text(answer)


def test_relatives_join_the_same_home_and_still_wait(newcomer, tonan, member):
    with bound(tonan):
        code = member.household.family_code
    newcomer.post("/register/", {"name": "会員3", "household": "family", "family_code": f" {code.lower()} "})
    person = registered(tonan)
    assert person.household == member.household
    assert not person.is_admitted


@pytest.mark.parametrize("code", ["", "1", "1-AAAA-AAAA", "999-ABCD-EFGH", "x-ABCD-EFGH", "９" * 20 + "ABCDEFGH"])
def test_a_wrong_family_code_is_said_plainly(newcomer, code):
    answer = newcomer.post("/register/", {"name": "会員3", "household": "family", "family_code": code})
    assert answer.status_code == 422
    assert "この番号の家が見つかりません" in text(answer)


def test_a_family_code_of_another_association_is_wrong_here(newcomer, fujishiro, outsider, member):
    assert outsider.household_id == member.household_id  # equal keys, so only the letters can tell
    with bound(fujishiro):
        code = outsider.household.family_code
    answer = newcomer.post("/register/", {"name": "会員3", "household": "family", "family_code": code})
    assert answer.status_code == 422


def test_guessing_codes_from_paper_is_stopped_even_for_the_right_one(newcomer, tonan, member):
    wrong = {"name": "会員3", "household": "family", "family_code": "1-AAAA-AAAA"}
    for _n in range(60):
        newcomer.post("/register/", wrong)
    with bound(tonan):
        right = wrong | {"family_code": member.household.family_code}
    assert "何度もためされた" in text(newcomer.post("/register/", right))
    with bound(tonan):
        assert not Member.objects.filter(user__email="newcomer@example.jp").exists()


def invitation(tonan, inviter, **details):
    with bound(tonan):
        return inviter.invite(**details)


def test_an_invitation_says_who_invites_and_lets_in_at_once(browser, tonan, officer, first_group):
    row, code = invitation(tonan, officer, group=first_group)
    client = browser(tonan)
    page = client.get(f"/i/{code}/")
    assert "桃南会への招待" in text(page)
    assert "会長" in text(page)
    assert client.post(f"/i/{code}/")["Location"] == "/sign-in/"
    sign_in(client, tonan)
    answer = client.post("/register/", FORM)
    assert answer["Location"] == "/"
    person = registered(tonan)
    assert person.is_admitted
    assert person.household.group == first_group
    with bound(tonan):
        row.refresh_from_db()
        assert row.used == 1


def sign_in(client, tonan):
    """Through the two steps, so that the invitation kept in the session is carried over."""
    client.post("/sign-in/", {"contact": "newcomer@example.jp"})
    with bound(tonan):
        code = re.search(r"[0-9]{6}", Message.objects.filter(to="newcomer@example.jp").latest("pk").body)[0]
    assert client.post("/sign-in/code/", {"code": code})["Location"] == "/register/"


def test_an_invitation_number_typed_into_the_form_lets_in_at_once(newcomer, tonan, officer):
    _row, code = invitation(tonan, officer)
    typed = code.replace("-", " ").lower()
    assert newcomer.post("/register/", FORM | {"group": "unknown", "invitation": typed})["Location"] == "/"
    assert registered(tonan).is_admitted


def test_an_invitation_may_carry_a_seat(newcomer, tonan, officer):
    with bound(tonan):
        seat = Seat.objects.add(title="会計", kind="officer", by=officer)
    _row, code = invitation(tonan, officer, seat=seat)
    newcomer.post(f"/i/{code}/")
    newcomer.post("/register/", FORM | {"group": "unknown"})
    with bound(tonan):
        assert registered(tonan).is_officer
        assert Seat.objects.get(pk=seat.pk).holder == registered(tonan)


def test_a_member_takes_a_seat_by_its_invitation(client_for, tonan, officer, member):
    with bound(tonan):
        seat = Seat.objects.add(title="会計", kind="officer", by=officer)
    _row, code = invitation(tonan, officer, seat=seat)
    assert client_for(member).post(f"/i/{code}/")["Location"] == "/"
    with bound(tonan):
        assert Seat.objects.get(pk=seat.pk).holder == member


def test_a_member_does_not_use_up_an_invitation_without_a_seat(client_for, tonan, officer, member):
    row, code = invitation(tonan, officer)
    client_for(member).post(f"/i/{code}/")
    with bound(tonan):
        row.refresh_from_db()
        assert row.used == 0


def test_a_used_withdrawn_or_unknown_invitation_is_said_plainly(browser, tonan, officer):
    row, code = invitation(tonan, officer)
    with bound(tonan):
        row.withdraw(by=officer)
    for typed in (code, "ABCD-EFGH-JKLM"):
        answer = browser(tonan).get(f"/i/{typed}/")
        assert answer.status_code == 404
        assert "この招待は使えません" in text(answer)


def test_the_last_place_of_an_invitation_goes_to_one_person_only(newcomer, tonan, officer, monkeypatch):
    _row, code = invitation(tonan, officer)
    newcomer.post(f"/i/{code}/")
    original = Member.objects.register

    def somebody_was_faster(*args, **kwargs):
        Invitation.objects.get(pk=kwargs["invitation"].pk).use()
        return original(*args, **kwargs)

    monkeypatch.setattr(type(Member.objects), "register", lambda self, *a, **k: somebody_was_faster(*a, **k))
    answer = newcomer.post("/register/", FORM | {"group": "unknown"})
    assert answer.status_code == 422
    assert "使い切られました" in text(answer)


def test_who_waits_comes_in_by_an_invitation_that_turns_up(client_for, tonan, officer, waiting):
    _row, code = invitation(tonan, officer)
    client = client_for(waiting)
    assert "承認されたか見る" in text(client.get("/waiting/"))
    assert client.post("/waiting/", {"invitation": "WRON-GCOD-EXXX"}).status_code == 422
    assert client.post("/waiting/", {"invitation": code})["Location"] == "/"


def test_many_groups_fold_away(newcomer, tonan, officer):
    with bound(tonan):
        for n in range(3, 15):
            Group.objects.add(f"{n}組", by=officer)
    assert "7組から14組" in text(newcomer.get("/register/"))


def test_who_is_registered_is_not_asked_again(client_for, member, waiting):
    assert client_for(member).get("/register/")["Location"] == "/"
    assert client_for(waiting).get("/register/")["Location"] == "/waiting/"


def test_homes_without_anybody_registered_show_no_family_code(tonan):
    with bound(tonan):
        paper = Household.objects.get(channel="paper")
        with pytest.raises(BadFamilyCode):
            Household.objects.of_family_code(paper.family_code)


def test_the_outsider_is_nobody_here(client_for, outsider, tonan):
    foreign = Client(HTTP_HOST="tonan.kairan.localhost")
    foreign.cookies = client_for(outsider).cookies
    for url in ("/register/", "/waiting/"):
        assert foreign.get(url)["Location"].startswith("/sign-in/")


@pytest.mark.parametrize(("fortnights_later", "status"), [(1, 302), (2, 422)])
def test_a_family_code_lives_two_to_four_weeks(newcomer, tonan, member, monkeypatch, fortnights_later, status):
    now = groups._fortnight()
    with bound(tonan):
        code = member.household.family_code
    monkeypatch.setattr(groups, "_fortnight", lambda: now + fortnights_later)
    answer = newcomer.post("/register/", {"name": "会員3", "household": "family", "family_code": code})
    assert answer.status_code == status
