"""Suspensions: a site that is closed for a while. Schema: public only."""

from typing import ClassVar

from django.db import models
from django.db.models import Q


class Suspension(models.Model):
    """The site is closed for a reason, by somebody, until lifted."""

    association = models.ForeignKey("Association", on_delete=models.CASCADE, related_name="suspensions")
    reason = models.TextField()
    by = models.CharField(max_length=200)
    since = models.DateTimeField(auto_now_add=True)
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_by = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["association"], condition=Q(lifted_at=None), name="suspension_one_open")
        ]

    def __str__(self) -> str:
        return f"{self.association}: {self.reason}"


def open_suspension() -> models.Exists:
    return models.Exists(Suspension.objects.filter(association=models.OuterRef("pk"), lifted_at=None))
