"""Messages leave through real gateways, once; a refusal is kept, a failure tried again."""

import pytest
import requests
from django.conf import settings
from django.utils import timezone

from controlplane.outbox import gateways
from controlplane.outbox.models import MAX_ATTEMPTS, Message
from controlplane.outbox.tasks import send_waiting_everywhere
from controlplane.tenancy import bound, public


@pytest.fixture(autouse=True)
def real_smtp(settings):
    """pytest-django swaps the mail backend for one in memory; here the sink is a real SMTP server."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"


def outbox(to: str) -> list[dict]:
    return [row for row in requests.get(settings.OUTBOX_URL, timeout=5).json() if row["to"] == to]


def test_a_mail_arrives_with_its_association_and_attachment(tonan, run_tasks):
    with run_tasks(), bound(tonan):
        Message.queue("mail", "one@example.jp", subject="題", body="本文", attachment=("手順書.pdf", b"%PDF-1.4 x"))
    (row,) = outbox("one@example.jp")
    assert (row["subject"], row["body"].strip(), row["association"]) == ("題", "本文", str(tonan.uuid))
    assert [a["name"] for a in row["attachments"]] == ["手順書.pdf"]
    with bound(tonan):
        assert Message.objects.get(to="one@example.jp").state == "sent"


def test_a_short_message_arrives(tonan, run_tasks):
    with run_tasks(), bound(tonan):
        Message.queue("sms", "+819000000001", body="こんにちは")
    assert [row["body"] for row in outbox("+819000000001")] == ["こんにちは"]


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
        Message.queue("mail", "eleven@example.jp", subject="題", body="本文", attachment=("紙.pdf", b"%PDF-1.4 x"))
        Message.objects.update(attachment="messages/gone")
        Message.queue("mail", "twelve@example.jp", subject="題", body="本文")
    with run_tasks():
        send_waiting_everywhere.apply(throw=True)
    assert len(outbox("twelve@example.jp")) == 1
    with bound(tonan):
        message = Message.objects.get(to="eleven@example.jp")
    assert (message.state, message.attempts) == ("queued", 1)
    assert message.next_attempt_at > timezone.now()
