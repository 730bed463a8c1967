"""Inside 桃南会, with a quick way to plan."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from controlplane.tenancy import bound
from tenants.calendar.models import Event


def at(*parts: int) -> datetime:
    return timezone.make_aware(datetime(*parts))


@pytest.fixture(autouse=True)
def at_home(tonan):
    with bound(tonan):
        yield


@pytest.fixture
def weekly(officer) -> Event:
    """Every Saturday at eight from 8 May 2027 on."""
    start = at(2027, 5, 8, 8)
    return Event.plan(
        by=officer, title="清掃", place="公園", starts_at=start, ends_at=start + timedelta(hours=1), rrule="FREQ=WEEKLY"
    )
