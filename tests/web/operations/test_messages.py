"""連絡できない: what came back, and sending it again."""

import pytest

from controlplane.audit.models import Entry
from controlplane.outbox.models import Message
from controlplane.tenancy import public


@pytest.fixture
def bounced(application):
    with public():
        message = Message.objects.get(to="daihyo@example.jp")
        Message.objects.filter(pk=message.pk).update(state="bounced", attempts=8, error="550 no such user")
        message.refresh_from_db()
        return message


def test_what_came_back_is_listed_with_whom_to_call(desk, bounced):
    page = desk.get("/operations/messages/").content.decode()
    for words in ("daihyo@example.jp", "550 no such user", "桃山南第2町内会", "075-611-1144"):
        assert words in page


def test_what_a_limit_stopped_says_so_in_words(desk, db):
    with public():
        message = Message.queue("sms", "+81751234567", body="むかしの番号")
    page = desk.get("/operations/messages/").content.decode()
    assert "携帯電話の番号ではありません" in page
    assert message.error not in page


def test_a_code_is_covered(desk, db):
    with public():
        Message.queue_code("mail", "a@example.jp", code="482915", site_name="回覧")
        Message.objects.update(state="bounced")
    page = desk.get("/operations/messages/").content.decode()
    assert "482915" not in page
    assert "●●●●●●" in page


def test_it_is_sent_again_and_recorded(desk, bounced):
    desk.post(f"/operations/messages/{bounced.pk}/resend/")
    with public():
        bounced.refresh_from_db()
        assert (bounced.state, bounced.attempts, bounced.error) == ("queued", 0, "")
        assert Entry.objects.about(bounced).get().actor == "運営 1"


def test_what_has_not_come_back_is_not_sent_twice(desk, application):
    with public():
        message = Message.objects.get(to="daihyo@example.jp")
        Message.objects.filter(pk=message.pk).update(state="sent")
    desk.post(f"/operations/messages/{message.pk}/resend/")
    with public():
        message.refresh_from_db()
        assert message.state == "sent"


def test_when_all_arrived_it_says_so(desk):
    assert "すべての連絡が届いています" in desk.get("/operations/messages/").content.decode()
