"""Counts and codes that hold no longer are removed, every hour."""

from celery import shared_task

from controlplane.metering.models import CeilingHour, Count, LongCode, SmsUse
from controlplane.tenancy.tasks import PublicTask


@shared_task(base=PublicTask)
def prune() -> None:
    for model in (Count, LongCode, SmsUse, CeilingHour):
        model.objects.prune()
