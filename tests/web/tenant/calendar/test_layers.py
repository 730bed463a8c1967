"""The city's dates and federations' events beside the association's own: on the page and in the phone, or not."""

from datetime import datetime, timedelta

import icalendar
import pytest
from django.utils import timezone

from controlplane.associations.models import Association, FederationCalendar, FederationMembership
from controlplane.cities.models import CityDate
from controlplane.tenancy import bound, public, routing
from tenants.calendar import sharing, tasks
from tenants.calendar.models import Event
from tests.conftest import _cast

TODAY = timezone.localdate()


@pytest.fixture
def federation(tonan):
    """桃南会 as a federation, whose events `plan` plans."""
    with public():
        Association.objects.filter(pk=tonan.pk).update(kind="federation")
        tonan.refresh_from_db()
    return tonan


@pytest.fixture
def membership(federation, fujishiro):
    with public():
        row = FederationMembership.objects.ask(federation, fujishiro, by="連合会の役員")
        row.accept(by="役員")
    return row


@pytest.fixture
def neighbour(fujishiro, client_for):
    """A member of the association that the federation reaches."""
    return client_for(_cast(fujishiro).member)


@pytest.fixture
def told(kyoto):
    with public():
        return CityDate.announce(
            kyoto, by="職員 1", title="補助金の締め切り", kind="deadline", starts_on=TODAY, ends_on=None
        )


def forget():
    """What is kept for a minute."""
    routing.forget_all()


def text(answer) -> str:
    return answer.content.decode()


def feed_of(client):
    url = client.get("/calendar/share/").context["url"]
    content = client.get("/" + url.split("/", 3)[3]).content
    return {str(each["summary"]): each for each in icalendar.Calendar.from_ical(content).walk("VEVENT")}


def test_the_city_s_dates_come_into_the_phone_until_they_are_left_out(client_for, member, told):
    client = client_for(member)
    found = feed_of(client)["補助金の締め切り"]
    assert (found["dtstart"].dt, found["dtend"].dt) == (TODAY, TODAY + timedelta(days=1))
    client.post("/calendar/share/", {"layer": "city"})
    assert "補助金の締め切り" not in feed_of(client)
    client.post("/calendar/share/", {"layer": "city"})
    assert "補助金の締め切り" in feed_of(client)
    for odd in ("", "x", "holidays", "city.federation", "\0"):
        assert client.post("/calendar/share/", {"layer": odd}).status_code == 302
    assert "補助金の締め切り" in feed_of(client)


def test_leaving_out_is_each_person_s_own(client_for, member, officer, told):
    client_for(member).post("/calendar/share/", {"layer": "city"})
    assert "補助金の締め切り" in feed_of(client_for(officer))


def test_a_federation_s_event_stands_on_its_members_calendars(plan, neighbour, membership):
    plan(title="合同防災訓練", place="中学校", shared=True)
    plan(title="連合会だけの行事")
    page = text(neighbour.get("/calendar/"))
    assert "合同防災訓練" in page
    assert "連合会の行事" in page
    assert "桃南会" in page
    assert "連合会だけの行事" not in page
    found = feed_of(neighbour)
    assert found["合同防災訓練"]["location"] == "中学校"
    assert "連合会だけの行事" not in found


def test_it_is_switched_off_on_the_page_and_in_the_phone(plan, neighbour, membership):
    plan(title="合同防災訓練", shared=True)
    neighbour.post("/calendar/layers/", {"layer": "federation"})
    assert "合同防災訓練" not in text(neighbour.get("/calendar/"))
    assert "合同防災訓練" in feed_of(neighbour)
    neighbour.post("/calendar/share/", {"layer": "federation"})
    assert "合同防災訓練" not in feed_of(neighbour)


def test_changes_and_calling_off_follow(plan, neighbour, membership, federation, officer):
    event = plan(title="合同防災訓練", shared=True, rrule="FREQ=WEEKLY;COUNT=3")
    with bound(federation):
        second = event.occurrences(timezone.now(), timezone.now() + timedelta(days=30))[1]
        event.cancel(by=officer, on=second.on)
        later = second.starts_at + timedelta(days=7, hours=2)
        event.move(second.on + timedelta(days=7), by=officer, starts_at=later, ends_at=later + timedelta(hours=1))
    with public():
        dates = FederationCalendar.objects.get().dates
    assert [each.called_off for each in dates] == [False, True, False]
    assert dates[2].starts_at == later
    assert "中止" in text(neighbour.get("/calendar/"))
    with bound(federation):
        Event.objects.get(pk=event.pk).change(by=officer, shared=False)
    forget()
    assert "合同防災訓練" not in text(neighbour.get("/calendar/"))


