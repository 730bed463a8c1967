"""Cities, their offices and staff, and the daily counts associations publish upward. Schema: public only."""

from datetime import date
from typing import Any, ClassVar, TypedDict

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

SUPPRESS_BELOW = 5  # people: a smaller cell could be a person


class CityQuerySet(models.QuerySet["City"]):
    def at(self, municipality: str) -> "City | None":
        """The participating city of this name (京都市, or 京都市伏見区 in full), if it takes part."""
        return next((city for city in self if municipality.startswith(city.name)), None)


class City(models.Model):
    slug = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=40, unique=True)

    objects = CityQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "cities"

    def __str__(self) -> str:
        return self.name

    def ward_in(self, address: str) -> str:
        """The ward that an address names, among those with an office; '' when it names none."""
        wards = self.offices.exclude(ward="").values_list("ward", flat=True)
        return next((ward for ward in wards if ward in address), "")


class WardOfficeQuerySet(models.QuerySet["WardOffice"]):
    def near(self, association: Any) -> "WardOfficeQuerySet":
        """The offices an association may ask: its own ward's, then the city's support centre."""
        own = Q(kind__in=(WardOffice.Kind.WARD, WardOffice.Kind.BRANCH), ward=association.ward)
        return self.filter(own | Q(kind=WardOffice.Kind.CENTRE), city_id=association.city_id)


class WardOffice(models.Model):
    """A 区役所 or 支所, or the city's support centre."""

    class Kind(models.TextChoices):
        WARD = "ward", "区役所"
        BRANCH = "branch", "支所"
        CENTRE = "centre", "サポートセンター"

    city = models.ForeignKey(City, on_delete=models.CASCADE, related_name="offices")
    name = models.CharField(max_length=60)
    kind = models.CharField(max_length=8, choices=Kind)
    ward = models.CharField(max_length=20, blank=True)
    tel = models.CharField(max_length=20)
    position = models.PositiveSmallIntegerField(default=0)

    objects = WardOfficeQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["position"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["city", "name"], name="office_once_per_city")]

    def __str__(self) -> str:
        return self.name


class CityStaff(models.Model):
    """A user of the apex host who may see one city's counts."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="city_staff")
    city = models.ForeignKey(City, on_delete=models.CASCADE, related_name="staff")
    name = models.CharField(max_length=80)
    since = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "city staff"

    def __str__(self) -> str:
        return f"{self.city} {self.name}"


class Counts(TypedDict):
    """What an association's own code counts and hands up. Numbers only."""

    households: int
    registered_households: int
    members: int
    active_members: int
    posts: int
    reads: int


class AdoptionQuerySet(models.QuerySet["Adoption"]):
    def publish(self, association: Any, counts: Counts, *, on: date | None = None) -> "Adoption":
        """Set today's row of an association; publishing twice a day overwrites."""
        row, _created = self.update_or_create(
            association=association, on=on or timezone.localdate(), defaults=dict(counts)
        )
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
    members = models.PositiveIntegerField()
    active_members = models.PositiveIntegerField()
    posts = models.PositiveIntegerField()
    reads = models.PositiveIntegerField()

    objects = AdoptionQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-on"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["association", "on"], name="adoption_once_a_day")]

    def __str__(self) -> str:
        return f"{self.association} {self.on}"

    @property
    def share(self) -> float:
        """Registered people ÷ households, the figure the city's brochure prints."""
        return self.members / self.households if self.households else 0.0


def suppressed(count: int) -> int | None:
    """Return the count, or None (shown as 5未満) where it could point at a person."""
    return None if 0 < count < SUPPRESS_BELOW else count
