"""Once an hour everything is compared with Stripe: what was lost is repaired, and one failure stops no other."""

from django.conf import settings as django_settings

from billing import gateway
from billing.models import Customer, Subscription
from billing.tasks import reconcile_all
from controlplane.associations.features import Feature
from controlplane.tenancy import public
from tests.billing.stripe_side import checkout, customer_of, picture, subscribe


def test_a_purchase_whose_events_were_all_lost_is_found(stripe_side, association):
    stripe_side.pay(checkout(association))
    reconcile_all()
    with public():
        assert association.has(Feature.SURVEYS)
        assert association.invoices.get().status == "paid"


def test_a_cancellation_whose_event_was_lost_is_found(stripe_side, association):
    subscription = subscribe(stripe_side, association)
    stripe_side.call("DELETE", f"/v1/subscriptions/{subscription}")
    reconcile_all()
    assert picture(association)["grants"] == []


def test_what_events_told_is_left_as_it_is(stripe_side, association):
    subscribe(stripe_side, association, "premium")
    before = picture(association)
    reconcile_all()
    assert picture(association) == before


def test_what_stripe_no_longer_lists_has_ended(stripe_side, association):
    subscription = subscribe(stripe_side, association)
    with public():
        Subscription.objects.filter(stripe_id=subscription).update(stripe_id="sub_never_heard_of")
        Subscription.reconcile(association)
        assert Subscription.objects.get(stripe_id="sub_never_heard_of").status == "canceled"
        assert Subscription.for_association(association).stripe_id == subscription


def test_one_that_fails_stops_no_other(stripe_side, found, monkeypatch):
    broken, whole = found(), found()
    for association in (broken, whole):
        stripe_side.pay(checkout(association))
    customer = customer_of(broken)
    asked = gateway.subscriptions_of

    def refuse(asked_for):
        if asked_for == customer:
            raise gateway.GatewayUnavailable("a bad minute")
        return asked(asked_for)

    monkeypatch.setattr(gateway, "subscriptions_of", refuse)
    reconcile_all()

    with public():
        assert not broken.has(Feature.SURVEYS)
        assert whole.has(Feature.SURVEYS)


def test_who_never_bought_is_not_looked_for(association):
    with public():
        Subscription.reconcile(association)
        assert not Customer.objects.filter(association=association).exists()


def test_the_beat_compares_every_hour():
    schedules = {entry["task"]: entry["schedule"] for entry in django_settings.CELERY_BEAT_SCHEDULE.values()}
    hourly = schedules["billing.tasks.reconcile_all"]
    assert (len(hourly.minute), len(hourly.hour)) == (1, 24)


def test_invoices_whose_events_were_lost_are_found(stripe_side, association):
    subscription = subscribe(stripe_side, association)
    for _month in range(3):
        stripe_side.renew(subscription)
    reconcile_all()
    with public():
        assert association.invoices.count() == 4
