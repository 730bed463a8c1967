"""Buying: from the price list to Stripe's page, and what comes back."""

from dataclasses import replace

import pytest
import requests
from django.core.exceptions import ValidationError

from billing import gateway, plans
from billing.models import Customer, Invoice, Subscription
from controlplane.associations.features import Feature
from controlplane.associations.models import Association
from controlplane.audit.models import Entry
from controlplane.tenancy import public
from tests.billing.stripe_side import URLS, checkout, customer_of, picture, subscribe


def test_paying_switches_the_plan_s_features_on(stripe_side, association):
    with public():
        assert Subscription.plan_of(association).code == "free"
        assert not association.has(Feature.SURVEYS)

    subscribe(stripe_side, association)

    with public():
        assert Subscription.plan_of(association).code == "standard"
        assert association.has(Feature.SURVEYS)
        assert not association.has(Feature.SAFETY_CHECK)


@pytest.mark.parametrize(
    ("plan", "households", "blocks", "due"),
    [("standard", 300, 0, 2200), ("standard", 301, 1, 3300), ("premium", 601, 2, 11_000)],
)
def test_the_invoice_is_the_list_price_with_tax(stripe_side, found, plan, households, blocks, due):
    association = found(households)

    subscribe(stripe_side, association, plan)

    with public():
        invoice = Invoice.objects.get(association=association)
        subscription = Subscription.for_association(association)
    assert (invoice.amount_due, invoice.status) == (due, "paid")
    assert invoice.subtotal + invoice.tax == due
    assert invoice.hosted_url.startswith("http")
    assert invoice.paid_at
    assert invoice.period_start < invoice.period_end == subscription.current_period_end
    assert (subscription.blocks, subscription.monthly_price) == (blocks, invoice.subtotal)


def test_the_federation_s_plan_is_flat(stripe_side, found):
    federation = found(3400, Association.Kind.FEDERATION)

    subscribe(stripe_side, federation, "federation")

    with public():
        assert Invoice.objects.get(association=federation).amount_due == 3300
        assert federation.has(Feature.MEMBER_ASSOCIATIONS)


def test_nothing_is_granted_before_it_is_paid(stripe_side, association):
    checkout(association)
    stripe_side.deliver_all(association)
    assert picture(association) == {"subscriptions": [], "invoices": [], "grants": []}


@pytest.mark.parametrize("plan", ["free", "city", "platinum", ""])
def test_what_is_not_sold_here_cannot_be_bought(association, plan):
    with pytest.raises(ValidationError, match="申し込めません"):
        checkout(association, plan)
    with public():
        assert not Customer.objects.filter(association=association).exists()


def test_the_federation_s_plan_is_refused_to_an_association(association):
    with pytest.raises(ValidationError, match="自治連合会のため"):
        checkout(association, "federation")


def test_the_plan_in_use_cannot_be_bought_twice(stripe_side, association):
    subscribe(stripe_side, association)
    with pytest.raises(ValidationError, match="もう「標準」をお使いです"):
        checkout(association)


def test_it_cannot_be_bought_twice_before_the_news_of_the_first_arrives(stripe_side, association):
    stripe_side.pay(checkout(association))
    with pytest.raises(ValidationError, match="もう「標準」をお使いです"):
        checkout(association)


def test_a_second_page_closes_the_first_so_that_nobody_pays_twice(association):
    first = checkout(association)
    checkout(association, "premium")
    assert requests.get(first, timeout=10).status_code == 410


def test_choosing_another_plan_changes_the_running_subscription(stripe_side, found):
    association = found(301)
    subscription = subscribe(stripe_side, association)

    assert checkout(association, "premium") == URLS["success_url"]

    with public():
        running = Subscription.objects.running().get(association=association)
        assert (running.stripe_id, running.plan, running.blocks) == (subscription, "premium", 1)
        assert association.has(Feature.SAFETY_CHECK)


def test_choosing_another_plan_withdraws_notice_to_end(stripe_side, association):
    subscription = subscribe(stripe_side, association)
    stripe_side.call("POST", f"/v1/subscriptions/{subscription}", cancel_at_period_end="true")
    stripe_side.deliver_all(association)
    checkout(association, "premium")
    with public():
        assert not Subscription.for_association(association).cancel_at_period_end


