"""A calendar with far more on it than may be planned today, as files brought in long ago left it."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from controlplane.tenancy import bound
from tenants.calendar.models import Event

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


@pytest.mark.parametrize("where", ["", "?month=2036-01", "?month=2100-12", "?day=2036-01-31", "?day=2036-01-31&page=99"])
def test_a_crowded_calendar_is_a_page_of_its_usual_size_and_says_that_there_is_more(client_for, member, crowd, where):
    page = client_for(member).get(f"/calendar/{where}")
    assert page.status_code == 200
    assert len(page.content) < LARGEST
    text = page.content.decode()
    assert "行事が多いので" in text or 'rel="next"' in text or 'rel="prev"' in text


def test_every_day_and_every_event_of_a_crowded_month_can_be_reached(client_for, member, crowd):
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
