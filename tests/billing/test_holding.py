"""A closed association is charged nothing; undone, its plan goes on; dropped, it has ended."""

from datetime import timedelta

import pytest
import requests
from django.utils import timezone

from billing.gateway import GatewayUnavailable
from billing.models import Customer, Invoice, Subscription
from controlplane.tenancy import public, schemas
from provisioning.closing import ending
from provisioning.models import Closure
from tests.billing.stripe_side import checkout, subscribe


@pytest.fixture
def paying(stripe_side, association):
    subscribe(stripe_side, association)
    schemas.build(association.uuid)
    with public():
        association.open()
        return Subscription.for_association(association)


def close(run_tasks, association):
    with run_tasks(), public():
        return Closure.begin(association, by="運営 1", reason="合併のため")


def at_stripe(stripe_side, subscription):
    return stripe_side.call("GET", f"/v1/subscriptions/{subscription.stripe_id}")


def paid(stripe_side, association):
    stripe_side.deliver_all(association)
    with public():
        return Invoice.objects.filter(association=association, status="paid").count()


def test_nothing_is_charged_while_closed(stripe_side, run_tasks, association, paying):
    close(run_tasks, association)
    assert at_stripe(stripe_side, paying)["pause_collection"]["behavior"] == "void"
    for _month in range(3):
        stripe_side.renew(paying.stripe_id)
    assert paid(stripe_side, association) == 1
    with public():
        assert Invoice.objects.filter(association=association, status="void").count() == 3


def test_undone_the_plan_goes_on_as_it_was(stripe_side, run_tasks, association, paying):
    closure = close(run_tasks, association)
    with run_tasks(), public():
        closure.undo(by="運営 1")
    assert at_stripe(stripe_side, paying)["pause_collection"] is None
    stripe_side.renew(paying.stripe_id)
    assert paid(stripe_side, association) == 2
    with public():
        running = Subscription.for_association(association)
        assert (running.stripe_id, running.plan, running.monthly_price) == (paying.stripe_id, "standard", 2000)
        assert Closure.objects.get(pk=closure.pk).settled_at


def test_a_page_to_pay_on_that_was_left_open_works_no_longer(stripe_side, run_tasks, association):
    page = checkout(association)
    schemas.build(association.uuid)
    with public():
        association.open()
    close(run_tasks, association)
    assert requests.get(page, timeout=10).status_code == 410


def test_dropped_it_has_ended(stripe_side, run_tasks, association, paying):
    closure = close(run_tasks, association)
    then = timezone.now() - timedelta(days=91)
    with public():
        Closure.objects.filter(pk=closure.pk).update(
            closed_at=then, retained_until=then + timedelta(days=90), dump_verified_at=then, dropped_at=timezone.now()
        )
        closure.refresh_from_db()
    ending.settle(closure)
    assert at_stripe(stripe_side, paying)["status"] == "canceled"
    with public():
        assert Subscription.for_association(association) is None
        assert Closure.objects.get(pk=closure.pk).settled_at


def test_stripe_away_is_tried_again_and_keeps_nobody_from_closing(
    stripe_side, run_tasks, association, paying, monkeypatch
):
    def away(_association):
        raise GatewayUnavailable("away")

    monkeypatch.setattr(Customer, "hold", away)
    closure = close(run_tasks, association)
    assert at_stripe(stripe_side, paying)["pause_collection"] is None
    monkeypatch.undo()
    with public():
        assert closure in Closure.objects.to_tend()
    closure.tend()
    assert at_stripe(stripe_side, paying)["pause_collection"]


def test_an_association_that_never_paid_needs_nothing_of_stripe(association, monkeypatch):
    monkeypatch.setattr("billing.gateway._stripe", lambda: pytest.fail("Stripe was asked"))
    with public():
        for act in (Customer.hold, Customer.release, Customer.end):
            act(association)
