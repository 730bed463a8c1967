"""Applying: three steps, an address that is proven on the way, one application in the end."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from controlplane.accounts.models import LoginCode
from controlplane.cities.models import City
from controlplane.outbox.models import Message
from controlplane.tenancy import Purpose, public, sign
from provisioning.models import Application

TYPED = {
    "name": "桃山南第2町内会",
    "kana": "ももやまみなみだいにちょうないかい",
    "kind": "association",
    "postal_code": "６１２－８００１",
    "address": "京都市伏見区桃山町1",
    "households": "１８０世帯",
    "representative_name": "代表 1",
    "representative_phone": "０７５－６１１－１１４４",
    "representative_email": "Daihyo@Example.jp",
}
KEY = "0d1f6d4e-9f4f-4f0e-8a55-2f1f8a1f6a10"


@pytest.fixture
def applicant(apex, kyoto):
    return apex()


def send(client, act, **more):
    return client.post("/apply/", {**TYPED, "key": KEY, "act": act, **more})


def text(answer):
    return answer.content.decode()


def hidden(answer, name):
    return re.search(rf'<input type="hidden" name="{name}" value="([^"]*)"', text(answer))[1]


def newest_code(to="daihyo@example.jp"):
    with public():
        return re.search(r"\d{6}", Message.objects.filter(to=to).latest("pk").subject)[0]


def proof(client):
    send(client, "send")
    return hidden(send(client, "prove", code=newest_code()), "proof")


def applications():
    with public():
        return list(Application.objects.all())


def test_the_whole_way(applicant):
    assert "代表者のお名前" in text(send(applicant, "next"))
    assert "daihyo@example.jp" in text(send(applicant, "send"))
    proven = send(applicant, "prove", code=newest_code())
    assert "メールが届くことを、たしかめました" in text(proven)
    answer = send(applicant, "submit", proof=hidden(proven, "proof"))
    page = applicant.get(answer.url)
    assert "運営事務局がたしかめています" in text(page)
    [application] = applications()
    assert (application.ward, application.postal_code, application.households) == ("伏見区", "612-8001", 180)
    assert application.representative_phone == "+81756111144"
    assert application.email_proven_at is not None


def test_what_was_typed_stays_from_step_to_step(applicant):
    page = send(applicant, "next")
    assert hidden(page, "name") == TYPED["name"]
    assert hidden(page, "key") == KEY


def test_two_submits_are_one_application_and_one_mail(applicant):
    proven = proof(applicant)
    first, second = (send(applicant, "submit", proof=proven) for _ in range(2))
    assert len(applications()) == 1
    assert first.status_code == second.status_code == 302
    with public():
        assert Message.objects.filter(subject__contains="受け取りました").count() == 1


def test_the_same_association_from_a_fresh_form_is_the_same_application(applicant):
    proven = proof(applicant)
    send(applicant, "submit", proof=proven)
    send(applicant, "submit", proof=proven, key="7c9e6679-7425-40de-944b-e07fc1f90ae7")
    assert len(applications()) == 1


def test_an_unproven_address_is_not_taken(applicant):
    answer = send(applicant, "submit")
    assert "まだたしかめていません" in text(answer)
    assert applications() == []


def test_the_proof_of_one_address_is_none_for_another(applicant):
    answer = send(applicant, "submit", proof=proof(applicant), representative_email="other@example.jp")
    assert applications() == []
    assert answer.status_code == 422


@pytest.mark.parametrize("made", ["", "x", "daihyo@example.jp:1:x"])
def test_a_made_up_proof_is_none(applicant, made):
    send(applicant, "submit", proof=made)
    assert applications() == []


def test_a_proof_signed_for_something_else_is_none(applicant):
    with public():
        other = sign(Purpose.CALENDAR, "daihyo@example.jp")
    send(applicant, "submit", proof=other)
    assert applications() == []


def test_a_wrong_code_says_what_to_do(applicant):
    send(applicant, "send")
    wrong = "000000" if newest_code() != "000000" else "111111"
    answer = send(applicant, "prove", code=wrong)
    assert "番号がちがうか、古くなっています" in text(answer)
    assert hidden(answer, "proof") == ""


def test_a_stale_code_is_refused(applicant):
    send(applicant, "send")
    with public():
        LoginCode.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert "古くなっています" in text(send(applicant, "prove", code=newest_code()))


def test_guessing_ends_after_forty_tries(applicant):
    send(applicant, "send")
    right = newest_code()
    for n in range(40):
        send(applicant, "prove", code=f"{(int(right) + n + 1) % 1_000_000:06d}")
    assert "12けたの番号" in text(send(applicant, "prove", code=right))


def test_asking_again_is_answered_with_what_happened(applicant):
    answers = [send(applicant, "send") for _ in range(6)]
    assert [answer.status_code for answer in answers] == [200] * 6
    assert "に6けたの番号を送りました" in text(answers[0])
    assert "まだ使えます" in text(answers[-1])
    with public():
        assert Message.objects.filter(to="daihyo@example.jp").count() == 1


def test_the_page_says_what_to_do_when_the_mail_does_not_come(applicant):
    page = text(send(applicant, "send"))
    assert "迷惑メール" in page
    assert "kairan.localhost" in page


def test_the_address_is_filled_in_from_the_postal_code(applicant):
    page = text(send(applicant, "address", address=""))
    assert "見つかりました" in page
    assert 'value="京都市伏見区' in page
    assert TYPED["name"] in page
    assert "か所、なおしてください" not in page


def test_an_address_somebody_wrote_is_not_replaced_but_a_filled_one_is(applicant):
    assert 'value="桃山町の集会所"' in text(send(applicant, "address", address="桃山町の集会所"))
    filled = hidden(send(applicant, "address", address=""), "filled")
    again = text(send(applicant, "address", address=filled, filled=filled, postal_code="606-8501"))
    assert 'value="京都市左京区' in again


def test_an_unknown_postal_code_leaves_what_was_typed(applicant):
    page = text(send(applicant, "address", postal_code="000-0000"))
    assert "見つかりません" in page
    assert TYPED["address"] in page


@pytest.mark.parametrize("act", ["address", "next", "submit"])
def test_outside_the_cities_it_says_which_ones_take_part(applicant, act):
    with public():
        City.objects.create(slug="sakai", name="堺市")
    page = text(send(applicant, act, postal_code="100-0001"))
    assert "千代田区は、まだ参加していません" in page
    assert "京都市・堺市" in page
    assert applications() == []


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("name", "", "団体の名前が、まだ入っていません。"),
        ("name", "あ" * 81, "80文字まで"),
        ("name", "町\u202e内会", "使えない文字"),
        ("name", "町\x00内会", "使えない文字"),
        ("kind", "city", "もう一度選んでください"),
        ("kind", "", "まだ選ばれていません"),
        ("households", "0", "1以上"),
        ("households", "99999999999999999999", "100000まで"),
        ("households", "たくさん", "数字で入れてください"),
        ("postal_code", "6128", "見つかりません"),
        ("address", "あ" * 100_000, "200文字まで"),
        ("representative_email", "daihyo", "形になっていません"),
        ("representative_email", "a@example.jp\nBcc: x@example.jp", "使えない文字"),
        ("representative_phone", "1", "電話番号"),
        ("representative_phone", "+1 202 555 0100", "見つかりません"),
        ("representative_name", "　", "まだ入っていません"),
    ],
)
def test_mistakes_are_named_and_nothing_is_lost(applicant, field, value, said):
    answer = send(applicant, "submit", proof=proof(applicant), **{field: value})
    assert said in text(answer)
    assert TYPED["address" if field == "name" else "name"] in text(answer)
    assert applications() == []


def test_what_is_typed_is_shown_as_text(applicant):
    page = text(send(applicant, "next", name='"><script>alert(1)</script>'))
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page


@pytest.mark.parametrize("key", ["", "1", "x" * 500, "\x00"])
def test_a_key_that_is_none_becomes_a_new_one(applicant, key):
    page = applicant.post("/apply/", {**TYPED, "key": key, "act": "next"})
    assert re.fullmatch(r"[0-9a-f-]{36}", hidden(page, "key"))


def test_an_unknown_act_goes_on_as_the_main_button_would(applicant):
    assert "代表者のお名前" in text(send(applicant, "drop table"))
