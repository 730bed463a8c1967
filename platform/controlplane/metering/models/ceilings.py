"""The hours in which the platform sent as many short messages as it lets go in one. Schema: public only."""

from datetime import datetime, timedelta

from django.db import connection, models
from django.utils import timezone

from controlplane.metering.models.spending import KEEP, this_hour


class CeilingHourQuerySet(models.QuerySet["CeilingHour"]):
    def begin(self) -> bool:
        """Note that this hour's ceiling was reached; True for the first who says so."""
        with connection.cursor() as cursor:
            cursor.execute(_BEGIN, [this_hour(), timezone.now()])
            return bool(cursor.rowcount)

    def now(self) -> "CeilingHour | None":
        return self.filter(hour=this_hour()).first()

    def prune(self) -> None:
        self.filter(hour__lt=timezone.now() - KEEP).delete()


_BEGIN = "INSERT INTO metering_ceilinghour (hour, at) VALUES (%s, %s) ON CONFLICT (hour) DO NOTHING"


class CeilingHour(models.Model):
    """An hour in which the platform's ceiling was reached. It ends with the hour."""

    hour = models.DateTimeField(unique=True)
    at = models.DateTimeField()

    objects = CeilingHourQuerySet.as_manager()

    def __str__(self) -> str:
        return str(self.hour)

    @property
    def ends_at(self) -> datetime:
        return self.hour + timedelta(hours=1)
