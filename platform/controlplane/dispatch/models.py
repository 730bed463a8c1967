"""Which associations have messages to send, and how their sending went in counts. Schema: public only.

The messages themselves are in the associations' schemas (controlplane.outbox), where nobody looks without a reason.
"""

import time
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any, ClassVar, TypedDict
from uuid import UUID

from django.db import connection, models, transaction
from django.db.models import Q
from django.utils import timezone

from controlplane.associations.models import Association
from controlplane.tenancy import public

SWEEP = timedelta(hours=1)
TALLY_AGAIN = timedelta(days=8)  # after that no message changes its state any more
KEEP_TALLIES = timedelta(days=100)


class WaitingQuerySet(models.QuerySet["Waiting"]):
    def note(self, uuid: UUID | None, *, due_at: Any = None) -> None:
        """Write down, in the current transaction, that it leaves messages; once a transaction."""
        with public(), connection.cursor() as cursor:
            cursor.execute(_NOTE, [uuid, due_at or timezone.now()])

    def due(self) -> dict[UUID | None, list[int]]:
        """Whom to visit now, with the rows that say so. One query, whoever has nothing to send."""
        open_ones = Q(association=None) | Q(association__in=Association.objects.live())
        rows = self.filter(open_ones, due_at__lte=timezone.now()).order_by("due_at", "pk")
        found: dict[UUID | None, list[int]] = {}
        for uuid, pk in rows.values_list("association_id", "pk"):
            found.setdefault(uuid, []).append(pk)
        return found

    def sweep(self) -> None:
        """Have every live association visited once within the hour, a few with each beat, whatever is written here."""
        uuids = [None, *Association.objects.live().order_by("pk").values_list("pk", flat=True)]
        hour, now = int(time.time() // SWEEP.total_seconds()), timezone.now()
        rows = [
            Waiting(association_id=uuid, transaction=-hour, due_at=now + SWEEP * n / len(uuids))
            for n, uuid in enumerate(uuids)
        ]
        self.bulk_create(rows, ignore_conflicts=True)
        self.filter(association__closed_at__isnull=False).delete()


# By number of the transaction: many messages of one are one row, and no transaction waits for another one's.
_NOTE = """
    INSERT INTO dispatch_waiting (association_id, transaction, due_at)
    VALUES (%s, pg_current_xact_id()::text::bigint, %s) ON CONFLICT DO NOTHING
"""


class Waiting(models.Model):
    """An association (None: `public` itself) in which a transaction has left messages that may not have been sent.

    Written in the very transaction that writes the messages: both are there or neither, so that neither a broker that
    forgets everything nor a process that dies after the commit can lose one. For that moment the transaction steps out
    of the association's role into `public`, as any look at the platform's tables does; the role itself is granted
    nothing. A row written after the commit could be lost with the process, one written before it on a connection of its
    own would cost every message a second commit. Rows are only ever added, each by its own transaction, so that a long
    one holds up nobody else's; they are deleted by their numbers, after a visit that began when they could be seen.

    The sweep is the net below: what came into a schema by other ways (a restored archive, a release before this table)
    is found within the hour.
    """

    association = models.ForeignKey(
        Association, on_delete=models.CASCADE, null=True, related_name="+", db_index=False, db_constraint=False
    )
    transaction = models.BigIntegerField()
    due_at = models.DateTimeField(db_index=True)

    objects = WaitingQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["association", "transaction"], name="waiting_once_a_transaction", nulls_distinct=False
            )
        ]
        verbose_name_plural = "waiting"

    def __str__(self) -> str:
        return f"{self.association_id} {self.due_at}"


class Tally(TypedDict):
    """How many messages of one day, channel, domain and reason; no address, no word of any."""

    day: date
    channel: str
    domain: str
    reason: str
    sent: int
    waiting: int
    bounced: int


def empty_tally(day: date, channel: str, domain: str, reason: str) -> Tally:
    return Tally(day=day, channel=channel, domain=domain, reason=reason, sent=0, waiting=0, bounced=0)


