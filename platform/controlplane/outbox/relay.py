"""The mail relay over SMTP, as Django speaks to it, with each mailbox in the form the protocol wants.

Django takes the quotes off a name before it hands it on: `a..b@docomo.ne.jp` would go out as no relay has to take it.
"""

import smtplib
from collections.abc import Sequence

from django.core.mail.backends import smtp

from controlplane.accounts.contacts import mailbox
from controlplane.tenancy.waiting import refuse_in_transaction


class _Quoting(smtplib.SMTP):
    def rcpt(self, recip: str, options: Sequence[str] = ()) -> tuple[int, bytes]:
        return super().rcpt(mailbox(recip), options)


class _QuotingOverTLS(_Quoting, smtplib.SMTP_SSL):
    """smtplib's own class for a port that speaks TLS from the first byte."""


class EmailBackend(smtp.EmailBackend):
    def open(self) -> bool | None:
        refuse_in_transaction("The mail relay")
        return super().open()

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        return _QuotingOverTLS if self.use_ssl else _Quoting
