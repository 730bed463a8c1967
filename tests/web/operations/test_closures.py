"""閉じる: asked first, undone by a click, dropped only after two people have typed the name."""

from datetime import timedelta

import pytest
from django.utils import timezone

from controlplane.accounts.models import User
from controlplane.associations.models import Association, Operator
from controlplane.outbox.models import Message
from controlplane.tenancy import public
from provisioning.models import Approval, Closure


def url(association, act=""):
    return f"/operations/associations/{association.slug}/{act}"


@pytest.fixture
def closed(desk, tonan):
    desk.post(url(tonan, "closure/"), {"reason": "となりの会といっしょになるため"})
    with public():
        return Closure.objects.get(association=tonan)


@pytest.fixture
def ripe(closed):
    """Ninety days and a dump later."""
    then = timezone.now() - timedelta(days=91)
    facts = {"dump_key": "closures/x.zip", "dump_sha256": "a" * 64, "dump_bytes": 4_200_000}
    with public():
        Closure.objects.filter(pk=closed.pk).update(
            closed_at=then, retained_until=then + timedelta(days=90), dump_verified_at=timezone.now(), **facts
        )
    return closed


@pytest.fixture
def other_desk(apex):
    with public():
        user = User.objects.create(email="operator2@example.jp")
        Operator.objects.create(user=user, name="運営 2")
    return apex(user)


def text(client, path):
    return client.get(path).content.decode()


def test_closing_says_first_what_happens_and_until_when(desk, tonan):
    page = text(desk, url(tonan, "closure/"))
    last = timezone.localdate() + timedelta(days=90)
    for words in ("閉じますか", "お支払いは、止まります", f"{last.month}月{last.day}日", "2人が承認すると"):
        assert words in page
    with public():
        assert not Closure.objects.exists()


def test_a_reason_is_wanted(desk, tonan):
    answer = desk.post(url(tonan, "closure/"), {"reason": " "})
    assert answer.status_code == 422
    assert "閉じる理由が、まだ入っていません。" in answer.content.decode()


def test_the_page_of_a_closed_one_shows_where_its_end_stands(desk, closed, tonan):
    page = text(desk, url(tonan))
    for words in ("閉じた", "となりの会といっしょになるため", "運営 1", "取り消せる", "あと90日", "閉じるのを取り消す"):
        assert words in page
    assert "消すことを承認する" not in page
    assert "ページを止める" not in page
    assert ">桃南会</a>" in text(desk, "/operations/associations/?state=closed")
    assert ">桃南会</a>" not in text(desk, "/operations/associations/?state=live")


def test_the_representative_is_told(closed):
    with public():
        assert Message.objects.filter(to="officer@tonan.example.jp", subject__contains="取り消せます").count() == 1


def test_undoing_asks_first_and_opens_it_again(desk, closed, tonan):
    assert "取り消しますか" in text(desk, url(tonan, "reopening/"))
    desk.post(url(tonan, "reopening/"))
    with public():
        assert Association.objects.get(pk=tonan.pk).state == "live"
    page = text(desk, url(tonan))
    assert "閉じるのを取り消した" in page
    assert "ページを閉じる" in page


def test_approving_too_early_is_not_offered_and_not_taken(desk, closed, tonan):
    assert "まだ承認できません" in text(desk, url(tonan, "drop-approval/"))
    answer = desk.post(url(tonan, "drop-approval/"), {"name": tonan.name})
    assert answer.status_code == 422
    with public():
        assert not Approval.objects.exists()


def test_two_people_type_the_name(desk, other_desk, ripe, tonan):
    assert "1人目の承認です" in text(desk, url(tonan, "drop-approval/"))
    wrong = desk.post(url(tonan, "drop-approval/"), {"name": "桃南"})
    assert wrong.status_code == 422
    assert "「桃南会」と入れてください。" in wrong.content.decode()
    desk.post(url(tonan, "drop-approval/"), {"name": "桃南会"})
    assert "別の人の承認を待っています" in text(desk, url(tonan, "drop-approval/"))
    again = desk.post(url(tonan, "drop-approval/"), {"name": "桃南会"})
    assert again.status_code == 422
    page = text(other_desk, url(tonan, "drop-approval/"))
    assert "2人目の承認です" in page
    assert "運営 1" in page
    other_desk.post(url(tonan, "drop-approval/"), {"name": "桃南会"})
    with public():
        assert Closure.objects.proven().filter(pk=ripe.pk).exists()
        assert {each.name for each in Approval.objects.all()} == {"運営 1", "運営 2"}


def test_a_dump_that_failed_is_shown_with_what_is_safe(desk, closed, tonan):
    with public():
        Closure.objects.filter(pk=closed.pk).update(dump_error="DamagedDump: it is not what was stored")
    page = text(desk, url(tonan))
    assert "たしかめられませんでした" in page
    assert "それまで、何も消えません" in page


def test_a_tombstone_offers_nothing_more(desk, ripe, tonan):
    with public():
        Closure.objects.filter(pk=ripe.pk).update(dropped_at=timezone.now())
    page = text(desk, url(tonan))
    assert "データをすべて消した" in page
    for act in ("reopening/", "drop-approval/", "renaming/", "domains/"):
        assert url(tonan, act) not in page
    desk.post(url(tonan, "reopening/"))
    assert "取り消せません" in text(desk, url(tonan, "reopening/"))


@pytest.mark.parametrize("act", ["reopening/", "drop-approval/"])
def test_what_is_not_closed_has_no_such_page(desk, tonan, act):
    assert desk.get(url(tonan, act)).status_code == 404


@pytest.mark.parametrize("act", ["closure/", "reopening/", "drop-approval/"])
def test_city_staff_find_nothing_here(apex, city_official, ripe, tonan, act):
    assert apex(city_official).get(url(tonan, act)).status_code == 404
    assert apex(city_official).post(url(tonan, act), {"reason": "x", "name": "桃南会"}).status_code == 404
