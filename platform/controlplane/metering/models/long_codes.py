"""The code of twelve digits that goes out when six are not safe or not sent any more. Schema: public only."""

import hmac
import secrets
from datetime import timedelta
from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.crypto import salted_hmac

LIFE = timedelta(days=1)
DIGITS = 12
SENDINGS = 2  # the first may be lost


class LongCodeQuerySet(models.QuerySet["LongCode"]):
    def good(self, key: str) -> "LongCode | None":
        return self.filter(key=key, good_until__gt=timezone.now(), used_at=None).first()

    def renew(self, key: str, *, hollow: bool) -> "LongCode":
        """A new one for the contact. `hollow`: nobody is sent it and it opens nothing, but it looks the same."""
        fields = {
            "seed": secrets.token_hex(16),
            "hollow": hollow,
            "sendings": 0,
            "good_until": timezone.now() + LIFE,
            "used_at": None,
        }
        return self.update_or_create(key=key, defaults=fields)[0]

    def prune(self) -> None:
        self.filter(good_until__lt=timezone.now() - LIFE).delete()


class LongCode(models.Model):
    """One for each contact that somebody asks codes for without end: good for a day, once, at whichever association.

    It is sent as the last of a day's codes, so that whoever uses the others up keeps nobody out: the owner has it, and
    no further message is needed. Nothing here tells the digits: they are made of the seed and SECRET_KEY.
    """

    key = models.CharField(max_length=40, unique=True)  # as in Count
    seed = models.CharField(max_length=32)
    hollow = models.BooleanField(default=False)
    sendings = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(default=timezone.now)
    good_until = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    objects = LongCodeQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["good_until"], name="long_code_end")]

    def __str__(self) -> str:
        return f"until {self.good_until}"

    @property
    def code(self) -> str:
        return digits_from("long-code", f"{self.key}:{self.seed}", DIGITS)

    def is_right(self, typed: str) -> bool:
        return not self.hollow and hmac.compare_digest(self.code, typed)

    def sent(self) -> None:
        self.sendings, self.sent_at = self.sendings + 1, timezone.now()
        self.save(update_fields=["sendings", "sent_at"])

    def use(self) -> None:
        self.used_at = timezone.now()
        self.save(update_fields=["used_at"])


def digits_from(kind: str, text: str, length: int) -> str:
    """So many digits that only this text under SECRET_KEY gives. 256 bits: all are as likely."""
    digest = salted_hmac(f"kairan.metering.{kind}", text, algorithm="sha256").digest()
    return f"{int.from_bytes(digest, 'big') % 10**length:0{length}d}"
