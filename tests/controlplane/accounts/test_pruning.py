"""What has run out goes, everywhere; what still counts stays."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db.models import F
from django.utils import timezone

from billing.models import StripeEvent
from billing.tasks import prune_events
from controlplane.accounts.contacts import Contact
from controlplane.accounts.models import ApiToken, LoginCode
from controlplane.accounts.tasks import prune_everywhere
from controlplane.metering.models import Count
from controlplane.metering.tasks import prune
from controlplane.tenancy import bound, public

CONTACT = Contact.parse("somebody@example.jp")


@pytest.fixture
def places(tonan, fujishiro):
    return [public, lambda: bound(tonan), lambda: bound(fujishiro)]


def test_sessions_codes_and_tokens_that_ran_out_go_everywhere(places, member, operator):
    now = timezone.now()
    for place in places:
        with place():
            for name, days in (("old", -1), ("young", 1)):
                Session.objects.create(session_key=name, session_data="", expire_date=now + timedelta(days=days))
                made = now + timedelta(days=min(days, 0) * 3)
                LoginCode.objects.send(Contact.parse(f"{name}@example.jp"), asked_from="192.0.2.9", site_name="桃南会")
                LoginCode.objects.filter(destination=f"{name}@example.jp").update(created_at=made)
    for place, user in zip(places, (operator, member.user), strict=False):
        with place():
            row, _secret = ApiToken.objects.issue(user)
            ApiToken.objects.issue(user)
            ApiToken.objects.filter(pk=row.pk).update(expires_at=now - timedelta(seconds=1))
    prune_everywhere.apply(throw=True)
    for place in places:
        with place():
            assert [session.session_key for session in Session.objects.all()] == ["young"]
            assert LoginCode.objects.count() == 1
    for place in places[:2]:
        with place():
            assert ApiToken.objects.count() == 1


def test_pruning_forgets_no_limit(tonan):
    """What still counts towards a day's limit stays; after two days nothing is left, in `public` neither."""
    with bound(tonan):
        LoginCode.objects.send(CONTACT, asked_from="192.0.2.9", site_name=tonan.name)
    with public():
        before = Count.objects.count()
        assert before
    prune.apply(throw=True)
    with public():
        assert Count.objects.count() == before
        Count.objects.update(slot=F("slot") - timedelta(days=2, hours=1))
    prune.apply(throw=True)
    with public():
        assert not Count.objects.exists()


def test_trouble_at_one_place_stops_no_other(tonan, fujishiro, monkeypatch):
    real = LoginCode.objects.prune

    def troubled():
        from controlplane.tenancy import current

        if current().uuid == tonan.uuid:
            raise RuntimeError
        real()

    with bound(fujishiro):
        LoginCode.objects.send(CONTACT, asked_from="192.0.2.9", site_name="藤城台")
        LoginCode.objects.update(created_at=timezone.now() - timedelta(days=3))
    monkeypatch.setattr(LoginCode.objects, "prune", troubled)
    prune_everywhere.apply(throw=True)
    with bound(fujishiro):
        assert not LoginCode.objects.exists()


def test_events_worked_off_long_ago_go(db):
    now = timezone.now()
    with public():
        for number, processed in enumerate((None, now, now - timedelta(days=100))):
            StripeEvent.objects.create(
                stripe_id=f"evt_{number}", type="x", created_at=now - timedelta(days=200), processed_at=processed
            )
    prune_events.apply(throw=True)
    with public():
        assert set(StripeEvent.objects.values_list("stripe_id", flat=True)) == {"evt_0", "evt_1"}


def test_one_association_s_sessions_by_hand(tonan):
    with bound(tonan):
        Session.objects.create(session_key="old", session_data="", expire_date=timezone.now() - timedelta(days=1))
    call_command("clearsessions", "--association", "tonan")
    with bound(tonan):
        assert not Session.objects.exists()
