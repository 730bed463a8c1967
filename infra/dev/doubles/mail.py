"""A mail server that takes every message and delivers none: each recipient's copy becomes a row of the outbox."""

from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from infra.dev.doubles.outbox import Attachment, Outbox

BOUNCING = "@bounce.invalid"


def serve_mail(port: int, outbox: Outbox) -> Controller:
    """Ready to `start()`. Mail to anybody at bounce.invalid is refused, as an unknown mailbox would be."""
    return Controller(_Postbox(outbox), hostname="127.0.0.1", port=port, data_size_limit=50 * 1024 * 1024)


class _Postbox:
    def __init__(self, outbox: Outbox) -> None:
        self.outbox = outbox

    async def handle_RCPT(
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if address.lower().endswith(BOUNCING):
            return "550 5.1.1 No such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        content = cast(bytes, envelope.original_content)
        message = message_from_bytes(content, policy=policy.default)
        for recipient in envelope.rcpt_tos:
            self._keep(recipient, message)
        return "250 OK"

    def _keep(self, recipient: str, message: EmailMessage) -> None:
        text = message.get_body(("plain", "html"))
        association = str(message.get("X-Kairan-Association", ""))
        attachments = [_attachment(part) for part in message.iter_attachments()]
        body = text.get_content().replace("\r\n", "\n") if text else ""
        self.outbox.add("mail", recipient, str(message.get("Subject", "")), body, association, attachments)


def _attachment(part: EmailMessage) -> Attachment:
    content = cast(bytes, part.get_payload(decode=True) or b"")
    return Attachment(part.get_filename() or "", part.get_content_type(), content)
