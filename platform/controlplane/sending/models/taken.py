"""Something that was sent under a key and taken, remembered for a day: it is not done again. In every schema.

The mark is made in the transaction of the work itself. Of two that come at once the second waits for the first, and
then reads its answer; when the first was refused or broke down, there is no mark, and the second is the first. Where
the work lets go of its transaction half way, to hand a file over, the mark is taken back and made anew afterwards.
"""

from datetime import timedelta
from typing import ClassVar

from django.db import connection, models
from django.utils import timezone

from controlplane.sending import sealing
from controlplane.tenancy import goes_along

LIFE = timedelta(days=1)
MOMENT = timedelta(minutes=10)  # in which nobody writes the same thing to the same place twice on purpose


class KeyOfAnother(Exception):
    """Something else had been sent under this key."""

    def __init__(self, taken: "Taken") -> None:
        super().__init__()
        self.taken = taken


class DoneMeanwhile(Exception):
    """While this one handed its files over, the same thing was done by another."""

    def __init__(self, taken: "Taken") -> None:
        super().__init__()
        self.taken = taken


class TakenQuerySet(models.QuerySet["Taken"]):
    def stale(self) -> "TakenQuerySet":
        return self.filter(taken_at__lte=timezone.now() - LIFE)

    def was_just_sent(self, *, account: int, place: str, content: str, key: str) -> bool:
        """Whether the very same was the last that this account sent to this place, from a page with another key."""
        mine, here = sealing.digest("taken", str(account), key), sealing.digest("place", str(account), place)
        others = self.filter(account=account, place=here, taken_at__gt=timezone.now() - MOMENT).exclude(digest=mine)
        return others.order_by("-taken_at").values_list("content", flat=True).first() == content

    def claim(self, key: str, *, account: int | None, content: str, place: str = "") -> "Taken":
        """The mark for what is sent now, or that of the same thing sent before: `answer` says which.

        `content` is the digest of what is sent. Raises KeyOfAnother when it is not what the key was used for.
        """
        owner = str(account or "anybody")
        digest, where = sealing.digest("taken", owner, key), sealing.digest("place", owner, place) if place else ""
        mark = Taken(digest=digest, account=account, content=content, place=where).under(key)
        other = mark.put()
        if other is None:
            goes_along(mark)
            return mark
        if other.content != content:
            raise KeyOfAnother(other)
        return other


class Taken(models.Model):
    digest = models.CharField(max_length=64, primary_key=True)  # of the key and its owner
    account = models.BigIntegerField(null=True, blank=True)  # no foreign key: it goes by itself after a day
    content = models.CharField(max_length=64)
    place = models.CharField(max_length=64, blank=True)  # the digest of where a form was sent to
    sealed = models.TextField(blank=True)
    taken_at = models.DateTimeField()

    objects: ClassVar[TakenQuerySet] = TakenQuerySet.as_manager()  # type: ignore[assignment]
    key: str = ""

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["account"], name="taken_account"),
            models.Index(fields=["taken_at"], name="taken_at"),
        ]

    def __str__(self) -> str:
        return self.digest

    def under(self, key: str) -> "Taken":
        """This mark in the hands of somebody who has the key."""
        self.key = key
        return self

    @property
    def answer(self) -> str | None:
        """What was answered the first time; None while this is the first time."""
        return sealing.unseal(self.sealed, secret=self.key) if self.sealed else None

    def remember(self, answer: str) -> None:
        """It was done, and this is what is answered from now on."""
        Taken.objects.filter(pk=self.pk).update(
            content=self.content, sealed=sealing.seal(answer, secret=self.key), taken_at=timezone.now()
        )

    def let_go(self) -> None:
        """It was not done: whoever sends it again begins anew."""
        Taken.objects.filter(pk=self.pk).delete()

    def take_up(self) -> None:
        """Go on with it in another transaction. Raises DoneMeanwhile when somebody else has come before us."""
        other = self.put()
        if other:
            raise DoneMeanwhile(other)

    def put(self) -> "Taken | None":
        """Write this mark; what another transaction has put there instead, once that has ended."""
        for _try in range(3):  # what another transaction takes back meanwhile is free again
            if self._is_new():
                return None
            other = Taken.objects.select_for_update().filter(pk=self.pk).first()
            if other:
                return other.under(self.key)
        raise RuntimeError("A key was taken and let go of three times.")

    def _is_new(self) -> bool:
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO sending_taken (digest, account, content, place, sealed, taken_at)"
                " VALUES (%s, %s, %s, %s, '', %s)"
                " ON CONFLICT (digest) DO NOTHING",
                [self.digest, self.account, self.content, self.place, timezone.now()],
            )
            return bool(cursor.rowcount)
