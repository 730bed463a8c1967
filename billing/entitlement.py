"""What a subscription switches on, and until when: a pure function of its last fetched state."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Protocol

from billing.plans import find
from controlplane.associations.features import Feature

GRACE = timedelta(days=14)  # for arrears, and for news of a renewal that does not reach us

Grants = dict[Feature, datetime]


class Fetched(Protocol):
    """What of a subscription decides: the model's row, or the record it was made from."""

    @property
    def plan(self) -> str: ...
    @property
    def status(self) -> str: ...
    @property
    def current_period_end(self) -> datetime: ...
    @property
    def ends_at(self) -> datetime | None: ...
    @property
    def past_due_since(self) -> datetime | None: ...


def grants_for(subscription: Fetched) -> Grants:
    """The features of the plan with the moment they end; none when the subscription is not running."""
    until = _paid_until(subscription)
    if until is None or not subscription.plan:
        return {}
    return dict.fromkeys(find(subscription.plan).features, until)


def merged(grants: Iterable[Mapping[Feature, datetime]]) -> Grants:
    """Of several subscriptions the later end counts, feature by feature."""
    latest: Grants = {}
    for each in grants:
        for feature, until in each.items():
            latest[feature] = max(until, latest.get(feature, until))
    return latest


def _paid_until(subscription: Fetched) -> datetime | None:
    if subscription.status == "past_due" and subscription.past_due_since:
        return subscription.past_due_since + GRACE
    if subscription.status in ("active", "trialing"):
        return subscription.ends_at or subscription.current_period_end + GRACE
    return None
