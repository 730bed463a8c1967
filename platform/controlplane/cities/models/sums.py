"""What the city's dashboard reads: sums by ward and day, and where each association stands. Schema: public only.

All of it is derived from Adoption and may be thrown away: `City.recount` (recounting.py) writes it, nobody else does.
"""

from datetime import date
from typing import ClassVar

from django.db import models
from django.db.models import F


class WardDayQuerySet(models.QuerySet["WardDay"]):
    def of(self, ward: str = "") -> "WardDayQuerySet":
        """One ward's, or the sums over the whole city."""
        return self.filter(ward=ward) if ward else self.filter(ward=None)

    def within(self, since: date | None, until: date | None) -> "WardDayQuerySet":
        rows = self.filter(day__gte=since) if since else self
        return rows.filter(day__lte=until) if until else rows

    def counted(self) -> "WardDayQuerySet":
        """Those about numbers of the very day: the points of a course, where the others stand for older numbers."""
        return self.filter(on=F("day"))

    def as_of(self, day: date | None) -> "WardDayQuerySet":
        """The rows of one city on the last day, up to this one, on which anything of it changed."""
        last = self.filter(ward=None).within(None, day).order_by("-day").values("day")[:1]
        return self.filter(day=models.Subquery(last))


class WardDay(models.Model):
    """Associations of a ward as they stood at the end of a day, those whose newest numbers then were of day `on`.

    Nearly always there is one row, `on` the day itself; another for those that had not published. `ward` None is the
    whole city. Whoever has fewer than five people is in the `hidden` columns and not in the sums beside them.
    """

    city = models.ForeignKey("cities.City", on_delete=models.CASCADE, related_name="ward_days", db_index=False)
    ward = models.CharField(max_length=20, null=True)
    day = models.DateField()
    on = models.DateField(null=True)  # None: no numbers yet
    associations = models.PositiveIntegerField()
    active = models.PositiveIntegerField()
    households = models.PositiveIntegerField()  # as the associations say today
    counted_households = models.PositiveIntegerField()  # as they said with their numbers
    registered = models.PositiveIntegerField()
    registered_hidden = models.PositiveIntegerField()
    members = models.PositiveIntegerField()
    members_hidden = models.PositiveIntegerField()
    reads = models.PositiveBigIntegerField()
    posts = models.PositiveIntegerField()
    quiet = models.PositiveIntegerField()  # without a new post for sixty days
    without_posts = models.PositiveIntegerField()
    days_to_first_post = models.PositiveIntegerField(
        null=True
    )  # the median of the ward on that day, in each of its rows

    objects = WardDayQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["city", "day", "ward", "on"], name="ward_day_once", nulls_distinct=False)
        ]
        indexes: ClassVar = [models.Index(fields=["city", "ward", "day"], include=["on"], name="ward_day_course")]

    def __str__(self) -> str:
        return f"{self.city_id} {self.ward} {self.day}"


class Standing(models.Model):
    """An association's newest numbers, and its place among the others. What is hidden has no place."""

    association = models.OneToOneField(
        "associations.Association", on_delete=models.CASCADE, primary_key=True, related_name="standing"
    )
    city = models.ForeignKey("cities.City", on_delete=models.CASCADE, related_name="standings", db_index=False)
    since = models.DateField()  # the day it went live, or of its first numbers
    newest = models.OneToOneField("cities.Adoption", on_delete=models.CASCADE, null=True, related_name="standing")
    ward = models.CharField(max_length=20, blank=True)
    reading = models.CharField(max_length=120)  # what it is sorted by: its kana, or its name where there are none
    share = models.FloatField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index("city", F("share").desc(nulls_last=True), "association", name="standing_by_share"),
            models.Index("city", "ward", F("share").desc(nulls_last=True), "association", name="standing_by_ward"),
            models.Index(fields=["city", "reading", "association"], name="standing_by_reading"),
        ]

    def __str__(self) -> str:
        return f"{self.association_id} {self.share}"
