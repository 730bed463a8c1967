"""Stripe hangs: the page says so, the webhook is kept without asking, and nobody else of the association waits."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client

from billing.models import StripeEvent, Subscription
from billing.tasks import process_event
from controlplane.associations.models import Association
from controlplane.audit.models import Entry
from controlplane.tenancy import bound, public
from tenants.members.models import Member
from tests.billing.stripe_side import checkout, receive
from tests.outside import hung


@pytest.fixture
def house(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock():
        with public():
            association = Association.objects.get(slug="tonan")
        yield association
        with public():
            Entry.objects.filter(verb="subscription.start_checkout").delete()
        connection.close()


def representative(house):
    client = Client(HTTP_HOST=f"tonan.{settings.APEX_HOST}")
    with bound(house):
        client.force_login(Member.objects.get(user__email="officer@tonan.example.jp").user)
    return client


def choose(house):
    try:
        return representative(house).post("/plan/checkout/", {"plan": "standard"})
    finally:
        connection.close()


def test_while_a_checkout_waits_everybody_else_goes_on(house, settings):
    with hung() as stripe, ThreadPoolExecutor(1) as pool:
        settings.STRIPE_API_BASE = f"http://127.0.0.1:{stripe.port}"
        choosing = pool.submit(choose, house)
        until = time.monotonic() + 20
        while not stripe.calls() and time.monotonic() < until and not choosing.done():
            time.sleep(0.02)
        assert representative(house).get("/").status_code == 200
        assert representative(house).get("/plan/").status_code == 200
        with public():
            Association.objects.select_for_update(nowait=True).get(pk=house.pk)
        assert not choosing.done()
        answer = choosing.result(timeout=30)
    assert answer.status_code == 503
    assert "お支払いの会社に、つながりませんでした。何も変わっていません。" in answer.content.decode()
    with public():
        assert not Entry.objects.filter(verb="subscription.start_checkout").exists()


def test_for_a_page_nothing_is_asked_twice(house, settings):
    with hung() as stripe:
        settings.STRIPE_API_BASE = f"http://127.0.0.1:{stripe.port}"
        assert choose(house).status_code == 503
        assert stripe.calls() == 1


def test_a_webhook_is_kept_and_answered_without_asking_stripe_and_worked_off_later(
    stripe_side, association, settings, run_tasks
):
    stripe_side.pay(checkout(association))
    told, real = stripe_side.events(association)[-1], settings.STRIPE_API_BASE
    with hung() as stripe:
        settings.STRIPE_API_BASE = f"http://127.0.0.1:{stripe.port}"
        settings.WAIT_STRIPE_IN_WORKERS = (0.2, 0.2)
        with public():
            event = receive(told)
        assert stripe.calls() == 0
        process_event.apply(args=[event.pk], throw=True)
        assert stripe.calls() == 3
    with public():
        event.refresh_from_db()
        assert (event.processed_at, event.attempts) == (None, 1)
    settings.STRIPE_API_BASE = real
    process_event.apply(args=[event.pk], throw=True)
    with public():
        assert StripeEvent.objects.get(pk=event.pk).processed_at
        assert Subscription.plan_of(association).code == "standard"
