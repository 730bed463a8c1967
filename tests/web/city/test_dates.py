"""The city's dates: told by its staff, shown in blue on its associations' calendars, each ward its own."""

from datetime import timedelta

import pytest
from django.utils import timezone

from controlplane.cities.models import City, CityDate
from controlplane.tenancy import public

TODAY = timezone.localdate()


def typed(**change):
    day = TODAY + timedelta(days=3)
    told = {"kind": "deadline", "title": "補助金の申し込み", "starts_on": day.isoformat(), "ends_on": "", "ward": ""}
    return told | {"url": "https://www.city.example.jp/"} | change


@pytest.fixture
def desk(apex, city_official):
    return apex(city_official)


def announced():
    with public():
        return list(CityDate.objects.order_by("pk"))


def test_a_date_stands_on_the_calendars_of_the_city(desk, client_for, member):
    text = desk.post("/city/dates/", typed(), follow=True).content.decode()
    assert "「補助金の申し込み」を、団体のカレンダーに出しました" in text
    page = client_for(member).get("/calendar/").content.decode()
    assert "補助金の申し込み" in page
    assert "市への締め切り" in page


def test_another_ward_s_date_is_not_shown(desk, client_for, member, kyoto):
    with public():
        kyoto.offices.create(name="西京区役所", kind="ward", ward="西京区", tel="075", position=9)
    desk.post("/city/dates/", typed(ward="西京区"))
    desk.post("/city/dates/", typed(ward="伏見区", title="伏見の行事", kind="event"))
    page = client_for(member).get("/calendar/").content.decode()
    assert "補助金の申し込み" not in page
    assert "伏見の行事" in page


def test_a_date_is_corrected_and_taken_off(desk):
    desk.post("/city/dates/", typed())
    told = announced()[0]
    assert "補助金の申し込み" in desk.get(f"/city/dates/{told.pk}/").content.decode()
    desk.post(f"/city/dates/{told.pk}/", typed(title="補助金の締め切り"))
    assert announced()[0].title == "補助金の締め切り"
    desk.post(f"/city/dates/{told.pk}/withdraw/")
    assert announced() == []


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"title": ""}, "title"),
        ({"title": "あ" * 121}, "title"),
        ({"starts_on": "x"}, "starts_on"),
        ({"starts_on": "1999-01-01"}, "starts_on"),
        ({"ends_on": "2001-01-01"}, "ends_on"),
        ({"ward": "火星区"}, "ward"),
        ({"url": "javascript:alert(1)"}, "url"),
        ({"kind": "x"}, "kind"),
    ],
)
def test_what_is_wrong_is_said(desk, change, field):
    answer = desk.post("/city/dates/", typed(**change))
    assert answer.status_code == 422
    assert answer.context["form"].errors[field]
    assert announced() == []


def test_a_member_hides_the_city_and_shows_it_again(desk, client_for, member):
    desk.post("/city/dates/", typed())
    client = client_for(member)
    for shown in (False, True):
        client.post("/calendar/layers/", {"layer": "city"})
        assert ("補助金の申し込み" in client.get("/calendar/").content.decode()) is shown
    for odd in ("x", "", "city.holidays"):
        assert client.post("/calendar/layers/", {"layer": odd}).status_code == 302


def test_another_city_s_dates_are_not_there(desk, kyoto):
    with public():
        sakai = City.objects.create(slug="sakai", name="堺市")
        other = CityDate.announce(sakai, by="tests", title="堺の行事", starts_on=TODAY, ends_on=None)
    assert "堺の行事" not in desk.get("/city/dates/").content.decode()
    assert desk.get(f"/city/dates/{other.pk}/").status_code == 404
    assert desk.post(f"/city/dates/{other.pk}/", typed()).status_code == 404
    assert desk.post(f"/city/dates/{other.pk}/withdraw/").status_code == 404
    assert announced() == [other]


def test_nobody_else_gets_in(apex, operator, client_for, outsider):
    for who in (None, operator):
        assert apex(who).get("/city/dates/").status_code in (302, 404)
        assert apex(who).post("/city/dates/", typed()).status_code in (302, 404)
    assert client_for(outsider).get("/city/dates/").status_code == 404
    assert announced() == []
