"""Mail and short messages handed to the stand-ins are in the outbox, newest first."""

import smtplib
from email.message import EmailMessage

import pytest
import requests


def mail(to: str, **headers: str) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "no-reply@kairan.localhost", to, "清掃のお知らせ"
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content("4月12日（土）9時、公園に集合してください。\n")
    return message


def send(gateways: dict[str, str], message: EmailMessage) -> None:
    with smtplib.SMTP(gateways["EMAIL_HOST"], int(gateways["EMAIL_PORT"])) as server:
        server.send_message(message)


def outbox(gateways: dict[str, str], to: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = requests.get(gateways["OUTBOX_URL"], params={"to": to}).json()
    return found


def sms(gateways: dict[str, str], key: str | None = None, **message: str) -> requests.Response:
    headers = {"Authorization": f"Bearer {key or gateways['SMS_API_KEY']}"}
    return requests.post(gateways["SMS_API_URL"], json=message, headers=headers)


def test_a_mail_is_kept_with_its_association_and_its_text(gateways: dict[str, str]) -> None:
    send(gateways, mail("kumicho@example.jp", X_Kairan_Association="a1"))
    (message,) = outbox(gateways, "kumicho@example.jp")
    assert (message["channel"], message["subject"], message["association"]) == ("mail", "清掃のお知らせ", "a1")
    assert message["body"] == "4月12日（土）9時、公園に集合してください。\n"
    assert str(message["created_at"]).endswith("+00:00")


def test_a_mail_without_an_association_says_so(gateways: dict[str, str]) -> None:
    send(gateways, mail("operator@example.jp", X_Kairan_Association=""))
    assert outbox(gateways, "operator@example.jp")[0]["association"] is None


def test_each_recipient_has_a_copy_and_the_newest_comes_first(gateways: dict[str, str]) -> None:
    send(gateways, mail("first@example.jp, second@example.jp"))
    assert [row["to"] for row in requests.get(gateways["OUTBOX_URL"]).json()[:2]] == [
        "second@example.jp",
        "first@example.jp",
    ]


def test_an_attachment_can_be_downloaded_as_it_was(gateways: dict[str, str]) -> None:
    message = mail("paper@example.jp")
    message.add_attachment(b"%PDF-1.7 \x00\xff", maintype="application", subtype="pdf", filename="回覧.pdf")
    send(gateways, message)
    (row,) = outbox(gateways, "paper@example.jp")
    assert row["attachments"] == [{"name": "回覧.pdf", "size": 11, "content_type": "application/pdf"}]
    base = gateways["OUTBOX_URL"].removesuffix(".json")
    download = requests.get(f"{base}/{row['id']}/attachments/0")
    assert (download.content, download.headers["Content-Type"]) == (b"%PDF-1.7 \x00\xff", "application/pdf")
    assert requests.get(f"{base}/{row['id']}/attachments/1").status_code == 404


def test_an_unknown_mailbox_bounces(gateways: dict[str, str]) -> None:
    with pytest.raises(smtplib.SMTPRecipientsRefused) as refusal:
        send(gateways, mail("nobody@bounce.invalid"))
    assert refusal.value.recipients["nobody@bounce.invalid"][0] == 550
    assert outbox(gateways, "nobody@bounce.invalid") == []


@pytest.mark.parametrize("number", ["+819012345678", "09012345678"])
def test_a_short_message_is_kept(gateways: dict[str, str], number: str) -> None:
    response = sms(gateways, to=number, body="番号は 123456 です", association="a1")
    (message,) = outbox(gateways, number)
    assert (response.status_code, response.json()) == (201, {"id": str(message["id"])})
    assert (message["channel"], message["body"], message["association"]) == ("sms", "番号は 123456 です", "a1")


@pytest.mark.parametrize("number", ["", "090-1234-5678", "12", "+8109012345678", "kumicho@example.jp"])
def test_a_malformed_number_is_refused(gateways: dict[str, str], number: str) -> None:
    assert sms(gateways, to=number, body="こんにちは").status_code == 422


def test_a_wrong_key_sends_nothing(gateways: dict[str, str]) -> None:
    assert sms(gateways, key="wrong", to="+818011112222", body="こんにちは").status_code == 401
    assert outbox(gateways, "+818011112222") == []
