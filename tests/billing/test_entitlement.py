"""What a subscription is worth: a pure function of its last fetched state."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from billing.entitlement import GRACE, grants_for, merged
from billing.models import Subscription
from billing.plans import find
from controlplane.associations.features import Feature

END = datetime(2026, 4, 30, tzinfo=UTC)
OWED = datetime(2026, 4, 1, tzinfo=UTC)


@dataclass
class Fetched:
    plan: str = "standard"
    status: str = "active"
    current_period_end: datetime = END
    ends_at: datetime | None = None
    past_due_since: datetime | None = None


def until(fetched: Fetched) -> datetime | None:
    grants = grants_for(fetched)
    assert not grants or grants.keys() == find(fetched.plan).features
    return next(iter(set(grants.values())), None)


@pytest.mark.parametrize(
    ("fetched", "expected"),
    [
        (Fetched(), END + GRACE),
        (Fetched(status="trialing"), END + GRACE),
        (Fetched(plan="premium"), END + GRACE),
        (Fetched(ends_at=END), END),
        (Fetched(status="past_due", past_due_since=OWED), OWED + GRACE),
        (Fetched(status="past_due", past_due_since=OWED, ends_at=END), OWED + GRACE),
        (Fetched(status="past_due"), None),
        (Fetched(plan=""), None),
    ],
)
def test_the_features_of_the_plan_hold_until(fetched, expected):
    assert until(fetched) == expected


@pytest.mark.parametrize("status", sorted(set(Subscription.Status.values) - {"active", "trialing", "past_due"}))
def test_what_is_not_running_grants_nothing(status):
    assert grants_for(Fetched(status=status, past_due_since=OWED)) == {}


def test_the_grace_is_fourteen_days():
    assert timedelta(days=14) == GRACE


def test_of_two_subscriptions_the_later_end_counts():
    early, late = {Feature.SURVEYS: OWED, Feature.TALK: END}, {Feature.SURVEYS: END}
    assert merged([early, late]) == merged([late, early]) == {Feature.SURVEYS: END, Feature.TALK: END}
