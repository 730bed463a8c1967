"""At the same moment: two officers at the counter, two workers with one event. Real threads, committed rows."""

import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any, TypeVar

import pytest
from django.db import connection

from billing.models import Customer, StripeEvent, Subscription
from billing.tasks import process_event
from controlplane.associations.models import Association
from controlplane.audit.models import Entry
from controlplane.cities.models import City
from controlplane.tenancy import public
from tests.billing.stripe_side import checkout, picture, receive

TOGETHER = 8
Answer = TypeVar("Answer")


@pytest.fixture
def committed(django_db_setup: None, django_db_blocker: Any) -> Iterator[Association]:
    """An association that other threads' transactions can see; taken away afterwards."""
    with django_db_blocker.unblock():
        with public():
            city, slug = City.objects.get(slug="kyoto"), f"a{uuid.uuid4().hex[:12]}"
            association = Association.objects.create(slug=slug, name="同時自治会", city=city, households=200)
        yield association
        with public():
            Entry.objects.about(association).delete()
            StripeEvent.objects.all().delete()
            for kept in (association.subscriptions, association.invoices):
                kept.all().delete()
            Customer.objects.filter(association=association).delete()
            association.delete()


def at_once(act: Callable[[], Answer]) -> list[Answer]:
    start = Barrier(TOGETHER)

    def one(_n: int) -> Answer:
        try:
            start.wait(timeout=30)
            return act()
        finally:
            connection.close()

    with ThreadPoolExecutor(TOGETHER) as pool:
        return list(pool.map(one, range(TOGETHER)))


def test_checkouts_make_one_customer(stripe_side, committed):
    pages = at_once(lambda: checkout(committed))

    listed = stripe_side.call("GET", "/v1/customers", limit=100)["data"]
    assert [each["metadata"].get("association") for each in listed].count(str(committed.uuid)) == 1
    assert len(set(pages)) == TOGETHER
    with public():
        assert Customer.objects.filter(association=committed).count() == 1


def test_one_event_worked_off_by_many_takes_effect_once(stripe_side, committed):
    stripe_side.pay(checkout(committed))
    with public():
        event = receive(stripe_side.events(committed)[-1])

    at_once(lambda: process_event(event.pk))

    with public():
        assert StripeEvent.objects.get(pk=event.pk).error == ""
        assert Subscription.plan_of(committed).code == "standard"
        assert Entry.objects.about(committed).filter(verb="subscription.change_plan").count() == 1
    told = picture(committed)
    with public():
        Subscription.reconcile(committed)
    assert picture(committed)["subscriptions"] == told["subscriptions"]
    assert picture(committed)["grants"] == told["grants"]


def test_one_webhook_delivered_many_times_is_one_row(stripe_side, committed):
    stripe_side.pay(checkout(committed))
    told = stripe_side.events(committed)[-1]

    def arrive() -> int:
        with public():
            return receive(told).pk

    assert len(set(at_once(arrive))) == 1
