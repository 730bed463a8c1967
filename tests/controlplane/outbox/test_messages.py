"""Messages leave through real gateways, once; a refusal is kept, a failure tried again."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import ClassVar

import pytest
import redis
import requests
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Sink
from aiosmtpd.smtp import SMTP
from celery import current_app
from django.conf import settings
from django.db import connection
from django.utils import timezone

from controlplane.accounts.contacts import Contact
from controlplane.associations.models import Association
from controlplane.dispatch.models import DeliveryCount, Waiting
from controlplane.metering.models import Kind
from controlplane.outbox import gateways
from controlplane.outbox import tasks as outbox_tasks
from controlplane.outbox.models import MAX_ATTEMPTS, Attached, Message
from controlplane.outbox.tasks import send_waiting_everywhere, sweep
from controlplane.tenancy import bound, naming, public, sender
from infra.dev.ports import free_port
from provisioning import adoption


@pytest.fixture(autouse=True)
def nobody_waits(request):
    """What tests that commit have left for the beat is not this one's. Those that commit themselves clean up."""
    if "db" not in request.fixturenames:
        return
    request.getfixturevalue("db")
    with public():
        Waiting.objects.all().delete()
        DeliveryCount.objects.all().delete()


@pytest.fixture(autouse=True)
def real_smtp(settings):
    """pytest-django swaps the mail backend for one in memory; here the sink is a real SMTP server."""
    settings.EMAIL_BACKEND = "controlplane.outbox.relay.EmailBackend"


def outbox(to: str) -> list[dict]:
    return [row for row in requests.get(settings.OUTBOX_URL, timeout=5).json() if row["to"] == to]


def test_a_mail_arrives_with_its_association_and_attachment(tonan, run_tasks):
    with naming(tonan):
        attached = Attached.put("手順書.pdf", b"%PDF-1.4 x", key="one")
    with run_tasks(), bound(tonan):
        Message.queue("mail", "one@example.jp", subject="題", body="本文", attachment=attached)
    (row,) = outbox("one@example.jp")
    assert (row["subject"], row["body"].strip(), row["association"]) == ("題", "本文", str(tonan.uuid))
    assert [a["name"] for a in row["attachments"]] == ["手順書.pdf"]
    with bound(tonan):
        assert Message.objects.get(to="one@example.jp").state == "sent"


class Noting(SMTP):
    """A real mail server that also notes whom it is told to send to, letter for letter."""

    told: ClassVar[list[str]] = []

    async def smtp_RCPT(self, arg: str) -> None:
        self.told.append(arg)
        await super().smtp_RCPT(arg)


class NotingController(Controller):
    def factory(self) -> SMTP:
        return Noting(self.handler)


@pytest.mark.parametrize("name", ["a..b", "a."])
def test_a_name_with_odd_dots_is_quoted_on_its_way(settings, name):
    """docomo gave such names out; unquoted, a relay need not take them."""
    server = NotingController(Sink(), hostname="127.0.0.1", port=free_port())
    server.start()
    settings.EMAIL_PORT, settings.EMAIL_HOST = server.port, "127.0.0.1"
    try:
        gateways.send_mail(Contact.parse(f"{name}@docomo.ne.jp").value, "題", "本文", ())
    finally:
        server.stop()
    assert Noting.told.pop() == f'TO:<"{name}"@docomo.ne.jp>'


