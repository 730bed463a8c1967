"""One application: approve, ask back, reject."""

import pytest

from controlplane.associations.models import Association
from controlplane.audit.models import Entry
from controlplane.outbox.models import Message
from controlplane.tenancy import public
from provisioning.models import Run


def page(desk, application):
    return desk.get(f"/operations/applications/{application.pk}/").content.decode()


def post(desk, application, act, **data):
    return desk.post(f"/operations/applications/{application.pk}/{act}/", data)


def test_it_shows_everything_and_proposes_an_address(desk, application):
    shown = page(desk, application)
    for words in ("桃山南第2町内会", "daihyo@example.jp", "075-611-1144", "〒612-8001", 'value="momoyamaminami"'):
        assert words in shown


def test_the_proposal_avoids_what_is_taken(desk, application, submit, kyoto):
    with public():
        Association.objects.create(slug="momoyamaminami", name="桃山南", city=kyoto, households=1)
    assert 'value="momoyamaminami-2"' in page(desk, application)
    assert 'name="slug" value=' not in page(desk, submit(name="名なし", kana="", representative_email="n@example.jp"))


def test_approving_starts_a_run(desk, application):
    answer = post(desk, application, "approval", slug="momoyama2")
    with public():
        run = Run.objects.get(association__slug="momoyama2")
        assert run.steps.count() == 9
        application.refresh_from_db()
        assert (application.status, application.decided_by) == ("approved", "運営 1")
    assert answer.url == f"/operations/runs/{run.pk}/"


def test_approving_twice_is_one_run(desk, application):
    first, second = (post(desk, application, "approval", slug="momoyama2") for _ in range(2))
    assert first.url == second.url


@pytest.mark.parametrize(
    ("slug", "said"),
    [
        ("", "まだ入っていません"),
        ("tonan", "もう使われています"),
        ("admin", "この名前は使えません"),
        ("Momo Yama", "半角の小文字"),
        ("xn--abc", "3〜40文字です"),
        ("a" * 41, "40文字まで"),
    ],
)
def test_a_bad_address_comes_back_beside_its_field(desk, application, tonan, slug, said):
    answer = post(desk, application, "approval", slug=slug)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    with public():
        assert not Run.objects.exists()


def test_asking_back_writes_to_the_representative(desk, application):
    post(desk, application, "question", **{"ask-text": "総会の日はいつですか。"})
    with public():
        mail = Message.objects.filter(to="daihyo@example.jp").latest("pk")
    assert "総会の日はいつですか。" in mail.body
    assert "返事を待っている" in page(desk, application)


def test_the_answer_is_shown(desk, application):
    post(desk, application, "question", **{"ask-text": "総会の日はいつですか。"})
    with public():
        application.answer("4月12日です。")
    assert "4月12日です。" in page(desk, application)


def test_rejecting_says_why(desk, application):
    post(desk, application, "rejection", **{"reject-reason": "同じ団体です。"})
    with public():
        assert "同じ団体です。" in Message.objects.filter(to="daihyo@example.jp").latest("pk").body
    assert "承認して、ページを作る" not in page(desk, application)


@pytest.mark.parametrize(
    ("act", "field", "said"),
    [("question", "ask-text", "聞きたいことが"), ("rejection", "reject-reason", "お断りの理由が")],
)
def test_an_empty_text_comes_back(desk, application, act, field, said):
    answer = post(desk, application, act, **{field: "  "})
    assert answer.status_code == 422
    assert f"{said}、まだ入っていません" in answer.content.decode()


def test_what_is_decided_stays_decided(desk, application):
    post(desk, application, "rejection", **{"reject-reason": "同じ団体です。"})
    for act, data in (("approval", {"slug": "momoyama2"}), ("question", {"ask-text": "?"})):
        answer = desk.post(f"/operations/applications/{application.pk}/{act}/", data, follow=True)
        assert "もう決まっています" in answer.content.decode()


def test_likely_doubles_are_pointed_out(desk, application, submit, tonan):
    twin = submit(name="桃山南2", representative_email="daihyo2@example.jp")
    assert f"/operations/applications/{twin.pk}/" in page(desk, application)
    namesake = submit(name=tonan.name, representative_email="t@example.jp", representative_phone="+81756113333")
    assert "同じ名前の団体" in page(desk, namesake)


def test_a_name_written_in_other_letters_is_the_same_name(desk, submit, tonan):
    with public():
        Association.objects.filter(pk=tonan.pk).update(name="髙﨑ヶ丘三丁目自治会")
    namesake = submit(
        name="高崎が丘 3丁目自治会", representative_email="t@example.jp", representative_phone="+81756113333"
    )
    assert "同じ名前の団体" in page(desk, namesake)


def test_every_act_is_in_the_record(desk, application):
    post(desk, application, "question", **{"ask-text": "総会の日は。"})
    post(desk, application, "approval", slug="momoyama2")
    with public():
        verbs = list(Entry.objects.about(application).values_list("verb", flat=True))
    assert verbs == ["application.approve", "application.ask", "application.submit"]
    assert "申し込みを承認した" in desk.get("/operations/log/?q=approve").content.decode()


def test_acts_are_posts_and_unknown_ones_are_missing(desk, application):
    assert desk.get(f"/operations/applications/{application.pk}/approval/").status_code == 405
    assert desk.get("/operations/applications/99999999999999999999/").status_code == 404