def test_going_back_to_a_smaller_plan_takes_only_the_rest_away(stripe_side, association):
    subscribe(stripe_side, association, "premium")
    checkout(association, "standard")
    with public():
        assert association.has(Feature.SURVEYS)
        assert not association.has(Feature.SAFETY_CHECK)


def test_who_asked_and_what_changed_is_in_the_audit_trail(stripe_side, association):
    subscribe(stripe_side, association)
    with public():
        asked, changed = Entry.objects.about(association).order_by("pk")
    assert (asked.verb, asked.actor, asked.data) == (
        "subscription.start_checkout",
        "会長 会員1",
        {"plan": "standard"},
    )
    assert (changed.verb, changed.data) == ("subscription.change_plan", {"before": "free", "after": "standard"})


def test_the_portal_needs_a_customer(association):
    with public(), pytest.raises(ValidationError, match="まだお申し込みがありません"):
        Subscription.open_portal(association, URLS["success_url"])


def test_the_portal_shows_the_customer_s_own_plan(stripe_side, association):
    subscribe(stripe_side, association)
    with public():
        page = requests.get(Subscription.open_portal(association, URLS["success_url"]), timeout=10)
    assert "回覧 標準" in page.text
    assert URLS["success_url"] in page.text


def test_the_same_customer_is_used_again(association):
    checkout(association)
    first = customer_of(association)
    checkout(association, "premium")
    assert customer_of(association) == first


def test_a_customer_deleted_at_stripe_is_replaced(stripe_side, association):
    subscribe(stripe_side, association)
    gone = customer_of(association)
    stripe_side.call("DELETE", f"/v1/customers/{gone}")

    stripe_side.pay(checkout(association, "premium"))
    with public():
        Subscription.reconcile(association)

    assert customer_of(association) != gone
    with public():
        assert Subscription.plan_of(association).code == "premium"
        assert Subscription.objects.running().filter(association=association).count() == 1


def test_the_customer_is_the_association_and_no_person(stripe_side, association):
    checkout(association)
    customer = stripe_side.call("GET", f"/v1/customers/{customer_of(association)}")
    assert (customer["name"], customer["address"]["country"]) == ("テスト自治会", "JP")
    assert (customer["email"], customer["phone"]) == (None, None)


def test_a_new_price_is_for_new_buyers_only(stripe_side, found, monkeypatch):
    earlier, later = found(), found()
    subscription = subscribe(stripe_side, earlier)
    monkeypatch.setattr(plans, "PLANS", [replace(plans.find("standard"), base=2500)])

    subscribe(stripe_side, later)
    stripe_side.renew(subscription)
    stripe_side.deliver_all(earlier)

    with public():
        assert Invoice.objects.get(association=later).subtotal == 2500
        assert [each.subtotal for each in earlier.invoices.all()] == [2000, 2000]
        prices = [Subscription.for_association(each).monthly_price for each in (earlier, later)]
        assert prices == [2000, 2500]
        assert Subscription.plan_of(earlier).code == Subscription.plan_of(later).code == "standard"


def test_without_a_key_nothing_is_sold(association, settings):
    settings.STRIPE_SECRET_KEY = ""
    with pytest.raises(gateway.GatewayUnavailable):
        checkout(association)


def test_a_stripe_that_does_not_answer_is_said_to_be_unavailable(association, settings):
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"
    with pytest.raises(gateway.GatewayUnavailable):
        checkout(association)


def test_what_stripe_refuses_is_told_apart_from_what_it_does_not_have(stripe_side, association):
    subscription = subscribe(stripe_side, association)
    stripe_side.call("DELETE", f"/v1/subscriptions/{subscription}")
    with pytest.raises(gateway.Refused) as refusal:
        gateway.change_plan(subscription, plans.find("premium"), 200)
    assert not isinstance(refusal.value, gateway.Missing)
    with pytest.raises(gateway.Missing):
        gateway.fetch_subscription("sub_of_nobody")
