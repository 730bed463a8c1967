"""Approvals: operators who agree that a closed association's data is dropped. Schema: public only."""

from typing import ClassVar

from django.db import models
from django.utils import timezone

from controlplane.associations.models import Operator


class Approval(models.Model):
    """One operator's word, for one dump: a dump made anew has to be approved anew."""

    closure = models.ForeignKey("Closure", on_delete=models.CASCADE, related_name="approvals")
    operator = models.ForeignKey(Operator, on_delete=models.SET_NULL, null=True, related_name="approvals")
    name = models.CharField(max_length=80)  # stays readable when the operator has left
    at = models.DateTimeField(default=timezone.now)
    dump_sha256 = models.CharField(max_length=64)

    class Meta:
        ordering: ClassVar = ["at"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["closure", "operator"], name="approval_once_per_operator")
        ]

    def __str__(self) -> str:
        return self.name
