"""Invitations: a link, a QR code and a short code for paper that let somebody in without an officer's approval."""

import hashlib
import secrets
import unicodedata
from collections.abc import Collection
from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.db.models import F
from django.utils import timezone

from controlplane.audit.models import record
from controlplane.tenancy.tokens import LETTERS
from tenants.members.models.acts import Act, only
from tenants.members.models.groups import Group
from tenants.members.models.seats import Seat

if TYPE_CHECKING:
    from tenants.members.models.members import Member

LIFE = timedelta(days=30)


class BadInvitation(ValueError):
    """Unknown, withdrawn, expired or used up."""


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def still_open(self) -> "InvitationQuerySet":
        return self.filter(withdrawn_at=None, expires_at__gt=timezone.now(), used__lt=F("max_uses"))

    def known_to(self, viewer: "Member") -> "InvitationQuerySet":
        """Officers see every invitation, leaders those into their own groups."""
        return self.all() if viewer.is_officer else self.filter(group__in=viewer.led_groups(), seat=None)

    @transaction.atomic
    def forget(self, names: Collection[str], *, instead: str) -> None:
        """Somebody is erased: what they invited to ends, and no longer says who invited."""
        theirs = self.filter(invited_by__in=names)
        theirs.filter(withdrawn_at=None).update(withdrawn_at=timezone.now())
        theirs.update(invited_by=instead)

    def invite(
        self,
        *,
        by: object,
        inviter: "Member | None" = None,
        group: Group | None = None,
        seat: Seat | None = None,
        uses: int = 1,
        days: int = LIFE.days,
    ) -> tuple["Invitation", str]:
        """Return a new invitation and its code, `XXXX-XXXX-XXXX`, also the link's last part. The code is shown once."""
        code = "-".join("".join(secrets.choice(LETTERS) for _i in range(4)) for _j in range(3))
        row = self.create(
            digest=_digest(code),
            hint=code[:4],
            group=group,
            seat=seat,
            max_uses=uses,
            invited_by=str(by)[:120],
            inviter=inviter,
            expires_at=timezone.now() + timedelta(days=days),
        )
        return row, code

    def open(self, code: str) -> "Invitation":
        """Return the live invitation of a code as typed, or raise BadInvitation."""
        row = self.filter(digest=_digest(code)).select_related("group", "seat").first()
        if row is None or not row.is_open:
            raise BadInvitation
        return row


class Invitation(models.Model):
    digest = models.CharField(max_length=64, unique=True)
    hint = models.CharField(max_length=4)
    group = models.ForeignKey(Group, on_delete=models.CASCADE, null=True, blank=True, related_name="invitations")
    seat = models.ForeignKey(Seat, on_delete=models.CASCADE, null=True, blank=True, related_name="invitations")
    max_uses = models.PositiveSmallIntegerField(default=1, validators=[MinValueValidator(1), MaxValueValidator(500)])
    used = models.PositiveSmallIntegerField(default=0)
    invited_by = models.CharField(max_length=120)
    inviter = models.ForeignKey(
        "members.Member", on_delete=models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-pk"]

    def __str__(self) -> str:
        return f"{self.hint}…"

    @property
    def is_open(self) -> bool:
        return self.withdrawn_at is None and self.expires_at > timezone.now() and self.used < self.max_uses

    def use(self) -> None:
        """Count one use, or raise BadInvitation when somebody was faster.

        One to a seat is good as long as that has not changed hands, and while who invites might still give it away.
        """
        made_on = timezone.localdate(self.created_at)
        if self.seat and self.seat.terms.current().filter(starts_on__gt=made_on).exists():
            raise BadInvitation
        if self.seat and self.inviter and not self.inviter.may(Act.HAND_OVER, self.seat):
            raise BadInvitation
        if not Invitation.objects.still_open().filter(pk=self.pk).update(used=F("used") + 1):
            raise BadInvitation

    @transaction.atomic
    def withdraw(self, *, by: object) -> None:
        """End the invitation now; whoever came in by it stays. Twice is once."""
        only(by, Act.WITHDRAW_INVITATION, self)
        if Invitation.objects.filter(pk=self.pk, withdrawn_at=None).update(withdrawn_at=timezone.now()):
            record("invitation.withdraw", self, by=by)

    @property
    def uses_left(self) -> int:
        return self.max_uses - self.used


def _digest(code: str) -> str:
    plain = "".join(c for c in unicodedata.normalize("NFKC", code).upper() if c.isalnum())
    return hashlib.sha256(f"{settings.SECRET_KEY}:invitation:{plain}".encode()).hexdigest()
