"""The city's page of bulletins: sent, corrected, withdrawn; operations and others find nothing."""

import pytest

from controlplane.associations.models import Bulletin
from controlplane.tenancy import public
from tenants.feed import bulletins

WORDS = {"audience": "all", "kind": "notice", "when": "now", "title": "防災訓練の日程", "body": "9月1日です。"}


@pytest.fixture
def desk(apex, city_official):
    return apex(city_official)


def text(answer) -> str:
    return answer.content.decode()


def send(desk, **words):
    """Written, looked through, sent."""
    looked = desk.post("/city/bulletins/", {**WORDS, **words})
    assert looked.status_code == 302, text(looked)
    return desk.post(looked.url, follow=True)


def test_a_bulletin_is_sent_and_its_numbers_stand_on_its_page(desk):
    assert "送りました" in text(send(desk))
    for uuid in bulletins.waiting():
        bulletins.receive(uuid)
    with public():
        pk = Bulletin.objects.get().pk
    page = text(desk.get(f"/city/bulletins/{pk}/"))
    assert "2団体のうち2団体に届きました" in page
    assert "藤城台自治会" in page
    assert WORDS["title"] in text(desk.get("/city/bulletins/"))


def test_what_is_missing_is_said_and_what_was_typed_stays(desk):
    for wrong in ({"title": ""}, {"audience": "ward"}, {"audience": "federation"}, {"audience": "members"}):
        answer = desk.post("/city/bulletins/", {**WORDS, **wrong})
        assert answer.status_code == 422
        assert WORDS["body"] in text(answer)


def test_it_is_corrected_and_withdrawn_after_asking(desk):
    send(desk)
    with public():
        pk = Bulletin.objects.get().pk
    at = f"/city/bulletins/{pk}/"
    assert "なおしました" in text(desk.post(f"{at}edit/", {"title": "日程の変更", "body": "9月2日です。"}, follow=True))
    assert desk.post(f"{at}edit/", {"title": "", "body": ""}).status_code == 422
    assert "取り下げますか" in text(desk.get(f"{at}withdraw/"))
    assert "取り下げました" in text(desk.post(f"{at}withdraw/", follow=True))


def test_operations_and_strangers_find_nothing(apex, operator, desk):
    send(desk)
    with public():
        pk = Bulletin.objects.get().pk
    for path in ("", f"{pk}/", f"{pk}/edit/", f"{pk}/withdraw/"):
        assert apex(operator).get(f"/city/bulletins/{path}").status_code == 404
        assert apex().get(f"/city/bulletins/{path}").status_code == 302
