"""What only a development server has: the outbox, the logins, the catalogue."""

from importlib import reload

import pytest
from django.conf import settings
from django.urls import clear_url_caches

from controlplane.outbox.models import Message
from controlplane.tenancy import bound, public
from controlplane.urls import public as public_urls


@pytest.fixture
def sent(tonan):
    """A code from 桃南会, handed to the gateway of short messages."""
    with bound(tonan):
        Message.queue_code("sms", "+819012345678", code="482915", site_name="桃南会").deliver()


def test_what_was_sent_can_be_read(apex, sent, tonan):
    with public():
        answer = apex().get("/dev/outbox.json")
    newest = next(each for each in answer.json() if each["to"] == "+819012345678")
    assert newest["association"] == str(tonan.uuid)
    assert {"channel", "to", "subject", "body", "association", "created_at"} <= set(newest)


def test_the_code_stands_out_on_the_page(apex, sent):
    page = apex().get("/dev/outbox/?to=9012345678").content.decode()
    assert '<p class="figure"><b>482915</b></p>' in page
    assert "桃南会" in page


def test_there_is_one_login_for_each_role(apex, operator, city_official, cast, fujishiro):
    logins = apex().get("/dev/logins.json").json()
    assert {"role": "operator", "host": "kairan.localhost", "email": operator.email} in logins
    assert {"role": "city", "host": "kairan.localhost", "email": city_official.email} in logins
    for role, person in (("officer", cast.officer), ("member", cast.member)):
        assert {"role": role, "host": "tonan.kairan.localhost", "email": person.user.email} in logins
    assert len([each for each in logins if each["host"] == "fujishiro.kairan.localhost"]) == 2


def test_every_component_is_drawn(apex):
    page = apex().get("/dev/catalogue/")
    assert page.status_code == 200
    assert "部品の見本" in page.content.decode()
    assert apex().get("/").status_code == 200  # the map of the apex host is back


def test_none_of_it_exists_in_production(apex, monkeypatch):
    monkeypatch.setattr(settings, "DEVELOPMENT", False)
    try:
        reload(public_urls)
        clear_url_caches()
        for path in ("outbox/", "outbox.json", "logins.json", "catalogue/"):
            assert apex().get(f"/dev/{path}").status_code == 404
    finally:
        monkeypatch.undo()
        reload(public_urls)
        clear_url_caches()
