"""Erasures: who has been erased, by number only, so that no archive brings them back. Schema: public only."""

from typing import ClassVar
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy

from controlplane.tenancy import current_uuid, public
from tenants.members.models import Member, part_of_erasing


class ErasureQuerySet(models.QuerySet["Erasure"]):
    def repeat(self, uuid: UUID, *, but: frozenset[int] = frozenset()) -> frozenset[int]:
        """Erase again, in the schema that is bound, everybody who was ever erased from the association `uuid`."""
        with public():
            known = frozenset(self.filter(association_uuid=uuid).values_list("member", flat=True)) - but
        for member in Member.objects.filter(pk__in=known):
            member.forget(by=Erasure.By.RESTORE)
        return known


class Erasure(models.Model):
    """One person of one association. No foreign key: it outlives both, as long as there may be an archive of them."""

    class By(models.TextChoices):
        SELF = "self", gettext_lazy("本人")
        OFFICER = "officer", gettext_lazy("役員")
        RESTORE = "restore", gettext_lazy("復元")

    association_uuid = models.UUIDField()
    member = models.BigIntegerField()
    at = models.DateTimeField(auto_now_add=True)
    by = models.CharField(max_length=8, choices=By)

    objects = ErasureQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["association_uuid", "member"], name="erasure_once_per_person")
        ]

    def __str__(self) -> str:
        return f"member {self.member} of {self.association_uuid}"


@part_of_erasing
def note(member: Member, by: object) -> None:
    """Write the erasure down in the same transaction as it happens in."""
    role = Erasure.By.SELF if by == member else Erasure.By.OFFICER if isinstance(by, Member) else Erasure.By.RESTORE
    uuid = current_uuid()
    with public():
        Erasure.objects.get_or_create(association_uuid=uuid, member=member.pk, defaults={"by": role})
