"""A mail relay that says nothing keeps one message waiting, and no row, transaction or other association with it."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import requests
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from django.utils.crypto import get_random_string

from controlplane.associations.models import Association
from controlplane.dispatch.models import Waiting
from controlplane.outbox import gateways
from controlplane.outbox.models import CLAIM, Message
from controlplane.outbox.tasks import send_for_association, send_waiting_everywhere
from controlplane.tenancy import bound, public
from controlplane.tenancy.waiting import WaitsInTransaction
from tests.outside import hung

RUN = get_random_string(6)  # the stand-in may have kept what an earlier run sent


@pytest.fixture(autouse=True)
def real_smtp(settings):
    settings.EMAIL_BACKEND = "controlplane.outbox.relay.EmailBackend"


@pytest.fixture
def houses(django_db_setup, django_db_blocker):
    """Both associations as workers see them, with transactions of their own."""
    with django_db_blocker.unblock():
        with public():
            both = [Association.objects.get(slug=slug) for slug in ("tonan", "fujishiro")]
        yield both
        for each in both:
            with bound(each):
                Message.objects.all().delete()
        with public():
            Waiting.objects.all().delete()
        connection.close()


def outbox(to):
    return [row for row in requests.get(settings.OUTBOX_URL, timeout=5).json() if row["to"] == to]


def queued(house, to):
    with bound(house):
        return Message.objects.create(channel="mail", to=to, subject="題", body="本文")


def deliver(house, message):
    """As a worker's task does."""
    try:
        with bound(house):
            Message.objects.get(pk=message.pk).deliver()
    finally:
        connection.close()


def state(house, message):
    with bound(house):
        return Message.objects.get(pk=message.pk).state


def test_while_one_message_waits_for_the_relay_its_row_is_free_and_others_go_out(houses, settings):
    tonan, fujishiro = houses
    slow, other = queued(tonan, f"slow-{RUN}@example.jp"), queued(fujishiro, f"beside-{RUN}@example.jp")
    real, settings.EMAIL_TIMEOUT = settings.EMAIL_PORT, 4
    with hung() as relay, ThreadPoolExecutor(1) as pool:
        settings.EMAIL_PORT = relay.port
        sending = pool.submit(deliver, tonan, slow)
        until = time.monotonic() + 10
        while not relay.calls() and time.monotonic() < until:
            time.sleep(0.02)
        settings.EMAIL_PORT = real
        deliver(fujishiro, other)
        with bound(tonan):
            Message.objects.select_for_update(nowait=True).get(pk=slow.pk)
        with public(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE datname = current_database() AND state LIKE 'idle in transaction%'"
            )
            assert cursor.fetchone() == (0,)
        assert not sending.done()
        sending.result(timeout=20)
    assert len(outbox(f"beside-{RUN}@example.jp")) == 1
    assert (state(fujishiro, other), state(tonan, slow)) == ("sent", "queued")


def test_a_claim_is_one_worker_s_until_it_runs_out(houses, monkeypatch):
    """Killed between claim and mark: nobody sends it meanwhile, and afterwards somebody does, once."""
    tonan, _other = houses
    message = queued(tonan, f"killed-{RUN}@example.jp")

    def killed(*_args, **_named):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(gateways, "send", killed)
        with pytest.raises(KeyboardInterrupt):
            deliver(tonan, message)
    deliver(tonan, message)
    assert outbox(f"killed-{RUN}@example.jp") == []
    with bound(tonan):
        claimed = Message.objects.get(pk=message.pk)
        assert timezone.now() < claimed.next_attempt_at <= timezone.now() + CLAIM
        Message.objects.update(next_attempt_at=timezone.now())
    deliver(tonan, message)
    deliver(tonan, message)
    assert len(outbox(f"killed-{RUN}@example.jp")) == 1


def test_the_beat_comes_back_when_a_killed_worker_s_claim_has_run_out(houses, monkeypatch):
    tonan, _other = houses
    with bound(tonan):
        message = Message.queue("mail", f"again-{RUN}@example.jp", subject="題", body="本文")
        Message.objects.due().update(attempts=1, next_attempt_at=timezone.now() + CLAIM)  # claimed, then killed
    send_waiting_everywhere.apply(throw=True)
    assert outbox(f"again-{RUN}@example.jp") == []
    with public():
        assert Waiting.objects.get(association=tonan).due_at > timezone.now() + CLAIM - timedelta(minutes=1)
        Waiting.objects.update(due_at=timezone.now())
    with bound(tonan):
        Message.objects.update(next_attempt_at=timezone.now())
    send_waiting_everywhere.apply(throw=True)
    assert len(outbox(f"again-{RUN}@example.jp")) == 1
    assert state(tonan, message) == "sent"


def test_many_workers_with_one_message_send_it_once(houses):
    tonan, _other = houses
    message = queued(tonan, f"once-{RUN}@example.jp")
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda _n: deliver(tonan, message), range(6)))
    assert len(outbox(f"once-{RUN}@example.jp")) == 1


def test_who_lost_the_claim_does_not_undo_what_the_next_one_noted(houses, monkeypatch):
    """So slow that the claim ran out: another worker has sent it, and the late failure changes nothing."""
    tonan, _other = houses
    message = queued(tonan, f"late-{RUN}@example.jp")

    def slow(*_args, **_named):
        with bound(tonan):
            Message.objects.update(attempts=2, state="sent", sent_at=timezone.now())
        raise gateways.Unavailable("too late")

    monkeypatch.setattr(gateways, "send", slow)
    deliver(tonan, message)
    assert state(tonan, message) == "sent"


def test_nobody_sends_inside_a_transaction(tonan):
    with bound(tonan), transaction.atomic(), pytest.raises(WaitsInTransaction):
        gateways.send("mail", "a@example.jp", "題", "本文")


def test_a_task_delivers_as_a_beat_does(houses):
    tonan, _other = houses
    message = queued(tonan, f"task-{RUN}@example.jp")
    with bound(tonan):
        send_for_association.apply(args=[message.pk], headers={"kairan_association": str(tonan.pk)}, throw=True)
    assert len(outbox(f"task-{RUN}@example.jp")) == 1
