"""The applicant's own page: the token is the key."""

import pytest

from controlplane.tenancy import Purpose, bound, public, sign
from provisioning.models import Application


@pytest.fixture
def application(kyoto):
    with public():
        made, _new = Application.objects.submit(
            name="桃山南第2町内会",
            kind="association",
            city=kyoto,
            ward="伏見区",
            postal_code="612-8001",
            address="京都市伏見区桃山町1",
            households=180,
            representative_name="代表 1",
            representative_email="daihyo@example.jp",
            representative_phone="+81756111144",
        )
        return made


def page(apex, application, status=200):
    with public():
        path = application.applicant_path
    answer = apex().get(path)
    assert answer.status_code == status
    return answer.content.decode()


def test_it_says_that_operations_look_at_it(apex, application):
    assert "運営事務局がたしかめています" in page(apex, application)


def test_a_question_is_asked_and_answered_once(apex, application):
    with public():
        application.ask(by="運営 1", text="総会の日はいつですか。")
        path = application.applicant_path
    assert "総会の日はいつですか。" in page(apex, application)
    answered = apex().post(path, {"text": "4月12日です。"}, follow=True).content.decode()
    assert "4月12日です。" in answered
    again = apex().post(path, {"text": "もう一度"}, follow=True).content.decode()
    assert "いまは、お返事をお願いしていません" in again
    with public():
        application.refresh_from_db()
        assert application.status == "received"


def test_an_empty_answer_comes_back(apex, application):
    with public():
        application.ask(by="運営 1", text="総会の日はいつですか。")
        path = application.applicant_path
    answer = apex().post(path, {"text": " "})
    assert "お返事が、まだ入っていません。" in answer.content.decode()


def test_an_answer_does_not_reopen_what_is_decided(apex, application):
    with public():
        application.ask(by="運営 1", text="総会の日はいつですか。")
        application.reject(by="運営 1", reason="同じ団体です。")
        path = application.applicant_path
    apex().post(path, {"text": "4月12日です。"})
    with public():
        application.refresh_from_db()
        assert application.status == "rejected"


def test_a_rejection_gives_its_reason(apex, application):
    with public():
        application.reject(by="運営 1", reason="同じ団体の申し込みがあります。")
    assert "同じ団体の申し込みがあります。" in page(apex, application)


def test_once_live_it_leads_to_the_site(apex, application):
    with public():
        application.approve(by="運営 1", slug="momoyama2")
    assert "ページを作っています" in page(apex, application)
    with public():
        application.association.open()
    assert "http://momoyama2.kairan.localhost:8000/" in page(apex, application)


def test_a_bad_token_is_not_found(apex, application, tonan):
    with public():
        other_purpose = sign(Purpose.CONTACT, application.pk)
        nobody = sign(Purpose.APPLICATION, 999_999)
    with bound(tonan):
        other_site = sign(Purpose.APPLICATION, application.pk)
    for token in ("x", "a:b:c", other_purpose, other_site, nobody):
        assert apex().get(f"/apply/{token}/").status_code == 404
