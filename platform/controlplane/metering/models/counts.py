"""How often something was done lately, for a contact or from a network address. Schema: public only."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from django.db import connection, models
from django.utils import timezone
from django.utils.crypto import salted_hmac

from controlplane.tenancy import public

QUARTER, DAY = timedelta(minutes=15), timedelta(days=1)
KEEP = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Window:
    """The time that counts, cut into slots; a count leaves with its whole slot."""

    length: timedelta
    slot: timedelta

    def begins(self, now: datetime) -> datetime:
        """The first slot that still counts. A quarter of an hour is never more than that, so that nobody waits longer;
        a day is never less, so that no limit of a day is passed in one."""
        short = self.length == QUARTER
        return self.slot_of(now - self.length + (self.slot if short else timedelta()))

    def slot_of(self, moment: datetime) -> datetime:
        seconds = self.slot.total_seconds()
        return datetime.fromtimestamp(moment.timestamp() // seconds * seconds, tz=moment.tzinfo)


_QUARTER = Window(QUARTER, timedelta(minutes=5))
_DAY = Window(DAY, timedelta(hours=1))


class Act(models.TextChoices):
    """What is counted. The first three from a network address, the others for a contact or a person."""

    SEND = "send"  # a code sent that nobody has typed yet
    TRY = "try"  # a code typed
    CODE = "code"  # a code sent since its owner last proved to be there
    OWN_CODE = "own_code"  # the same, asked for on a device that had signed in before
    MESSAGE = "message"  # every code sent, but for those of:
    OWN_MESSAGE = "own_message"  # every code asked for on a device that had signed in before
    GUESS = "guess"  # six digits that were wrong
    LONG_GUESS = "long_guess"  # twelve digits that were wrong
    RECEIPT = "receipt"  # a receipt for an application, to an address that nobody has proven
    FACTOR = "factor"  # digits of a second factor that were wrong

    @property
    def window(self) -> Window:
        return _QUARTER if self in (Act.SEND, Act.TRY) else _DAY


class CountQuerySet(models.QuerySet["Count"]):
    def add(self, key: str, act: Act, times: int = 1) -> int:
        """Count, and return the sum of the window. One statement: who counts for the same key at once waits here."""
        now = timezone.now()
        slot = act.window.slot_of(now)
        with public(), connection.cursor() as cursor:
            cursor.execute(_ADD, [key, act, slot, times, key, act, act.window.begins(now), slot])
            return int(cursor.fetchone()[0])

    def total(self, key: str, act: Act) -> int:
        with public():
            return int(self._window(key, act).aggregate(sum=models.Sum("times", default=0))["sum"])

    def frees_at(self, key: str, act: Act) -> datetime:
        """When the oldest count that still holds leaves the window."""
        with public():
            oldest = self._window(key, act).filter(times__gt=0).aggregate(at=models.Min("slot"))["at"]
        return (oldest or act.window.slot_of(timezone.now())) + act.window.length

    def forget(self, key: str, *acts: Act) -> None:
        with public():
            self.filter(key=key, act__in=acts).delete()

    def prune(self) -> None:
        self.filter(slot__lt=timezone.now() - KEEP).delete()

    def _window(self, key: str, act: Act) -> "CountQuerySet":
        return self.filter(key=key, act=act, slot__gte=act.window.begins(timezone.now()))


_ADD = """
    WITH own AS (
        INSERT INTO metering_count (key, act, slot, times) VALUES (%s, %s, %s, %s)
        ON CONFLICT (key, act, slot) DO UPDATE SET times = metering_count.times + excluded.times RETURNING times
    )
    SELECT (SELECT times FROM own) + COALESCE(
        (SELECT sum(times) FROM metering_count WHERE key = %s AND act = %s AND slot >= %s AND slot < %s), 0
    )
"""


class Count(models.Model):
    """So many times in one slot of time. PostgreSQL holds it and not the cache, which may be away."""

    key = models.CharField(max_length=40)  # a keyed digest; never the contact or address itself
    act = models.CharField(max_length=12, choices=Act)
    slot = models.DateTimeField()
    times = models.IntegerField()

    objects = CountQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["key", "act", "slot"], name="count_once_a_slot")]
        indexes: ClassVar = [models.Index(fields=["slot"], name="count_slot")]

    def __str__(self) -> str:
        return f"{self.act} {self.slot} {self.times}"


def key_of(kind: str, value: object) -> str:
    """Who or whom a count is for, as a digest that nobody without SECRET_KEY can try numbers against."""
    return salted_hmac(f"kairan.metering.{kind}", str(value), algorithm="sha256").hexdigest()[:40]
