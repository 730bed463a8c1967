"""The edge to the outside: mail through any Django backend, short messages through one small HTTP interface."""

import re
import smtplib
from collections.abc import Sequence
from email.utils import make_msgid, parseaddr

import requests
from django.conf import settings
from django.core.mail import EmailMessage

from controlplane.accounts.contacts import mailbox
from controlplane.tenancy import current_or_none
from controlplane.tenancy.waiting import refuse_in_transaction

_SMTP_CODE = re.compile(r"(?<![\w.@-])([45]\d\d)(?![\w.@])(?:[ ,'b\-]+([45]\.\d{1,3}\.\d{1,3}))?")
Attachments = Sequence[tuple[str, bytes]]


class Refused(Exception):
    """The gateway will never take this message: no such mailbox, not a number."""


class Unavailable(Exception):
    """The gateway could not be reached or is busy; trying again may help."""


def send(
    channel: str, to: str, subject: str, body: str, attachments: Attachments = (), *, unsubscribe: str = ""
) -> None:
    """Send one message now, with no transaction open meanwhile. Raise Refused or Unavailable."""
    refuse_in_transaction("The mail relay or the SMS gateway")
    if channel == "mail":
        send_mail(to, subject, body, attachments, unsubscribe=unsubscribe)
    else:
        send_sms(to, body)


def send_mail(to: str, subject: str, body: str, attachments: Attachments, *, unsubscribe: str = "") -> None:
    """`unsubscribe` is where a mail program's own button stops such mails, with one click (RFC 8058)."""
    # RFC 3834: nobody wrote this by hand, so no absence notice answers it.
    headers = {"X-Kairan-Association": _association(), "Auto-Submitted": "auto-generated"}
    # Of the sender's own domain: Django would take the name of the machine, and what names a stranger looks like spam.
    headers["Message-ID"] = make_msgid(domain=parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2])
    if unsubscribe:
        headers |= {"List-Unsubscribe": f"<{unsubscribe}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    message = EmailMessage(subject, body, to=[mailbox(to)], headers=headers)
    for name, content in attachments:
        message.attach(name, content, "application/pdf" if name.endswith(".pdf") else None)
    try:
        message.send()
    except ValueError as error:  # a head that mail cannot carry: a line break, a domain that is none
        raise Refused(str(error)) from error
    except smtplib.SMTPRecipientsRefused as error:
        codes = {code for code, _reason in error.recipients.values()}
        raise (Refused if all(code >= 500 for code in codes) else Unavailable)(str(error)) from error
    except (smtplib.SMTPException, OSError) as error:
        raise Unavailable(str(error)) from error


def send_sms(to: str, body: str) -> None:
    """POST {to, body, association} with a bearer key: what an operator's SMS contract is adapted to."""
    try:
        answer = requests.post(
            settings.SMS_API_URL,
            json={"to": to, "body": body, "association": _association()},
            headers={"Authorization": f"Bearer {settings.SMS_API_KEY}"},
            timeout=settings.WAIT_SMS,
        )
    except requests.RequestException as error:
        raise Unavailable(str(error)) from error
    if answer.status_code in (400, 404, 422):
        raise Refused(answer.text[:300])
    if not answer.ok:
        raise Unavailable(f"HTTP {answer.status_code}")


def reason_of(error: str) -> str:
    """What a refusal comes to, without the words and addresses in it: "550 5.1.1", or nothing without a code."""
    code = _SMTP_CODE.search(error)
    return " ".join(filter(None, code.groups())) if code else ""


def _association() -> str:
    binding = current_or_none()
    return str(binding.uuid) if binding and binding.uuid else ""
