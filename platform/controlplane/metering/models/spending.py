"""Short messages: what they cost whom, and where they stop. Schema: public only.

An association's plan pays for its news; the platform pays for codes and for what concerns somebody's own account, up to
an allowance that grows with the households. Both stop hard: what is counted is counted before it is queued, by one
transaction at a time for each association. The hour's ceiling is for all together and stops nobody who is known.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar
from uuid import UUID

from django.conf import settings
from django.db import connection, models
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext_lazy

from controlplane.associations.features import sms_a_month
from controlplane.associations.models import Association
from controlplane.tenancy import public
from controlplane.tenancy.turns import one_at_a_time

ONE_PART, OF_SEVERAL = 70, 67  # letters of a short message in Japanese, and of each part of a longer one
OF_A_CODE = 2  # parts at most: nobody shall learn from one part left over who is known
CODES_AT_LEAST = 60  # codes a month for the smallest association; each household adds one
KEEP = timedelta(days=400)


class Kind(models.TextChoices):
    CODE = "code", gettext_lazy("入るための番号")
    FIRST_CODE = "first", gettext_lazy("はじめての方の番号")
    ACCOUNT = "account", gettext_lazy("登録や連絡先のこと")
    URGENT = "urgent", gettext_lazy("緊急のお知らせ・中止")
    NEWS = "news", gettext_lazy("そのほかの連絡")


FREE = (Kind.CODE, Kind.FIRST_CODE, Kind.ACCOUNT)  # the platform's cost
PLANNED = (Kind.URGENT, Kind.NEWS)  # what a plan's messages are for
ALWAYS = (Kind.CODE, Kind.URGENT)  # above the hour's ceiling too: each has a limit of its own that somebody pays


class Stop(models.TextChoices):
    """Why a short message was not sent; kept with it."""

    BUDGET = "sms: nothing left this month", gettext_lazy("今月の分を使いきりました")
    CEILING = "sms: more than the platform sends in an hour", gettext_lazy("いま、送る数が多すぎます")
    NOT_MOBILE = "sms: not a mobile number", gettext_lazy("携帯電話の番号ではありません")


@dataclass(frozen=True)
class Allowance:
    """How many parts a month an association may use."""

    news: int
    codes: int

    @classmethod
    def of(cls, association: Association) -> "Allowance":
        features = set(association.grants.alive().values_list("feature", flat=True))
        return cls(news=sms_a_month(features), codes=CODES_AT_LEAST + association.households)

    def leaves(self, used: dict[str, int], kind: str) -> int:
        """Parts that may still be used for this. Half of the codes is for those who are known: no newcomer, and no word
        about one, may use that up."""
        if kind in PLANNED:
            return self.news - sum(used.get(each, 0) for each in PLANNED)
        left = self.codes - sum(used.get(each, 0) for each in FREE)
        if kind == Kind.CODE:
            return left
        return min(left, self.codes // 2 - sum(used.get(each, 0) for each in (Kind.FIRST_CODE, Kind.ACCOUNT)))


class SmsUseQuerySet(models.QuerySet["SmsUse"]):
    def take(self, uuid: UUID | None, kind: Kind, body: str) -> "Stop | None":
        """Count one message of this association (None: the platform's own) and let it go, or say what stops it.

        Until the transaction ends, others of the association who would send one wait here, and then see what was used.
        """
        parts = parts_of(body)
        with public():
            one_at_a_time(f"sms:{uuid}")
            stop = self._stop(uuid, kind, parts)
            self._note(uuid, kind, *((0, 0, 1) if stop else (1, parts, 0)))
        return stop

    def _stop(self, uuid: UUID | None, kind: Kind, parts: int) -> "Stop | None":
        association = Association.objects.filter(pk=uuid).first() if uuid else None
        if association and Allowance.of(association).leaves(self.parts_this_month(uuid), kind) < parts:
            return Stop.BUDGET
        if uuid and kind not in ALWAYS and self.is_above_ceiling(parts):  # operations' own letters are few
            return Stop.CEILING
        return None

    def _note(self, uuid: UUID | None, kind: Kind, messages: int, parts: int, stopped: int) -> None:
        values = [uuid, this_hour(), kind, messages, parts, parts * settings.SMS_YEN, stopped]
        with connection.cursor() as cursor:
            cursor.execute(_NOTE, values)

    def is_above_ceiling(self, parts: int = 0) -> bool:
        """Whether the platform has used up this hour's messages or money, or would with so many parts more.

        Transactions that have not committed are not seen: with some at once it is passed by what those hold.
        """
        sums = self.filter(hour=this_hour()).aggregate(parts=Sum("parts", default=0), yen=Sum("yen", default=0))
        more = sums["yen"] + parts * settings.SMS_YEN
        return bool(sums["parts"] + parts > settings.SMS_PER_HOUR or more > settings.SMS_YEN_PER_HOUR)

    def parts_this_month(self, uuid: UUID | None) -> dict[str, int]:
        rows = self.this_month().filter(association=uuid).order_by().values_list("kind")
        return dict(rows.annotate(Sum("parts")))

    def this_month(self) -> "SmsUseQuerySet":
        return self.filter(hour__gte=month_begins())

    def prune(self) -> None:
        self.filter(hour__lt=timezone.now() - KEEP).delete()


_NOTE = """
    INSERT INTO metering_smsuse AS u (association_id, hour, kind, messages, parts, yen, stopped)
    VALUES (%s, %s, %s, %s, %s, %s, %s)
    ON CONFLICT (association_id, hour, kind) DO UPDATE SET
        messages = u.messages + excluded.messages, parts = u.parts + excluded.parts,
        yen = u.yen + excluded.yen, stopped = u.stopped + excluded.stopped
"""


class SmsUse(models.Model):
    """One association's short messages of an hour and a kind: how many, in parts of 70 letters, in yen, and stopped."""

    association = models.ForeignKey(Association, on_delete=models.CASCADE, null=True, related_name="sms_uses")
    hour = models.DateTimeField(db_index=True)
    kind = models.CharField(max_length=8, choices=Kind)
    messages = models.PositiveIntegerField(default=0)
    parts = models.PositiveIntegerField(default=0)
    yen = models.PositiveIntegerField(default=0)
    stopped = models.PositiveIntegerField(default=0)

    objects = SmsUseQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["association", "hour", "kind"], name="sms_use_once_an_hour", nulls_distinct=False
            )
        ]

    def __str__(self) -> str:
        return f"{self.association_id} {self.hour} {self.kind}"


