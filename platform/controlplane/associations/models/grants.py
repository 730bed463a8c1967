"""Grants: paid features that are switched on. Schema: public only."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy

from controlplane.associations.features import Feature


class GrantQuerySet(models.QuerySet["Grant"]):
    def alive(self) -> "GrantQuerySet":
        return self.filter(Q(until=None) | Q(until__gt=timezone.now()))


class Grant(models.Model):
    """A paid feature switched on, and by whom: a subscription, the city, a self-hoster."""

    class Source(models.TextChoices):
        SUBSCRIPTION = "subscription", gettext_lazy("お申し込み")
        CITY = "city", gettext_lazy("市の負担")
        SELF_HOSTED = "self_hosted", gettext_lazy("自主運用")

    association = models.ForeignKey("Association", on_delete=models.CASCADE, related_name="grants")
    feature = models.CharField(max_length=30, choices=Feature)
    source = models.CharField(max_length=20, choices=Source)
    until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = GrantQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["association", "feature", "source"], name="grant_once_per_source")
        ]

    def __str__(self) -> str:
        return f"{self.feature} for {self.association_id}"
