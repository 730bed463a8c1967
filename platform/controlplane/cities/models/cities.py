"""Cities, their offices and staff. Schema: public only."""

from datetime import date
from typing import Any, ClassVar, cast

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Q, Value
from django.db.models.functions import Least
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy

from controlplane.cities.recounting import recount

BEGINNING = date(2000, 1, 1)


class CityQuerySet(models.QuerySet["City"]):
    def at(self, municipality: str) -> "City | None":
        """The participating city of this name (京都市, or 京都市伏見区 in full), if it takes part."""
        return next((city for city in self if municipality.startswith(city.name)), None)

    def changed(self, since: date = BEGINNING) -> None:
        """Mark that what was counted of these cities no longer holds, from this day on."""
        self.update(recount_from=Least(F("recount_from"), Value(since)))  # LEAST overlooks NULL

    def recount_soon(self) -> None:
        """Who counts, or as how many households, has changed: count everything anew, after the commit."""
        from controlplane.cities.tasks import recount_cities

        self.changed()
        recount_cities.on_commit()

    def to_recount(self) -> "CityQuerySet":
        return self.filter(recount_from__isnull=False)


class City(models.Model):
    slug = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=40, unique=True)
    recount_from = models.DateField(null=True, blank=True, default=BEGINNING)  # whose sums, from this day, do not hold

    objects = CityQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "cities"

    def __str__(self) -> str:
        return self.name

    @cached_property
    def wards(self) -> list[str]:
        """Those with an office, in the offices' order, then those that only associations name."""
        offices = self.offices.values_list("ward", flat=True)
        counted = self.ward_days.as_of(None).exclude(ward=None).order_by("ward").values_list("ward", flat=True)
        return [name for name in dict.fromkeys([*offices, *counted]) if name]

    def ward_in(self, address: str) -> str:
        """The ward that an address names, among those with an office; '' when it names none."""
        wards = self.offices.exclude(ward="").values_list("ward", flat=True)
        return next((ward for ward in wards if ward in address), "")

    @transaction.atomic
    def recount(self) -> bool:
        """Bring the sums up to the numbers, if they are behind. One at a time; who waits here sees what was written.

        Whoever changes a number marks the city in the same transaction (`changed`), so that a count that is lost, or
        was under way meanwhile, is owed and not forgotten.
        """
        city = City.objects.select_for_update(no_key=True).to_recount().filter(pk=self.pk).first()
        if city is None:
            return False
        recount(city, city.associations.live(), cast(date, city.recount_from))
        City.objects.filter(pk=city.pk).update(recount_from=None)
        return True


class WardOfficeQuerySet(models.QuerySet["WardOffice"]):
    def near(self, association: Any) -> "WardOfficeQuerySet":
        """The offices an association may ask: its own ward's, then the city's support centre."""
        own = Q(kind__in=(WardOffice.Kind.WARD, WardOffice.Kind.BRANCH), ward=association.ward)
        return self.filter(own | Q(kind=WardOffice.Kind.CENTRE), city_id=association.city_id)


class WardOffice(models.Model):
    """A 区役所 or 支所, or the city's support centre."""

    class Kind(models.TextChoices):
        WARD = "ward", gettext_lazy("区役所")
        BRANCH = "branch", gettext_lazy("支所")
        CENTRE = "centre", gettext_lazy("サポートセンター")

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
