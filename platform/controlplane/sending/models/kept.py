"""A form that could not be taken, kept a day for the browser it came from. In every schema.

The browser's cookie is the key to it (sealing.py). The form's own key says which account it was made for: nobody else
who uses that browser is shown it.
"""

import json
from datetime import timedelta
from enum import StrEnum
from typing import Any, ClassVar

from django.db import models
from django.utils import timezone

from controlplane.accounts.models import User
from controlplane.sending import keys, sealing

LIFE = timedelta(days=1)
LARGEST = 200_000  # bytes of what was typed
MOST_PER_BROWSER = 5
MOST_PER_ACCOUNT = 20  # on all of somebody's browsers; the oldest go
MOST_PER_ADDRESS = 30  # in an hour, by those who are not signed in
MOST = 1000  # at one association at once, by those who are not signed in
LONGEST_PATH = 500

Fields = dict[str, list[str]]


class Why(StrEnum):
    """Why it could not be taken."""

    ENDED = "ended"  # nobody was signed in any more
    STALE = "stale"  # the page was too old, or somebody signed in elsewhere since
    AGAIN = "again"  # something else had been sent from this very form


class KeptQuerySet(models.QuerySet["Kept"]):
    def fresh(self) -> "KeptQuerySet":
        return self.filter(kept_at__gt=timezone.now() - LIFE)

    def stale(self) -> "KeptQuerySet":
        return self.filter(kept_at__lte=timezone.now() - LIFE)

    def in_browser(self, secret: str) -> "KeptQuerySet":
        return self.fresh().filter(browser=sealing.digest(secret)).order_by("-kept_at")

    def made_for(self, secret: str, account: int | None) -> list["Kept"]:
        """What this account, or nobody in particular, had written in this browser, the newest first."""
        return [kept for kept in self.in_browser(secret) if keys.was_made_for(kept.form, account)]

    def forget(self, user: User) -> None:
        mine = [kept.pk for kept in self.only("form") if keys.was_made_for(kept.form, user.pk)]
        self.filter(pk__in=mine).delete()

    def keep(
        self,
        fields: Fields,
        *,
        secret: str,
        form: str,
        path: str,
        page: str,
        why: Why,
        account: int | None = None,
        stranger: str = "",
        more: dict[str, Any] | None = None,
    ) -> "Kept | None":
        """Keep what was typed, in place of what the same browser sent there before; None when it is too much.

        `account` is who sent it, `stranger` the network address of somebody who is not signed in: they share the room
        there is. A cookie is thrown away as easily as it is made, so neither is counted by it alone.
        """
        text = json.dumps({"fields": fields, **(more or {})}, ensure_ascii=False)
        if len(text.encode()) > LARGEST or max(len(path), len(page)) > LONGEST_PATH or not keys.looks_right(form):
            return None
        self.stale().delete()
        if stranger and self._is_full_for(stranger):
            return None
        kept, _new = self.update_or_create(
            browser=sealing.digest(secret),
            path=path,
            defaults={
                "page": page,
                "form": form,
                "why": why.value,
                "sealed": sealing.seal(text, secret=secret),
                "address": sealing.digest(stranger) if stranger else "",
                "sender": sealing.digest("account", str(account)) if account else "",
                "kept_at": timezone.now(),
            },
        )
        older = self.in_browser(secret).values_list("pk", flat=True)[MOST_PER_BROWSER:]
        self.filter(pk__in=list(older)).delete()
        if account:
            theirs = self.filter(sender=kept.sender).order_by("-kept_at").values_list("pk", flat=True)
            self.filter(pk__in=list(theirs[MOST_PER_ACCOUNT:])).delete()
        return kept

    def _is_full_for(self, stranger: str) -> bool:
        theirs = self.filter(address=sealing.digest(stranger), kept_at__gt=timezone.now() - timedelta(hours=1))
        return theirs.count() >= MOST_PER_ADDRESS or self.exclude(address="").count() >= MOST


class Kept(models.Model):
    browser = models.CharField(max_length=64)  # the digest of its cookie
    path = models.CharField(max_length=LONGEST_PATH)  # where it was sent to
    page = models.CharField(max_length=LONGEST_PATH)  # where the form stands
    form = models.CharField(max_length=40)
    why = models.CharField(max_length=8, choices=[(why.value, why.name) for why in Why])
    sealed = models.TextField()
    address = models.CharField(max_length=64, blank=True)  # the digest of a stranger's
    sender = models.CharField(max_length=64, blank=True, db_default="")  # the digest of an account
    kept_at = models.DateTimeField()

    objects: ClassVar[KeptQuerySet] = KeptQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["browser", "path"], name="kept_once_per_browser")]
        indexes: ClassVar = [models.Index(fields=["address", "kept_at"], name="kept_address")]

    def __str__(self) -> str:
        return self.path

    def open(self, secret: str) -> dict[str, Any]:
        """`fields` by name, and what else was noted; nothing when it was sealed under another secret."""
        text = sealing.unseal(self.sealed, secret=secret)
        return dict(json.loads(text)) if text else {"fields": {}}
