"""How somebody wishes to hear of news (お知らせの受け取り方), and how far they have been told."""

from datetime import datetime
from typing import ClassVar

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy

from controlplane.tenancy import BadToken, Purpose, sign, unsign
from tenants.members.models import Member


class Receiving(models.Model):
    """One row for whoever has chosen or was written to; without one it is a mail a day."""

    class Choice(models.TextChoices):
        NOW = "now", gettext_lazy("すぐに")
        DAILY = "daily", gettext_lazy("1日1回")
        NONE = "none", gettext_lazy("受け取らない")

    member = models.OneToOneField(Member, on_delete=models.CASCADE, related_name="receiving")
    choice = models.CharField(max_length=8, choices=Choice, default=Choice.DAILY)
    revision = models.PositiveSmallIntegerField(default=1)  # part of the token in mails: raising it revokes
    digested_at = models.DateTimeField(null=True, blank=True)
    chosen_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural: ClassVar = "receivings"

    def __str__(self) -> str:
        return f"{self.member_id} {self.choice}"

    @classmethod
    def of(cls, member: Member) -> "Receiving":
        return cls.objects.filter(member=member).first() or cls(member=member)

    @classmethod
    def opened_by(cls, token: str) -> "Receiving | None":
        """Whose mail this token stood in; None when it is no such token."""
        try:
            pk, revision = (int(part) for part in unsign(Purpose.NEWS, token))
        except (BadToken, TypeError, ValueError):
            return None
        member = Member.objects.admitted().filter(pk=pk).first()
        found = cls.of(member) if member else None
        return found if found and found.revision == revision else None

    @property
    def token(self) -> str:
        """The key that stops these mails without signing in."""
        return sign(Purpose.NEWS, [self.member_id, self.revision])

    @transaction.atomic
    def choose(self, choice: str) -> None:
        """From now on. What was published until now is neither told twice nor told late."""
        now = timezone.now()
        told: dict[str, str | datetime] = {"choice": self.Choice(choice).value, "chosen_at": now, "digested_at": now}
        Receiving.objects.update_or_create(member_id=self.member_id, defaults=told)
        self.choice = told["choice"]  # type: ignore[assignment]
