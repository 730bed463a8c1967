"""A calendar with far more on it than may be planned today, as files brought in long ago left it."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from controlplane.tenancy import bound
from tenants.calendar.models import Event
from tenants.communities.models import Community

MANY = 300
LARGEST = 300_000  # bytes


def local(*parts):
    return timezone.make_aware(datetime(*parts))


@pytest.fixture
def crowd(tonan, officer):
    """Daily events since the year 2000."""
    starts = local(2000, 1, 1, 7)
    with bound(tonan):
        Event.objects.bulk_create(
            Event(
                title=f"ラジオ体操{n:03}",
                starts_at=starts + timedelta(minutes=n),
                ends_at=starts + timedelta(minutes=n + 30),
                rrule="FREQ=DAILY",
                author=officer,
                description="体操のカードをお持ちください。" * 20,
            )
            for n in range(MANY)
        )


@pytest.mark.parametrize(
    "where", ["", "?month=2036-01", "?month=2100-12", "?day=2036-01-31", "?day=2036-01-31&page=99"]
)
def test_a_crowded_calendar_is_a_page_of_its_usual_size_and_says_that_there_is_more(client_for, member, crowd, where):
    page = client_for(member).get(f"/calendar/{where}")
    assert page.status_code == 200
    assert len(page.content) < LARGEST
    text = page.content.decode()
    assert "行事が多いので" in text or 'rel="next"' in text or 'rel="prev"' in text


@pytest.mark.parametrize("day", ["x", "1999-12-31", "2101-01-01", "9999-12-31", "0001-01-01", "２０３１-01-01"])
def test_a_broken_day_is_this_month(client_for, member, day):
    page = client_for(member).get("/calendar/", {"day": day, "page": "x"})
    assert (page.status_code, page.context["day"], page.context["is_now"]) == (200, None, True)


def test_every_day_and_every_event_of_a_crowded_month_can_be_reached(client_for, member, outsider, crowd):
    client = client_for(member)
    page = client.get("/calendar/?month=2036-01")
    hrefs = [day["href"] for week in page.context["weeks"] for day in week if day]
    assert len(hrefs) == 31
    assert all(hrefs)
    assert hrefs[0] == "?day=2036-01-01"
    found, where = set(), "?day=2036-01-20"
    while where:
        page = client.get(f"/calendar/{where}")
        found |= {entry.event.title for entry in page.context["coming"].entries}
        where = page.context["more"]
    assert len(found) == MANY
    assert "ラジオ体操" not in client_for(outsider).get("/calendar/?day=2036-01-20").content.decode()


def test_the_year_is_copied_by_parts(client_for, officer, tonan):
    starts = local(2031, 5, 1, 9)
    with bound(tonan):
        Event.objects.bulk_create(
            Event(title=f"行事{n}", starts_at=starts, ends_at=starts + timedelta(hours=1), author=officer)
            for n in range(MANY)
        )
    client = client_for(officer)
    page = client.get("/calendar/copy/?year=2031")
    assert len(page.context["rows"]) == 200
    assert "はじめの200件を出しています" in page.content.decode()
    client.post("/calendar/copy/?year=2031", {"event": [row["copy"].event.pk for row in page.context["rows"]]})
    page = client.get("/calendar/copy/?year=2031")
    assert (page.context["done"], len(page.context["rows"])) == (200, MANY - 200)


def test_a_post_offers_the_nearest_events_and_the_one_that_is_asked_for(client_for, officer, crowd, tonan):
    with bound(tonan):
        asked = Event.objects.latest("pk")
    page = client_for(officer).get(f"/posts/new/?event={asked.pk}")
    offered = [value for value, _label in page.context["form"].fields["event"].choices]
    assert len(offered) <= 102
    assert offered[-1] == str(asked.pk)


def test_a_community_s_events_are_cut_with_words(client_for, member, crowd, tonan):
    with bound(tonan):
        club = Community.objects.get(name="防災の会")
        Event.objects.update(audience="community", community=club)
    text = client_for(member).get(f"/communities/{club.pk}/events/").content.decode()
    assert text.count('class="card event"') == 50
    assert "行事が多いので、ここまでを表示しています" in text


def test_a_phone_gets_a_file_it_can_read(client_for, member, crowd, tonan, officer):
    starts = timezone.now() + timedelta(days=3)
    with bound(tonan):
        Event.objects.bulk_create(
            Event(title="会議", starts_at=starts, ends_at=starts + timedelta(hours=1), author=officer)
            for _ in range(1000)
        )
        Event.objects.bulk_create(
            [Event(title="むかし", starts_at=local(2001, 1, 1), ends_at=local(2001, 1, 2), author=officer)]
        )
        token = member.calendar_token
    told = client_for(member).get("/calendar.ics", {"token": token}).content.decode()
    assert told.count("BEGIN:VEVENT") == 1000
    assert told.count("SUMMARY:ラジオ体操") == MANY
    assert "むかし" not in told
    assert "予定が多いので" in told.replace("\r\n ", "")


def test_the_api_gives_so_many_and_says_that_there_are_more(client_for, member, outsider, crowd):
    client = client_for(member)
    told = client.get("/api/v1/events/").json()
    assert (len(told["results"]), told["cut"]) == (500, True)
    day = timezone.localdate() + timedelta(days=1)
    few = client.get("/api/v1/events/", {"from": f"{day}T07:00:00+09:00", "to": f"{day}T07:05:00+09:00"}).json()
    assert (len(few["results"]), few["cut"]) == (5, False)
    assert client_for(outsider).get("/api/v1/events/").json()["cut"] is False