class Open(models.TextChoices):
    """Whose numbers are sent codes now. Asked for all: it tells nobody who is known."""

    EVERYBODY = "everybody"
    KNOWN = "known"  # those that somebody here has proven
    NOBODY = "nobody"


def codes_open(uuid: UUID | None) -> Open:
    with public():
        association = Association.objects.filter(pk=uuid).first() if uuid else None
        if association is None:
            return Open.EVERYBODY
        allowance, used = Allowance.of(association), SmsUse.objects.parts_this_month(uuid)
        if allowance.leaves(used, Kind.CODE) < OF_A_CODE:
            return Open.NOBODY
        closed = allowance.leaves(used, Kind.FIRST_CODE) < OF_A_CODE or SmsUse.objects.is_above_ceiling(1)
        return Open.KNOWN if closed else Open.EVERYBODY


def parts_of(body: str) -> int:
    """How many messages the gateway bills: one up to 70 letters, then one for every 67."""
    letters = len(body.encode("utf-16-le")) // 2
    return 1 if letters <= ONE_PART else -(-letters // OF_SEVERAL)


def this_hour() -> datetime:
    return timezone.now().replace(minute=0, second=0, microsecond=0)


def month_begins() -> datetime:
    return timezone.localtime().replace(day=1, hour=0, minute=0, second=0, microsecond=0)
