"""Messages to people, in every schema: rows first, sent afterwards, so that a wiped broker loses none."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, ClassVar, Literal, cast

import structlog
from django.core.files.storage import default_storage
from django.db import models, transaction
from django.db.models import F
from django.db.models.functions import TruncDate
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from controlplane.accounts.contacts import is_mobile
from controlplane.audit.models import record
from controlplane.dispatch.models import Tally, empty_tally
from controlplane.metering.models import Kind, SmsUse, Stop
from controlplane.outbox import alarms, gateways
from controlplane.tenancy import between_transactions, current
from controlplane.tenancy.storage import AssociationStorage

MAX_ATTEMPTS = 8
CLAIM = timedelta(minutes=2)  # longer than a gateway can keep anybody waiting (settings.WAIT_...)
SOON = timedelta(seconds=5)  # clocks differ: what was written for this moment is due
log = structlog.get_logger()


@dataclass(frozen=True)
class Attached:
    """A file that lies in the object store already, to go along with a message of the same binding."""

    name: str
    key: str

    @classmethod
    def put(cls, name: str, content: bytes, *, key: str) -> "Attached":
        """Keep it, before the transaction that queues the message. The same key again is the same file."""
        where = f"messages/{key}"
        cast(AssociationStorage, default_storage).put(where, content)
        return cls(name, where)


class MessageQuerySet(models.QuerySet["Message"]):
    def queued(self) -> "MessageQuerySet":
        return self.filter(state=Message.State.QUEUED)

    def waiting(self) -> "MessageQuerySet":
        """Those to be tried now."""
        return self.queued().filter(next_attempt_at__lte=timezone.now())

    def due(self) -> "MessageQuerySet":
        """Those nobody has claimed and nobody waits with."""
        return self.queued().filter(next_attempt_at__lte=timezone.now() + SOON)

    def bounced(self) -> "MessageQuerySet":
        """Those nobody received, newest first."""
        return self.filter(state=Message.State.BOUNCED).order_by("-pk")

    def stopped(self) -> "MessageQuerySet":
        """The short messages that a limit kept from being sent."""
        return self.bounced().filter(channel=Message.Channel.SMS, error__in=Stop.values)

    def by_letter(self) -> "models.QuerySet[Message, Any]":
        """Each letter once, with its `day`, `subject`, `kind` and to how many it went; codes are no letters."""
        letters = self.exclude(kind__in=[Kind.CODE, Kind.FIRST_CODE]).order_by()
        counted = letters.annotate(day=TruncDate("created_at")).values("day", "subject", "kind")
        return counted.annotate(people=models.Count("pk")).order_by("-day", "subject")

    def mails_sent_since(self, moment: datetime) -> int:
        return self.filter(channel=Message.Channel.MAIL, state=Message.State.SENT, created_at__gte=moment).count()

    def tally(self, since: date) -> list[Tally]:
        """How they went, by day, channel, domain and reason of bouncing: all that is told of messages elsewhere."""
        tallies: dict[tuple[date, str, str, str], Tally] = {}
        columns = ("created_at", "channel", "to", "state", "error")
        for at, channel, to, state, error in self.filter(created_at__date__gte=since).values_list(*columns).iterator():
            domain = to.rpartition("@")[2].lower() if channel == Message.Channel.MAIL else ""
            reason = gateways.reason_of(error) if state == Message.State.BOUNCED else ""
            key = (timezone.localdate(at), channel, domain, reason)
            tally = tallies.setdefault(key, empty_tally(*key))
            tally[_TALLIED[state]] += 1
        return list(tallies.values())

    def discard(self) -> None:
        """Delete these messages and what was attached to them."""
        attached = self.exclude(attachment="").values_list("attachment", flat=True)
        cast(AssociationStorage, default_storage).discard(*attached)
        self.delete()


class Message(models.Model):
    """A mail or short message. `state` says how far it came; a bounce keeps the reason."""

    class Channel(models.TextChoices):
        MAIL = "mail", gettext_lazy("メール")
        SMS = "sms", gettext_lazy("ショートメール")

    class State(models.TextChoices):
        QUEUED = "queued", gettext_lazy("送信待ち")
        SENT = "sent", gettext_lazy("送信ずみ")
        BOUNCED = "bounced", gettext_lazy("届かない")

    channel = models.CharField(max_length=8, choices=Channel)
    kind = models.CharField(max_length=8, choices=Kind, blank=True, db_default="")  # of a short one: what pays for it
    about = models.CharField(max_length=40, blank=True, db_default="")  # "post:12": what somebody may ask after later
    to = models.CharField(max_length=254)
    subject = models.CharField(max_length=200, blank=True)
    body = models.TextField()
    attachment = models.CharField(max_length=200, blank=True)  # key in object storage
    attachment_name = models.CharField(max_length=120, blank=True)
    unsubscribe = models.CharField(max_length=400, blank=True, db_default="")  # where one click stops such mails
    state = models.CharField(max_length=8, choices=State, default=State.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    next_attempt_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True, blank=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["next_attempt_at"], name="message_waiting", condition=models.Q(state="queued"))
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.to}"

    @classmethod
    def queue(
        cls,
        channel: str,
        to: str,
        *,
        subject: str = "",
        body: str,
        attachment: "Attached | None" = None,
        unsubscribe: str = "",
        kind: Kind = Kind.NEWS,
        about: str = "",
    ) -> "Message":
        """Write the message and have it sent once this transaction has committed.

        `unsubscribe` is for what somebody may do without; what has to arrive carries no such button. A short message is
        counted by its `kind`; one that a limit stops is written all the same, not to be sent, with what stopped it.
        """
        from controlplane.outbox.tasks import send

        one_line = " ".join(subject.split())  # people's own words are in it; a line break would end the mail's head
        message = cls(channel=channel, kind=kind, about=about, to=to, subject=one_line, body=body)
        message.unsubscribe = unsubscribe
        if attachment:
            message.attachment_name, message.attachment = attachment.name, attachment.key
        stop = message._take()
        if stop:
            message.state, message.error = cls.State.BOUNCED, stop.value
        message.save(force_insert=True)
        if not stop:
            send(message.pk)
        return message

    def _take(self) -> Stop | None:
        """Have a short message counted where its cost lives; whatever sends one comes through here."""
        if self.channel != self.Channel.SMS:
            return None
        if not is_mobile(self.to):
            return Stop.NOT_MOBILE
        stop = SmsUse.objects.take(current().uuid, Kind(self.kind or Kind.NEWS), self.body)
        alarms.look_at_ceiling()
        return stop

    @property
    def is_stopped(self) -> bool:
        return self.state == self.State.BOUNCED and self.error in Stop.values

    @property
    def stopped_by(self) -> str:
        """In words, why a limit kept it from being sent."""
        return str(Stop(self.error).label) if self.is_stopped else ""

    @classmethod
    def queue_code(
        cls, channel: str, to: str, *, code: str, site_name: str, host: str = "", kind: Kind = Kind.CODE
    ) -> "Message":
        """Queue a sign-in code. Short messages put the code first, where a lock screen shows it.

        Their last line binds the code to the host it was asked at: phones offer to fill it in there and nowhere else
        (https://wicg.github.io/sms-one-time-codes/).
        """
        if channel == cls.Channel.SMS:
            body = _("%(code)s が6けたの番号です。（%(site)s）10分のあいだ使えます。")
            body %= {"code": code, "site": site_name}
            return cls.queue(channel, to, body=f"{body}\n@{host} #{code}" if host else body, kind=kind)
        subject = _("6けたの番号：%(code)s（%(site)s）") % {"code": code, "site": site_name}
        body = _(
            "%(site)sのページに入るための番号です。\n\n%(code)s\n\n10分のあいだ使えます。\n"
            "お心あたりがないときは、このメールは捨ててください。番号は、だれにも教えないでください。"
        ) % {"code": code, "site": site_name}
        return cls.queue(channel, to, subject=subject, body=body)

    @classmethod
    def queue_long_code(cls, channel: str, to: str, *, code: str, kind: Kind = Kind.CODE) -> "Message":
        """Queue the code of twelve digits, good for a day at every association; written in groups of four."""
        grouped = f"{code[:4]} {code[4:8]} {code[8:]}"
        if channel == cls.Channel.SMS:
            body = _("%(code)s が12けたの番号です。（回覧）1日のあいだ、1回使えます。") % {"code": grouped}
            return cls.queue(channel, to, body=body, kind=kind)
        body = _(
            "どなたかが、番号を何度も頼んでいます。\nそのため、長い番号をお送りします。回覧のどのページにも入れます。\n\n"
            "%(code)s\n\n1日のあいだ、1回使えます。お心あたりがなくても、だれかが入ることはありません。\n"
            "番号は、だれにも教えないでください。"
        )
        return cls.queue(channel, to, subject=_("12けたの番号（回覧）"), body=body % {"code": grouped})

    def deliver(self) -> None:
        """Hand the message to its gateway, once: refused for good → bounced, failed for now → later.

        Claimed first, then sent with no transaction open, then marked. While a claim holds nobody else sends it; one
        who is killed before the mark leaves it to fall due again when the claim has run out.
        """
        if not self._claim():
            return
        with between_transactions():
            self._hand_over()
        mine = Message.objects.queued().filter(pk=self.pk, attempts=self.attempts)  # nobody has claimed it since
        mine.update(state=self.state, error=self.error, sent_at=self.sent_at, next_attempt_at=self.next_attempt_at)

    def _claim(self) -> bool:
        due = Message.objects.due().filter(pk=self.pk)
        claimed = due.update(attempts=F("attempts") + 1, next_attempt_at=timezone.now() + CLAIM)
        self.refresh_from_db()
        return bool(claimed)

    def _hand_over(self) -> None:
        try:
            words = (self.subject, self.body, self._attachments())
            gateways.send(self.channel, self.to, *words, unsubscribe=self.unsubscribe)
        except gateways.Refused as error:
            self.state, self.error = self.State.BOUNCED, str(error)[:500]
        except gateways.Unavailable as error:
            self._try_later(str(error))
        except Exception as error:  # a fault of this one must not keep the messages behind it
            log.exception("message_failed", message=self.pk, attempts=self.attempts)
            self._try_later(repr(error))
        else:
            self.state, self.sent_at, self.error = self.State.SENT, timezone.now(), ""

    @transaction.atomic
    def resend(self, *, by: object) -> None:
        """Send a bounced message again; one that has not bounced stays as it is."""
        from controlplane.outbox.tasks import send

        bounced = Message.objects.bounced().filter(pk=self.pk)
        if bounced.select_for_update().exists() and (stop := self._take()):
            bounced.update(error=stop.value)
        elif bounced.update(state=self.State.QUEUED, attempts=0, error="", next_attempt_at=timezone.now()):
            record("message.resend", self, by=by)
            send(self.pk)
        self.refresh_from_db()

    @property
    def shown_subject(self) -> str:
        """The subject for others than the receiver: a code in it is covered."""
        return re.sub(r"\d{6}", "●" * 6, self.subject)

    def _try_later(self, error: str) -> None:
        self.error = error[:500]
        if self.attempts >= MAX_ATTEMPTS:
            self.state = self.State.BOUNCED
        self.next_attempt_at = timezone.now() + timedelta(seconds=min(15 * 2**self.attempts, 3600))

    def _attachments(self) -> Sequence[tuple[str, bytes]]:
        if not self.attachment:
            return ()
        return ((self.attachment_name, cast(AssociationStorage, default_storage).get(self.attachment)),)


_TALLIED: dict[str, Literal["sent", "waiting", "bounced"]] = {
    Message.State.QUEUED: "waiting",
    Message.State.SENT: "sent",
    Message.State.BOUNCED: "bounced",
}
