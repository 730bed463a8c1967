"""Which associations are in which federation, asked by it and accepted by them. Schema: public only."""

from typing import TYPE_CHECKING, ClassVar

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from controlplane.audit.models import record

if TYPE_CHECKING:
    from controlplane.associations.models.associations import Association, AssociationQuerySet


class FederationMembershipQuerySet(models.QuerySet["FederationMembership"]):
    def standing(self) -> "FederationMembershipQuerySet":
        """Asked or accepted, and not ended."""
        return self.filter(ended_at=None)

    def accepted(self) -> "FederationMembershipQuerySet":
        """Whose notices an association takes in."""
        return self.standing().filter(accepted_at__isnull=False)

    @transaction.atomic
    def ask(self, federation: "Association", association: "Association", *, by: str) -> "FederationMembership":
        """Ask an association of the same city whether it takes the federation's notices in. Twice is once."""
        if federation.kind != "federation":
            raise PermissionError("Only federations have member associations.")
        if association.pk == federation.pk or association.city_id != federation.city_id:
            raise ValidationError(_("同じ市の、ほかの団体を選んでください。"))
        row, new = self.standing().get_or_create(
            federation=federation, association=association, defaults={"asked_by": by[:80]}
        )
        if new:
            record("federation.ask", row, by=by)
        return row


class FederationMembership(models.Model):
    """One association in one federation. `by` are roles: `public` knows no names of residents."""

    federation = models.ForeignKey("Association", on_delete=models.CASCADE, related_name="member_rows", db_index=False)
    association = models.ForeignKey("Association", on_delete=models.CASCADE, related_name="federation_rows")
    asked_at = models.DateTimeField(auto_now_add=True)
    asked_by = models.CharField(max_length=80)
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.CharField(max_length=80, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)  # declined, or left, by either side
    ended_by = models.CharField(max_length=80, blank=True)

    objects = FederationMembershipQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["federation", "association"], name="federation_once", condition=Q(ended_at=None)
            )
        ]

    def __str__(self) -> str:
        return f"{self.association} in {self.federation}"

    @transaction.atomic
    def accept(self, *, by: str) -> None:
        """Take the federation's notices in from now on. Twice is once."""
        rows = FederationMembership.objects.standing().filter(pk=self.pk, accepted_at=None)
        if rows.update(accepted_at=timezone.now(), accepted_by=by[:80]):
            record("federation.accept", self, by=by)
        self.refresh_from_db()

    @transaction.atomic
    def end(self, *, by: str) -> None:
        """Decline, or leave: by either side. What was taken in before stays. Twice is once."""
        if FederationMembership.objects.standing().filter(pk=self.pk).update(ended_at=timezone.now(), ended_by=by[:80]):
            record("federation.end", self, by=by)
        self.refresh_from_db()


def members_of(federation: "Association") -> "AssociationQuerySet":
    """The associations that take this federation's notices in."""
    accepted = FederationMembership.objects.accepted().filter(federation=federation)
    found: AssociationQuerySet = type(federation).objects.filter(pk__in=accepted.values("association"))
    return found