class DeliveryCountQuerySet(models.QuerySet["DeliveryCount"]):
    @transaction.atomic
    def publish(self, uuid: UUID | None, tallies: Iterable[Tally]) -> None:
        """Replace what the association handed up of the last days."""
        today = timezone.localdate()
        rows = [DeliveryCount(association_id=uuid, **tally) for tally in tallies]
        told = {row.key for row in rows}
        lately = self.filter(association=uuid, day__gte=today - TALLY_AGAIN)
        gone = [row.pk for row in lately if row.key not in told]
        self.filter(Q(pk__in=gone) | Q(association=uuid, day__lt=today - KEEP_TALLIES)).delete()
        self.bulk_create(
            rows,
            update_conflicts=True,
            update_fields=["sent", "waiting", "bounced"],
            unique_fields=["association", "day", "channel", "domain", "reason"],
        )

    def lately(self, days: int) -> "DeliveryCountQuerySet":
        return self.filter(day__gt=timezone.localdate() - timedelta(days=days))

    def by(self, *fields: str) -> Sequence[dict[str, Any]]:
        """Summed up by these, each with its sent, waiting and bounced."""
        sums = {name: models.Sum(name) for name in ("sent", "waiting", "bounced")}
        return list(self.order_by().values(*fields).annotate(**sums))


class DeliveryCount(models.Model):
    """Messages of one association, day, channel, domain and reason of bouncing, as counts; handed up once a night."""

    association = models.ForeignKey(Association, on_delete=models.CASCADE, null=True, related_name="deliveries")
    day = models.DateField(db_index=True)
    channel = models.CharField(max_length=8)
    domain = models.CharField(max_length=254, blank=True)
    reason = models.CharField(max_length=60, blank=True)
    sent = models.PositiveIntegerField()
    waiting = models.PositiveIntegerField()
    bounced = models.PositiveIntegerField()

    objects = DeliveryCountQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["association", "day", "channel", "domain", "reason"], name="delivery_once", nulls_distinct=False
            )
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.channel} {self.domain}"

    @property
    def key(self) -> tuple[date, str, str, str]:
        return self.day, self.channel, self.domain, self.reason


class WakeupQuerySet(models.QuerySet["Wakeup"]):
    def note(self, uuid: UUID, purpose: str, *moments: datetime) -> None:
        """Have the association visited at these moments; noted twice is once."""
        rows = [Wakeup(association_id=uuid, purpose=purpose, due_at=moment) for moment in moments]
        with public():
            self.bulk_create(rows, ignore_conflicts=True)

    def note_everywhere(self, purpose: str, due_at: datetime) -> None:
        """Have every live association visited, whatever is written here: the net below `note`."""
        uuids = Association.objects.live().values_list("pk", flat=True)
        rows = [Wakeup(association_id=uuid, purpose=purpose, due_at=due_at) for uuid in uuids]
        self.bulk_create(rows, ignore_conflicts=True, batch_size=1000)

    def due(self, purpose: str) -> dict[UUID, list[int]]:
        """Which live associations to visit now, with the rows that say so."""
        rows = self.filter(purpose=purpose, due_at__lte=timezone.now(), association__in=Association.objects.live())
        found: dict[UUID, list[int]] = {}
        for uuid, pk in rows.order_by("due_at", "pk").values_list("association_id", "pk"):
            found.setdefault(uuid, []).append(pk)
        return found


class Wakeup(models.Model):
    """A moment at which something is to be done in an association, such as reminding people of tomorrow's event.

    What it is, its own code finds out there. A row too many costs a visit; one that is lost is made up for by the net.
    """

    association = models.ForeignKey(
        Association, on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    purpose = models.CharField(max_length=20)
    due_at = models.DateTimeField()

    objects = WakeupQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["purpose", "due_at", "association"], name="wakeup_once")
        ]

    def __str__(self) -> str:
        return f"{self.association_id} {self.purpose} {self.due_at}"
