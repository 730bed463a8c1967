"""Planning at 桃南会 from outside its binding, as page tests do."""

from datetime import timedelta

import pytest
from django.utils import timezone

from controlplane.tenancy import bound
from tenants.calendar.models import Event


@pytest.fixture
def plan(tonan, officer):
    def plan(title="朝の清掃活動", starts=None, hours=1, **fields):
        starts = starts or timezone.now() + timedelta(days=2)
        with bound(tonan):
            return Event.plan(
                by=officer, title=title, starts_at=starts, ends_at=starts + timedelta(hours=hours), **fields
            )

    return plan


@pytest.fixture
def latest(tonan):
    def latest():
        with bound(tonan):
            return Event.objects.latest("pk")

    return latest
