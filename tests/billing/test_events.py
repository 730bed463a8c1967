"""The inbox: each event once, in any order, any number of times, ends in what Stripe says now."""

from datetime import timedelta

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from billing import gateway
from billing.models import Customer, Invoice, StripeEvent, Subscription
from billing.models.subscriptions import take_in
from billing.plans import find
from billing.tasks import process_event, process_waiting_events
from controlplane.associations.features import Feature
from controlplane.tenancy import naming, public
from tests.billing.stripe_side import checkout, customer_of, picture, receive, subscribe

MANY = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
FEWER = settings(MANY, max_examples=12)


def forget(association):
    """As if nothing had ever been told."""
    with public():
        StripeEvent.objects.all().delete()
        association.subscriptions.all().delete()
        association.invoices.all().delete()
        association.grants.all().delete()


def tell(events):
    for event in events:
        with public():
            receive(event).process()


def test_a_duplicate_is_kept_and_worked_off_once(stripe_side, association):
    stripe_side.pay(checkout(association))
    event = stripe_side.events(association)[-1]

    stripe_side.deliver(event, event, event)

    with public():
        kept = StripeEvent.objects.get(stripe_id=event["id"])
    assert (kept.attempts, kept.error) == (1, "")
    assert kept.processed_at


def test_the_inbox_keeps_no_one_s_name(stripe_side, association):
    stripe_side.pay(checkout(association))
    stripe_side.deliver_all(association)
    with public():
        for row in StripeEvent.objects.values():
            assert association.name not in str(row)


@pytest.fixture
def story(stripe_side, association):
    """A purchase, an arrear, its payment, a change of plan and notice to end: what Stripe told, and where it led."""
    subscription = subscribe(stripe_side, association)
    stripe_side.renew(subscription, "failed")
    owed = stripe_side.call("GET", "/v1/invoices", subscription=subscription, status="open")["data"][0]
    stripe_side.call("POST", f"/v1/invoices/{owed['id']}/pay", paid_out_of_band="true")
    checkout(association, "premium")
    stripe_side.call("POST", f"/v1/subscriptions/{subscription}", cancel_at_period_end="true")
    events = stripe_side.events(association)
    stripe_side.deliver(*events)
    return events, picture(association)


@MANY
@given(data=st.data())
def test_any_order_with_any_duplicates_ends_the_same(story, association, data):
    events, expected = story
    twice = data.draw(st.lists(st.sampled_from(events), max_size=5))
    order = data.draw(st.permutations([*events, *twice]))

    forget(association)
    tell(order)

    assert picture(association) == expected


ACTS = ("renew", "fail", "settle", "premium", "standard", "notice", "stay")