def test_a_mail_says_that_nobody_wrote_it_by_hand(mailoutbox, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    gateways.send_mail("one@example.jp", "題", "本文", ())
    assert mailoutbox[0].message()["Auto-Submitted"] == "auto-generated"


def test_a_mail_is_of_its_sender_s_domain_and_hour(mailoutbox, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    settings.DEFAULT_FROM_EMAIL = "回覧 <no-reply@kairan.example.jp>"
    gateways.send_mail("one@example.jp", "題", "本文", ())
    message = mailoutbox[0].message()
    assert message["Message-ID"].endswith("@kairan.example.jp>")
    assert message["Date"].endswith("+0900")


def test_a_short_message_arrives(tonan, run_tasks):
    with run_tasks(), bound(tonan):
        Message.queue("sms", "+819012345678", body="こんにちは", kind=Kind.ACCOUNT)
    assert [row["body"] for row in outbox("+819012345678")] == ["こんにちは"]


def test_a_mailbox_that_does_not_exist_is_a_bounce(tonan, run_tasks):
    with run_tasks(), bound(tonan):
        Message.queue("mail", "nobody@bounce.invalid", subject="題", body="本文")
    with bound(tonan):
        message = Message.objects.get(to="nobody@bounce.invalid")
        assert (message.state, message.attempts) == ("bounced", 1)
        assert message.error


def test_a_number_that_is_none_is_a_bounce(tonan, run_tasks):
    with run_tasks(), bound(tonan):
        Message.queue("sms", "+81", body="x")
    with bound(tonan):
        assert Message.objects.get(to="+81").state == "bounced"


def test_a_gateway_that_is_down_is_tried_again_and_given_up_late(tonan, monkeypatch):
    def down(*_args):
        raise gateways.Unavailable("down")

    with bound(tonan):
        message = Message.queue("mail", "two@example.jp", subject="題", body="本文")
        with monkeypatch.context() as patched:
            patched.setattr(gateways, "send", down)
            for _attempt in range(MAX_ATTEMPTS - 1):
                message.deliver()
                assert message.state == "queued"
                assert message.next_attempt_at > timezone.now()
                Message.objects.update(next_attempt_at=timezone.now())
            message.deliver()
        assert message.state == "bounced"


def test_a_duplicate_task_sends_once(tonan, run_tasks):
    from controlplane.outbox.tasks import send_for_association

    with run_tasks(), bound(tonan):
        message = Message.queue("mail", "three@example.jp", subject="題", body="本文")
        send_for_association.on_commit(message.pk)
        send_for_association.on_commit(message.pk)
    assert len(outbox("three@example.jp")) == 1


def test_what_a_lost_broker_forgot_is_sent_by_the_beat(tonan, run_tasks):
    with bound(tonan):
        Message.queue("mail", "four@example.jp", subject="題", body="本文")
    with public():
        Message.queue("mail", "five@example.jp", subject="題", body="本文")
    with run_tasks():
        send_waiting_everywhere.apply(throw=True)
    assert len(outbox("four@example.jp")) == len(outbox("five@example.jp")) == 1


def test_a_line_break_in_a_subject_becomes_a_blank(tonan, run_tasks):
    with run_tasks(), bound(tonan):
        Message.queue("mail", "six@example.jp", subject="題\r\nBcc: seven@example.jp", body="本文")
    assert [row["subject"] for row in outbox("six@example.jp")] == ["題 Bcc: seven@example.jp"]
    assert outbox("seven@example.jp") == []


def test_a_message_that_mail_cannot_carry_is_a_bounce_and_stops_no_other(tonan, run_tasks):
    with public():
        for to in ("eight@example.jp", "broken@example.jp", "nine@example.jp"):
            Message.queue("mail", to, subject="題", body="本文")
        Message.objects.filter(to="broken@example.jp").update(subject="題\n題")
    with bound(tonan):
        Message.queue("mail", "ten@example.jp", subject="題", body="本文")
    with run_tasks():
        send_waiting_everywhere.apply(throw=True)
    assert [len(outbox(f"{name}@example.jp")) for name in ("eight", "nine", "ten")] == [1, 1, 1]
    with public():
        assert Message.objects.get(to="broken@example.jp").state == "bounced"


def test_a_fault_of_one_message_is_noted_and_tried_again(tonan, run_tasks):
    with bound(tonan):
        Message.queue(
            "mail", "eleven@example.jp", subject="題", body="本文", attachment=Attached("紙.pdf", "messages/gone")
        )
        Message.queue("mail", "twelve@example.jp", subject="題", body="本文")
    with run_tasks():
        send_waiting_everywhere.apply(throw=True)
    assert len(outbox("twelve@example.jp")) == 1
    with bound(tonan):
        message = Message.objects.get(to="eleven@example.jp")
    assert (message.state, message.attempts) == ("queued", 1)
    assert message.next_attempt_at > timezone.now()


def test_a_broker_that_is_gone_between_commit_and_send_loses_nothing(
    tonan, run_tasks, monkeypatch, django_capture_on_commit_callbacks
):
    with monkeypatch.context() as patched:
        patched.setattr(current_app.conf, "broker_url", "redis://127.0.0.1:1/0")  # nobody listens
        patched.setattr(current_app, "amqp", current_app.amqp.__class__(current_app))
        patched.setattr(current_app, "_pool", None)
        with django_capture_on_commit_callbacks(execute=True), bound(tonan):
            Message.queue("mail", "lost@example.jp", subject="題", body="本文")
        assert sender.flush()
    assert outbox("lost@example.jp") == []
    with run_tasks():
        send_waiting_everywhere.apply(throw=True)
    assert len(outbox("lost@example.jp")) == 1


def test_twenty_times_everything_in_redis_is_lost(tonan, run_tasks, settings):
    broker = redis.Redis.from_url(settings.REDIS_URL)
    for number in range(20):
        with bound(tonan):
            Message.queue("mail", f"flushed{number}@example.jp", subject="題", body="本文")
        broker.flushall()
        if number % 5 == 4:
            with run_tasks():
                send_waiting_everywhere.apply(throw=True)
    assert [len(outbox(f"flushed{number}@example.jp")) for number in range(20)] == [1] * 20


def test_a_transaction_that_is_rolled_back_leaves_nothing_to_visit(tonan):
    def queue_and_fail():
        with bound(tonan):
            Message.queue("mail", "never@example.jp", subject="題", body="本文")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        queue_and_fail()
    with public():
        assert not Waiting.objects.exists()


def test_many_messages_of_one_transaction_are_one_row(tonan):
    with bound(tonan):
        for number in range(5):
            Message.queue("mail", f"row{number}@example.jp", subject="題", body="本文")
    with public():
        assert Waiting.objects.get().association == tonan


def test_who_has_nothing_to_send_is_not_visited(tonan, kyoto, django_assert_num_queries):
    with public():
        Association.objects.bulk_create(
            Association(slug=f"idle{n}", name=f"{n}", city=kyoto, households=1, live_at=timezone.now())
            for n in range(3000)
        )
    with django_assert_num_queries(3) as captured:  # savepoint, the one, release
        send_waiting_everywhere.apply(throw=True)
    assert sum("dispatch_waiting" in query["sql"] for query in captured) == 1


def test_what_could_not_be_sent_is_visited_again_at_its_time(tonan, run_tasks, monkeypatch):
    def down(*_args):
        raise gateways.Unavailable("down")

    with bound(tonan):
        Message.queue("mail", "later@example.jp", subject="題", body="本文")
    with monkeypatch.context() as patched, run_tasks():
        patched.setattr(gateways, "send", down)
        send_waiting_everywhere.apply(throw=True)
    with bound(tonan):
        message = Message.objects.get(to="later@example.jp")
    with public():
        assert Waiting.objects.get().due_at == message.next_attempt_at > timezone.now()
        assert Waiting.objects.due() == {}
        Waiting.objects.update(due_at=timezone.now())
    with bound(tonan):
        Message.objects.update(next_attempt_at=timezone.now())
    with run_tasks():
        send_waiting_everywhere.apply(throw=True)
    assert len(outbox("later@example.jp")) == 1
    with public():
        assert not Waiting.objects.exists()


def test_a_message_written_during_a_visit_is_not_forgotten(tonan, run_tasks, monkeypatch):
    """Its row is not among those the visit takes away."""
    real = outbox_tasks._deliver_waiting

    def meanwhile(place):
        real(place)
        with public():
            Waiting.objects.create(association=tonan, transaction=1, due_at=timezone.now())  # another transaction's

    with bound(tonan):
        Message.queue("mail", "first@example.jp", subject="題", body="本文")
    monkeypatch.setattr(outbox_tasks, "_deliver_waiting", meanwhile)
    with run_tasks():
        send_waiting_everywhere.apply(throw=True)
    with public():
        assert list(Waiting.objects.due()) == [tonan.pk]


def test_transactions_that_leave_messages_do_not_wait_for_each_other(django_db_setup, django_db_blocker):
    """One that is still open holds up nobody: each adds a row of its own."""
    with django_db_blocker.unblock():
        with public():
            tonan = Association.objects.get(slug="tonan")

        def queue(to):
            try:
                with bound(tonan):
                    with connection.cursor() as cursor:
                        cursor.execute("SET LOCAL lock_timeout = '2s'")
                    Message.queue("mail", to, subject="題", body="本文")
            finally:
                connection.close()

        try:
            with bound(tonan):
                Message.queue("mail", "open@example.jp", subject="題", body="本文")
                with ThreadPoolExecutor(1) as pool:
                    pool.submit(queue, "beside@example.jp").result(timeout=20)
        finally:
            with bound(tonan):
                Message.objects.filter(to__in=["open@example.jp", "beside@example.jp"]).delete()
            with public():
                assert Waiting.objects.filter(association=tonan).delete()[0] == 2
            connection.close()


def test_the_sweep_finds_what_came_in_by_other_ways(tonan, run_tasks):
    with bound(tonan):
        Message.objects.create(channel="mail", to="restored@example.jp", subject="題", body="本文")
    with run_tasks():
        send_waiting_everywhere.apply(throw=True)
    assert outbox("restored@example.jp") == []
    sweep.apply(throw=True)
    sweep.apply(throw=True)
    with public():
        times = list(Waiting.objects.order_by("due_at").values_list("due_at", flat=True))
        assert len(times) == Association.objects.live().count() + 1
        assert times[-1] - times[0] < timedelta(hours=1)
        Waiting.objects.update(due_at=timezone.now())
    with run_tasks():
        send_waiting_everywhere.apply(throw=True)
    assert len(outbox("restored@example.jp")) == 1
    with public():
        assert not Waiting.objects.exists()


def test_a_suspended_association_is_visited_when_it_is_open_again(tonan, run_tasks):
    with bound(tonan):
        Message.queue("mail", "closed@example.jp", subject="題", body="本文")
    with public():
        tonan.suspend(by="tests", reason="相談中")
    with run_tasks():
        send_waiting_everywhere.apply(throw=True)
    assert outbox("closed@example.jp") == []
    with public():
        tonan.resume(by="tests")
    with run_tasks():
        send_waiting_everywhere.apply(throw=True)
    assert len(outbox("closed@example.jp")) == 1


def test_counts_are_handed_up_without_an_address_or_a_word(tonan, run_tasks):
    with run_tasks(), bound(tonan):
        for to in ("a@one.example.jp", "b@one.example.jp", "nobody@bounce.invalid"):
            Message.queue("mail", to, subject="秘密の題", body="本文")
        Message.queue("sms", "+819012345678", body="こんにちは", kind=Kind.ACCOUNT)
    with bound(tonan):
        Message.objects.create(channel="mail", to="c@one.example.jp", body="本文")
    for _again in range(2):
        adoption.publish(tonan)
    with public():
        rows = DeliveryCount.objects.filter(association=tonan)
        found = {(row.channel, row.domain): (row.sent, row.waiting, row.bounced) for row in rows}
        told = str(list(rows.values_list()))
    assert found == {
        ("mail", "one.example.jp"): (2, 1, 0),
        ("mail", "bounce.invalid"): (0, 0, 1),
        ("sms", ""): (1, 0, 0),
    }
    assert not any(word in told for word in ("a@", "nobody", "秘密", "8190"))


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        ("{'a@b.example': (550, b'5.1.1 no such user')}", "550 5.1.1"),
        ("{'x550@b.example': (552, b'5.2.2 full')}", "552 5.2.2"),
        ("550 no such user", "550"),
        ("HTTP 503", "503"),
        ("[Errno 111] Connection refused by 10.0.5.502", ""),
        ("番号がちがいます +81550", ""),
    ],
)
def test_a_reason_is_a_code_and_nothing_else(error, reason):
    assert gateways.reason_of(error) == reason
