"""What becomes of a plan: its end, notice, arrears; and whose it is."""

import time
from datetime import timedelta

from django.utils import timezone

from billing.models import Customer, Invoice, Subscription
from controlplane.associations.features import Feature
from controlplane.associations.models import Grant
from controlplane.tenancy import public
from tests.billing.stripe_side import checkout, customer_of, picture, subscribe


def test_a_cancelled_plan_ends_and_nothing_is_deleted(stripe_side, association):
    subscription = subscribe(stripe_side, association, "premium")
    stripe_side.call("DELETE", f"/v1/subscriptions/{subscription}")
    stripe_side.deliver_all(association)
    with public():
        assert not association.grants.filter(source=Grant.Source.SUBSCRIPTION).exists()
        assert Subscription.plan_of(association).code == "free"
        assert Subscription.objects.get(stripe_id=subscription).status == "canceled"
        assert Invoice.objects.filter(association=association).count() == 1
        assert Customer.objects.filter(association=association).exists()


def test_what_others_granted_stays_when_a_subscription_ends(stripe_side, association):
    subscription = subscribe(stripe_side, association)
    with public():
        association.grant(Feature.SURVEYS, source=Grant.Source.CITY)
    stripe_side.call("DELETE", f"/v1/subscriptions/{subscription}")
    stripe_side.deliver_all(association)
    with public():
        assert [(each.feature, each.source) for each in association.grants.all()] == [("surveys", "city")]


def test_notice_to_end_keeps_the_features_until_the_period_is_over(stripe_side, association):
    subscription = subscribe(stripe_side, association)
    stripe_side.call("POST", f"/v1/subscriptions/{subscription}", cancel_at_period_end="true")
    stripe_side.deliver_all(association)
    with public():
        running = Subscription.for_association(association)
        assert running.cancel_at_period_end
        assert {each.until for each in association.grants.all()} == {running.current_period_end}
        assert association.has(Feature.SURVEYS)


def test_arrears_have_fourteen_days(stripe_side, association, monkeypatch):
    subscription = subscribe(stripe_side, association)
    stripe_side.renew(subscription, "failed")
    time.sleep(1.1)  # Stripe's clock counts whole seconds
    stripe_side.renew(subscription, "failed")  # a second unpaid month does not begin the fourteen days anew
    stripe_side.deliver_all(association)
    with public():
        since = Subscription.for_association(association).past_due_since
        oldest = min(each.issued_at for each in association.invoices.filter(status="open"))
        assert since == oldest
        assert {each.until for each in association.grants.all()} == {since + timedelta(days=14)}
        assert association.has(Feature.SURVEYS)
        monkeypatch.setattr(timezone, "now", lambda: since + timedelta(days=14, seconds=1))
        assert not association.has(Feature.SURVEYS)


def test_paying_what_is_owed_ends_the_arrears(stripe_side, association):
    subscription = subscribe(stripe_side, association)
    stripe_side.renew(subscription, "failed")
    stripe_side.deliver_all(association)
    owed = stripe_side.call("GET", "/v1/invoices", subscription=subscription, status="open")["data"][0]
    stripe_side.call("POST", f"/v1/invoices/{owed['id']}/pay", paid_out_of_band="true")
    stripe_side.deliver_all(association)
    with public():
        running = Subscription.for_association(association)
        assert (running.status, running.past_due_since) == ("active", None)
        assert {each.until for each in association.grants.all()} == {running.current_period_end + timedelta(days=14)}


def test_metadata_says_nothing_about_whose_it_is(stripe_side, found):
    mine, other = found(), found()
    subscription = subscribe(stripe_side, mine)
    stripe_side.call("POST", f"/v1/subscriptions/{subscription}", **{"metadata[association]": str(other.uuid)})
    stripe_side.deliver_all(mine)
    assert picture(other) == {"subscriptions": [], "invoices": [], "grants": []}
    assert picture(mine)["grants"]


def test_a_subscription_to_something_else_grants_nothing(stripe_side, association):
    checkout(association)
    product = stripe_side.call("POST", "/v1/products", name="のぼり旗")["id"]
    terms = {"currency": "jpy", "unit_amount": 500, "recurring[interval]": "month"}
    price = stripe_side.call("POST", "/v1/prices", product=product, **terms)["id"]
    invoiced = {"collection_method": "send_invoice", "days_until_due": 30, "items[0][price]": price}
    stripe_side.call("POST", "/v1/subscriptions", customer=customer_of(association), **invoiced)
    stripe_side.deliver_all(association)
    with public():
        assert Subscription.objects.get(association=association).plan == ""
        assert Subscription.plan_of(association).code == "free"
        invoice = Invoice.objects.get(association=association)
        assert (invoice.status, invoice.amount_due, invoice.due_at is None) == ("open", 500, False)
    assert picture(association)["grants"] == []


def test_associations_are_found_by_the_plan_they_use(stripe_side, found):
    paying, ended, never = found(), found(), found()
    subscribe(stripe_side, paying)
    stripe_side.call("DELETE", f"/v1/subscriptions/{subscribe(stripe_side, ended)}")
    stripe_side.deliver_all(ended)
    with public():
        on_standard, on_free = (set(Subscription.objects.associations_on(plan)) for plan in ("standard", "free"))
    assert {paying, ended, never} & on_standard == {paying}
    assert {paying, ended, never} & on_free == {ended, never}
