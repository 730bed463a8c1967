"""An application is taken in once, asked about, decided once."""

import pytest
from django.core.exceptions import ValidationError

from controlplane.associations.models import Association
from controlplane.outbox.models import Message
from controlplane.tenancy import public
from provisioning.models import Application, NotOpen, Run


def test_the_same_key_is_the_same_application(fields):
    with public():
        first, new = Application.objects.submit(idempotency_key="k", **fields)
        again, new_again = Application.objects.submit(idempotency_key="k", **(fields | {"name": "別の名前"}))
    assert (new, new_again) == (True, False)
    assert first == again


def test_the_same_name_and_address_is_the_same_application_while_undecided(apply):
    assert apply() == apply()
    with public():
        apply().reject(by="運営 1", reason="区域の外のため")
    assert apply().status == Application.Status.RECEIVED


def test_the_representative_is_thanked_with_a_link(apply):
    application = apply()
    with public():
        message = Message.objects.get(to=application.representative_email)
        assert "/apply/" in message.body


def test_approving_makes_one_association_and_one_run(apply):
    application = apply()
    with public():
        run = application.approve(by="運営 1", slug="katagihara1")
        assert application.approve(by="運営 1", slug="other") == run
        assert Association.objects.filter(slug="katagihara1").count() == 1
        assert [step.state for step in run.steps.all()] == ["waiting"] * 9


@pytest.mark.parametrize(
    "slug",
    ["", "ab", "www", "Tonan", "to nan", "トウナン", "xn--tonan", "-tonan", "tonan-", "to--nan", "1tonan", "a" * 41],
)
def test_a_slug_that_cannot_be_is_refused(apply, slug):
    with public(), pytest.raises(ValidationError) as refusal:
        apply().approve(by="運営 1", slug=slug)
    assert "slug" in refusal.value.message_dict


def test_a_slug_in_use_is_refused(apply, tonan):
    with public(), pytest.raises(ValidationError):
        apply().approve(by="運営 1", slug="tonan")
    with public():
        assert apply().is_undecided


def test_a_rejection_needs_a_reason_and_says_it_by_mail(apply):
    application = apply()
    with public():
        with pytest.raises(ValidationError):
            application.reject(by="運営 1", reason=" ")
        application.reject(by="運営 1", reason="区域の外のため")
        assert "区域の外のため" in Message.objects.filter(to=application.representative_email).latest("pk").body
        with pytest.raises(NotOpen):
            application.approve(by="運営 1", slug="katagihara1")


def test_a_question_comes_back_with_its_answer(apply):
    application = apply()
    with public():
        application.ask(by="運営 1", text="世帯数は、いつの数ですか。")
        assert application.status == Application.Status.ASKED
        application.answer("4月1日の数です。")
        assert application.status == Application.Status.RECEIVED
        assert application.questions.get().answer == "4月1日の数です。"
        with pytest.raises(NotOpen):
            application.answer("もう一度")


def test_no_run_without_approval(apply):
    apply()
    with public():
        assert not Run.objects.exists()
