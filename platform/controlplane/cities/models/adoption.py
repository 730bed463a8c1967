"""The daily counts associations publish upward. Schema: public only."""

from datetime import date
from typing import Any, ClassVar, NotRequired, TypedDict

from django.db import models, transaction
from django.utils import timezone

from controlplane.cities.models.cities import City


class Counts(TypedDict):
    """What an association's own code counts and hands up. Numbers only."""

    households: int
    registered_households: int
    members: int
    active_members: int
    posts: int
    reads: int
    paper_households: NotRequired[int]
    storage_bytes: NotRequired[int]
    last_active_on: NotRequired[date | None]


class AdoptionQuerySet(models.QuerySet["Adoption"]):
    @transaction.atomic
    def publish(self, association: Any, counts: Counts, *, on: date | None = None, recount: bool = True) -> "Adoption":
        """Set today's row of an association, and count its city anew; publishing twice a day overwrites.

        Whoever publishes many at once counts afterwards, once: the city is marked until then.
        """
        day = on or timezone.localdate()
        row, _created = self.update_or_create(association=association, on=day, defaults=dict(counts))
        City.objects.filter(pk=association.city_id).changed(day)
        if recount:
            association.city.recount()
        return row

    def of_city(
        self, city: City, *, ward: str = "", since: date | None = None, until: date | None = None
    ) -> "AdoptionQuerySet":
        rows = self.filter(association__city=city)
        if ward:
            rows = rows.filter(association__ward=ward)
        if since:
            rows = rows.filter(on__gte=since)
        return rows.filter(on__lte=until) if until else rows

    def latest(self) -> "AdoptionQuerySet":  # type: ignore[override]  # one row of each, not one of all
        """Each association's newest row."""
        newest = self.order_by("association_id", "-on").distinct("association_id").values("pk")
        return self.model.objects.filter(pk__in=newest).select_related("association")


class Adoption(models.Model):
    """One association on one day, as numbers. No person can be read out of it."""

    association = models.ForeignKey("associations.Association", on_delete=models.CASCADE, related_name="adoption")
    on = models.DateField()
    households = models.PositiveIntegerField()
    registered_households = models.PositiveIntegerField()
    paper_households = models.PositiveIntegerField(null=True)  # without an account, and known to read on paper
    members = models.PositiveIntegerField()
    active_members = models.PositiveIntegerField()
    posts = models.PositiveIntegerField()
    reads = models.PositiveIntegerField()
    storage_bytes = models.BigIntegerField(null=True)
    last_active_on = models.DateField(null=True)  # when anybody was last there

    objects = AdoptionQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-on"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["association", "on"], name="adoption_once_a_day")]
        indexes: ClassVar = [models.Index(fields=["on"], name="adoption_day")]

    def __str__(self) -> str:
        return f"{self.association} {self.on}"

    @property
    def share(self) -> float:
        """Registered people ÷ households, the figure the city's brochure prints."""
        return self.members / self.households if self.households else 0.0
