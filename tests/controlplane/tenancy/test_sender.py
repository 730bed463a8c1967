"""No request waits for the broker, and no process ends before it has tried."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import redis
from celery import current_app

from controlplane.outbox.models import Message
from controlplane.tenancy import bound, public, sender
from controlplane.tenancy.sender import Sender

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def broker_at(monkeypatch):
    """Have tasks handed to another port of this machine."""

    def look_at(port):
        monkeypatch.setattr(current_app.conf, "broker_url", f"redis://127.0.0.1:{port}/0")
        monkeypatch.setattr(current_app, "amqp", current_app.amqp.__class__(current_app))
        monkeypatch.setattr(current_app, "_pool", None)

    yield look_at
    sender.flush()


@pytest.fixture
def own(monkeypatch):
    """A sender of this test's own, which nobody else has filled."""
    mine = Sender(most=3)
    monkeypatch.setattr(sender, "_sender", mine)
    return mine


def test_who_enqueues_does_not_wait_for_a_broker_that_hangs(
    tonan, own, broker_at, hung, django_capture_on_commit_callbacks
):
    broker_at(hung.port)
    with django_capture_on_commit_callbacks(execute=True), bound(tonan):
        Message.queue("mail", "later@example.jp", subject="題", body="本文")
    assert own._waiting.unfinished_tasks == 1  # back here while the attempt goes on
    assert own.flush(30)
    assert hung.asked


def test_what_there_is_no_room_for_is_dropped_and_said(tonan, own, caplog, django_capture_on_commit_callbacks):
    go_on = threading.Event()
    own.put(lambda: go_on.wait(30) and None, name="first")
    with django_capture_on_commit_callbacks(execute=True), bound(tonan):
        for number in range(6):
            Message.queue("mail", f"full{number}@example.jp", subject="題", body="本文")
    assert "broker_queue_full" in caplog.text
    assert "send_for_association" in caplog.text
    go_on.set()
    assert own.flush(30)


def test_one_that_fails_keeps_no_other_back(own, caplog):
    done = []
    own.put(lambda: done[0], name="fails")
    own.put(lambda: done.append("second"), name="follows")
    assert own.flush(30)
    assert done == ["second"]
    assert "task_not_handed_over" in caplog.text


def test_a_forked_process_hands_over_for_itself(own):
    own.put(lambda: None, name="parent")
    assert own.flush(30)
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        sender.put(lambda: os.write(write, b"handed over") and None, name="child")
        sender.flush(30)
        os._exit(0)
    os.waitpid(child, 0)
    os.close(write)
    assert os.read(read, 100) == b"handed over"
    os.close(read)


def test_a_command_hands_over_before_it_ends(settings):
    script = (
        "import django; django.setup(); from controlplane.tenancy import public;"
        "from provisioning.tasks import refill_spares\nwith public(): refill_spares.on_commit()"
    )
    url = settings.REDIS_URL.rpartition("/")[0] + "/7"
    kept = redis.Redis.from_url(url)
    kept.flushdb()
    environment = {**os.environ, "REDIS_URL": url, "PYTHONPATH": f"{ROOT}:{ROOT / 'platform'}"}
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, env=environment, check=True, timeout=60)
    assert kept.llen("celery") == 1
    kept.flushdb()


def test_with_eager_tasks_nothing_is_left_to_a_thread(own, run_tasks):
    with run_tasks(), public():
        Message.queue("mail", "eager@example.jp", subject="題", body="本文")
    assert own._thread is None