@FEWER
@given(acts=st.lists(st.sampled_from(ACTS), min_size=1, max_size=5), data=st.data())
def test_whatever_happens_and_however_late_it_is_told_the_picture_is_stripe_s(stripe_side, found, acts, data):
    association = found(301)
    subscription = subscribe(stripe_side, association)
    waiting, told = [], {each["id"] for each in stripe_side.events(association)}
    for act in acts:
        happen(stripe_side, association, subscription, act)
        fresh = [each for each in stripe_side.events(association) if each["id"] not in told]
        told |= {each["id"] for each in fresh}
        waiting = data.draw(st.permutations([*waiting, *fresh]))
        now, waiting = waiting[: len(waiting) // 2], waiting[len(waiting) // 2 :]
        tell(now)
    tell(waiting)

    told_by_events = picture(association)
    with public():
        Subscription.reconcile(association)
    assert picture(association) == told_by_events


def happen(stripe_side, association, subscription, act):
    place = f"/v1/subscriptions/{subscription}"
    if stripe_side.call("GET", place)["status"] == "canceled":
        return
    if act in ("renew", "fail"):
        stripe_side.renew(subscription, "paid" if act == "renew" else "failed")
    elif act == "settle":
        for owed in stripe_side.call("GET", "/v1/invoices", subscription=subscription, status="open")["data"]:
            stripe_side.call("POST", f"/v1/invoices/{owed['id']}/pay", paid_out_of_band="true")
    elif act in ("notice", "stay"):
        stripe_side.call("POST", place, cancel_at_period_end=str(act == "notice").lower())
    else:
        with naming(None):  # nothing waits for Stripe with a transaction open
            gateway.change_plan(subscription, find(act), association.households)


def test_what_was_fetched_earlier_never_covers_what_was_fetched_later(stripe_side, association):
    subscription = subscribe(stripe_side, association)
    stripe_side.renew(subscription, "failed")
    owed = stripe_side.call("GET", "/v1/invoices", subscription=subscription, status="open")["data"][0]["id"]
    slow, slow_invoice = gateway.fetch_subscription(subscription), gateway.fetch_invoice(owed)
    fetched_at = timezone.now() - timedelta(minutes=5)
    stripe_side.call("POST", f"/v1/invoices/{owed}/pay", paid_out_of_band="true")
    stripe_side.call("DELETE", f"/v1/subscriptions/{subscription}")
    stripe_side.deliver_all(association)
    expected = picture(association)
    assert expected["grants"] == []

    with public():
        take_in(slow.customer, fetched_at, [slow], [slow_invoice])

    assert picture(association) == expected


@pytest.mark.parametrize("type", ["customer.subscription.created", "invoice.paid", "checkout.session.completed"])
def test_any_one_of_a_purchase_s_events_is_enough(stripe_side, association, type):
    stripe_side.pay(checkout(association))
    stripe_side.deliver(*[each for each in stripe_side.events(association) if each["type"] == type])
    with public():
        assert association.has(Feature.SURVEYS)


def test_a_list_fetched_before_a_purchase_does_not_end_it(stripe_side, association):
    checkout(association)
    earlier = timezone.now() - timedelta(minutes=5)
    subscribe(stripe_side, association)
    expected = picture(association)
    with public():
        take_in(customer_of(association), earlier, [], [], complete=True)
    assert picture(association) == expected


def test_a_stranger_s_subscription_is_stored_and_changes_nothing(stripe_side, association):
    subscribe(stripe_side, association)
    with public():
        Customer.objects.filter(association=association).update(stripe_id="cus_somebody_else")
    forget(association)
    told = stripe_side.call("GET", "/v1/events", limit=5)["data"]
    tell(told)
    assert picture(association) == {"subscriptions": [], "invoices": [], "grants": []}
    with public():
        assert not StripeEvent.objects.filter(processed_at=None).exists()


@pytest.mark.parametrize(
    ("type", "about"),
    [
        ("customer.updated", "cus_1"),
        ("payout.paid", "po_1"),
        ("invoice.upcoming", None),
        ("invoice.deleted", "in_of_nobody"),
        ("customer.subscription.updated", "sub_of_nobody"),
    ],
)
def test_what_is_not_about_anything_we_hold_is_laid_aside(db, type, about):
    event = {"id": "evt_1", "type": type, "created": 1, "livemode": False, "data": {"object": {"id": about}}}
    with public():
        kept = receive(event)
        kept.process()
        assert StripeEvent.objects.get().processed_at


def test_a_checkout_nobody_paid_changes_nothing(stripe_side, association):
    url = checkout(association)
    stripe_side.call("POST", f"/v1/checkout/sessions/{url.rpartition('/')[2]}/expire")
    stripe_side.deliver_all(association)
    assert picture(association) == {"subscriptions": [], "invoices": [], "grants": []}


def test_while_stripe_is_away_events_wait_and_are_worked_off_when_it_is_back(stripe_side, association, settings):
    stripe_side.pay(checkout(association))
    event = stripe_side.events(association)[-1]
    base, settings.STRIPE_API_BASE = settings.STRIPE_API_BASE, "http://127.0.0.1:9"
    stripe_side.deliver(event)
    with public():
        waiting = StripeEvent.objects.get()
        assert (waiting.attempts, waiting.processed_at) == (1, None)
        assert "GatewayUnavailable" in waiting.error
        assert waiting.next_attempt_at > timezone.now()
        assert not StripeEvent.objects.waiting().exists()

    settings.STRIPE_API_BASE = base
    with public():
        StripeEvent.objects.update(next_attempt_at=timezone.now())
    process_waiting_events()

    with public():
        assert StripeEvent.objects.get().error == ""
        assert association.has(Feature.SURVEYS)


def test_an_event_whose_task_was_lost_is_found_again(stripe_side, association):
    stripe_side.pay(checkout(association))
    with public():
        for event in stripe_side.events(association):
            receive(event)
        assert not StripeEvent.objects.waiting().exists()  # the tasks have their half minute
        StripeEvent.objects.update(next_attempt_at=timezone.now())
    process_waiting_events()
    with public():
        assert not StripeEvent.objects.filter(processed_at=None).exists()
        assert association.has(Feature.SURVEYS)


def test_a_task_that_comes_twice_takes_effect_once(stripe_side, association):
    stripe_side.pay(checkout(association))
    stripe_side.deliver_all(association)
    with public():
        event = StripeEvent.objects.first()
    process_event(event.pk)
    with public():
        assert StripeEvent.objects.get(pk=event.pk).attempts == 1


def test_an_event_says_what_it_is(db):
    assert str(StripeEvent(stripe_id="evt_1", type="invoice.paid")) == "invoice.paid evt_1"
    assert str(Subscription(stripe_id="sub_1")) == "sub_1"
    assert str(Customer(stripe_id="cus_1")) == "cus_1"
    assert str(Invoice(number="2026-0612")) == "2026-0612"