def test_who_has_not_accepted_or_has_left_sees_nothing(plan, neighbour, federation, fujishiro):
    plan(title="合同防災訓練", shared=True)
    with public():
        row = FederationMembership.objects.ask(federation, fujishiro, by="x")
    assert "合同防災訓練" not in text(neighbour.get("/calendar/"))
    with public():
        row.accept(by="役員")
    forget()
    assert "合同防災訓練" in text(neighbour.get("/calendar/"))
    with public():
        row.end(by="役員")
    forget()
    assert "合同防災訓練" not in text(neighbour.get("/calendar/"))
    assert "連合会の行事" not in text(neighbour.get("/calendar/share/"))


def test_a_suspended_federation_shows_nothing(plan, neighbour, membership, federation):
    plan(title="合同防災訓練", shared=True)
    with public():
        federation.suspend(by="運営 1", reason="点検")
    assert "合同防災訓練" not in text(neighbour.get("/calendar/"))


def test_an_association_that_is_no_federation_shows_nothing(plan, tonan):
    plan(title="ふつうの行事", shared=True)
    with public():
        assert not FederationCalendar.objects.exists()


def test_officers_of_a_federation_say_so_in_the_form_and_nobody_else(client_for, officer, leader, federation, latest):
    day = (TODAY + timedelta(days=9)).isoformat()
    typed = {"title": "合同清掃", "on": day, "starts": "08:00", "ends": "09:00", "audience": "everyone", "shared": "on"}
    assert "加盟している団体のカレンダーにも出す" in text(client_for(officer).get("/calendar/new/"))
    client_for(officer).post("/calendar/new/", typed)
    assert latest().shared
    refused = client_for(officer).post("/calendar/new/", typed | {"audience": "officers"})
    assert refused.status_code == 422
    assert "「全世帯」にしてください" in text(refused)
    assert "加盟している団体のカレンダーにも出す" not in text(client_for(leader).get("/calendar/new/"))
    client_for(leader).post("/calendar/new/", typed | {"title": "組長の行事"})
    assert not latest().shared


def test_where_there_is_no_federation_nothing_of_it_is_offered(client_for, officer, tonan):
    assert "加盟している団体" not in text(client_for(officer).get("/calendar/new/"))
    assert "連合会の行事" not in text(client_for(officer).get("/calendar/"))


def test_the_night_moves_a_series_on_and_one_trouble_stops_nobody(plan, federation, monkeypatch):
    plan(title="毎週の会", shared=True, rrule="FREQ=WEEKLY")
    with public():
        FederationCalendar.objects.update(entries=[])
    tasks.share_everywhere()
    with public():
        assert len(FederationCalendar.objects.get().dates) > 50

    def broken():
        raise RuntimeError

    monkeypatch.setattr(sharing, "share", broken)
    tasks.share_everywhere()


def test_all_day_events_end_on_their_last_day(plan, neighbour, membership):
    starts = timezone.make_aware(datetime.combine(TODAY + timedelta(days=3), datetime.min.time()))
    plan(title="合同まつり", starts=starts, hours=48, all_day=True, shared=True)
    found = feed_of(neighbour)["合同まつり"]
    assert (found["dtstart"].dt, found["dtend"].dt) == (TODAY + timedelta(days=3), TODAY + timedelta(days=5))
    with public():
        assert FederationCalendar.objects.get().dates[0].last_day == TODAY + timedelta(days=4)


def test_the_federation_s_outsiders_see_neither(plan, client_for, member, membership, federation):
    """桃南会's own members see it as an event of their own, once."""
    plan(title="合同防災訓練", shared=True)
    page = text(client_for(member).get("/calendar/"))
    assert "連合会の行事" not in page
    assert page.count("合同防災訓練</a>") == 1
