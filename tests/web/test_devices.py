"""Where somebody is in, as they see it themselves, and ending it: on pages and by the API, at sites and at the apex."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone

from controlplane.accounts.browsers import Browser
from controlplane.accounts.models import ApiToken, Device, User, prune
from controlplane.tenancy import bound, public
from tests.conftest import browser_at
from tests.staff_side import clock as clock

IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Safari/604.1"
WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/141.0.0.0 Safari/537.36 Edg/141.0.0.0"
ANDROID = "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 Chrome/141.0.0.0 Mobile Safari/537.36"


def text(answer: Any) -> str:
    return str(answer.content.decode())


def is_in(client: Any) -> bool:
    return bool(client.get("/menu/").status_code == 200)


@pytest.fixture
def phone(client_for, member) -> Any:
    client = client_for(member)
    client.defaults["HTTP_USER_AGENT"] = IPHONE
    client.get("/menu/")
    return client


@pytest.fixture
def computer(client_for, member) -> Any:
    client = client_for(member)
    client.defaults["HTTP_USER_AGENT"] = WINDOWS
    client.get("/menu/")
    return client


def by_token(member, secret: str) -> dict[str, Any]:
    return {"headers": {"Authorization": f"Token {secret}"}}


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        (IPHONE, "iPhone・Safari"),
        (WINDOWS, "パソコン（Windows）・Edge"),
        (ANDROID, "Android・Chrome"),
        (IPHONE + " Line/15.0.0", "iPhone・LINE"),
        ("", "名前のわからない端末"),
        ("<script>alert(1)</script>", "名前のわからない端末"),
    ],
)
def test_a_browser_is_called_as_its_owner_calls_it(said, shown):
    assert Browser.read(said).shown == shown


def test_i_see_where_i_am_in_and_which_one_is_here(phone, computer, outsider, client_for):
    client_for(outsider).get("/menu/")
    page = text(phone.get("/menu/devices/"))
    assert "iPhone・Safari" in page
    assert "パソコン（Windows）・Edge" in page
    assert page.index("iPhone・Safari") < page.index("この端末") < page.index("パソコン（Windows）")
    assert page.count("さいごに使った日") == 1


def test_one_other_device_is_ended_after_it_was_asked(phone, computer, member, tonan):
    with bound(tonan):
        pk = Device.objects.get(system="Windows").pk
    assert "閉じますか" in text(phone.get(f"/menu/devices/{pk}/removal/"))
    assert is_in(computer)
    assert phone.post(f"/menu/devices/{pk}/removal/")["Location"] == "/menu/devices/"
    assert computer.get("/menu/")["Location"].startswith("/sign-in/")
    assert is_in(phone)


def test_all_others_are_ended_also_those_nobody_has_noted(phone, computer, client_for, member):
    before_devices = client_for(member)
    assert "すべて閉じますか" in text(phone.get("/menu/devices/others/removal/"))
    phone.post("/menu/devices/others/removal/")
    assert is_in(phone)
    assert not is_in(computer)
    assert not is_in(before_devices)


def test_nobody_ends_another_s_device_or_token(phone, client_for, leader, outsider, member, tonan):
    with bound(tonan):
        device = Device.objects.get(system="iPhone").pk
        token = ApiToken.objects.issue(member.user)[0].pk
    for stranger in (client_for(leader), client_for(outsider)):
        for path in (f"/menu/devices/{device}/removal/", f"/menu/devices/tokens/{token}/removal/"):
            assert stranger.post(path).status_code == 404
    assert is_in(phone)
    with bound(tonan):
        assert ApiToken.objects.filter(pk=token).exists()


def test_a_token_is_seen_with_its_name_and_last_day_and_ended(phone, member, tonan):
    with bound(tonan):
        token, secret = ApiToken.objects.issue(member.user, name="掲示板アプリ")
    assert "まだ使われていません" in text(phone.get("/menu/devices/"))
    client = browser_at(tonan)
    assert client.get("/api/v1/posts/", **by_token(member, secret)).status_code == 200
    page = text(phone.get("/menu/devices/"))
    assert "掲示板アプリ" in page
    assert "まだ使われていません" not in page
    phone.post(f"/menu/devices/tokens/{token.pk}/removal/")
    assert client.get("/api/v1/posts/", **by_token(member, secret)).status_code == 401
    assert client.get("/api/v1/me/", **by_token(member, secret)).status_code == 401


def test_programs_see_and_end_the_same(phone, computer, member, tonan):
    with bound(tonan):
        secrets = [ApiToken.objects.issue(member.user, name=name)[1] for name in ("一", "二", "三")]
    client, key = browser_at(tonan), by_token(member, secrets[0])
    devices = client.get("/api/v1/me/devices/", **key).json()["results"]
    assert {each["name"] for each in devices} == {"iPhone・Safari", "パソコン（Windows）・Edge"}
    assert set(devices[0]) == {"id", "name", "first_seen_at", "last_seen_on", "current"}
    tokens = client.get("/api/v1/me/tokens/", **key).json()["results"]
    assert [(each["name"], each["current"]) for each in tokens] == [("三", False), ("二", False), ("一", True)]
    assert client.delete(f"/api/v1/me/tokens/{tokens[0]['id']}/", **key).status_code == 204
    assert client.delete("/api/v1/me/tokens/", **key).status_code == 204
    alive = [client.get("/api/v1/me/", **by_token(member, each)).status_code for each in secrets]
    assert alive == [200, 401, 401]
    windows = next(each["id"] for each in devices if "Windows" in each["name"])
    assert client.delete(f"/api/v1/me/devices/{windows}/", **key).status_code == 204
    assert not is_in(computer)
    assert client.delete("/api/v1/me/devices/", **key).status_code == 204
    assert not is_in(phone)


def test_a_session_of_the_page_ends_the_others_by_the_api_and_stays(phone, computer):
    listed = phone.get("/api/v1/me/devices/").json()["results"]
    assert [each["name"] for each in listed if each["current"]] == ["iPhone・Safari"]
    assert phone.delete("/api/v1/me/devices/").status_code == 204
    assert is_in(phone)
    assert not is_in(computer)


def test_being_here_is_noted_once_a_day_and_makes_no_session_live_longer(phone, tonan, clock):
    with bound(tonan):
        before = Session.objects.get().expire_date
    clock.go_on(days=1)
    phone.get("/menu/")
    with bound(tonan):
        assert Device.objects.get().last_seen_on == timezone.localdate()
        assert Session.objects.get().expire_date == before


def test_a_device_signed_out_is_gone_and_its_row_at_night(phone, computer, tonan):
    computer.post("/sign-out/")
    assert "Windows" not in text(phone.get("/menu/devices/"))
    with bound(tonan):
        prune()
        assert [device.system for device in Device.objects.all()] == ["iPhone"]


def test_staff_see_theirs_beside_their_factors(apex, operator):
    desk, other = apex(operator), apex(operator)
    desk.defaults["HTTP_USER_AGENT"], other.defaults["HTTP_USER_AGENT"] = WINDOWS, IPHONE
    assert other.get("/security/").status_code == 200
    assert "/security/devices/" in text(desk.get("/security/"))
    assert "iPhone・Safari" in text(desk.get("/security/devices/"))
    desk.post("/security/devices/others/removal/")
    assert other.get("/security/").status_code == 302
    assert desk.get("/security/").status_code == 200


def test_a_token_of_staff_lives_as_long_as_a_session_of_theirs(apex, operator, clock):
    client = apex()
    with public():
        secret = ApiToken.objects.issue(operator)[1]  # as the release before made them: for three months
    assert client.get("/api/v1/me/", **by_token(operator, secret)).status_code == 200
    clock.go_on(hours=12, minutes=1)
    assert client.get("/api/v1/me/", **by_token(operator, secret)).status_code == 401


def test_erasing_asks_nothing_of_other_people_s_sessions(phone, client_for, leader, member, officer, tonan):
    with bound(tonan):
        for n in range(20):
            Session.objects.create(session_key=f"other{n}", session_data="", expire_date=timezone.now() + timedelta(1))
        User.objects.get(pk=member.user_id).devices.all().end()
        assert Session.objects.count() == 20
    assert not is_in(phone)
