"""The city's own dates (行事と締め切り), which its associations' calendars show. Schema: public only."""

from datetime import date
from typing import Any, ClassVar
from uuid import UUID

from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import models, transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from controlplane.audit.models import record
from controlplane.cities.models.cities import City
from controlplane.tenancy import public
from controlplane.versioned import Versioned

SHOWN_FOR = 60  # seconds a site may show what the city has changed since


class CityDateQuerySet(models.QuerySet["CityDate"]):
    def between(self, since: date, until: date) -> "CityDateQuerySet":
        """Those that touch these days, both included."""
        return self.filter(starts_on__lte=until, ends_on__gte=since)

    def of_ward(self, ward: str) -> "CityDateQuerySet":
        """What people of this ward are shown: the whole city's, and their own ward's."""
        return self.filter(Q(ward="") | Q(ward=ward))


class CityDate(Versioned):
    """A day, or days, of which the city tells its associations: something takes place, or is due."""

    class Kind(models.TextChoices):
        EVENT = "event", gettext_lazy("行事")
        DEADLINE = "deadline", gettext_lazy("締め切り")

    # Not indexed by itself: city_dates_by_day begins with it.
    city = models.ForeignKey(City, on_delete=models.CASCADE, related_name="dates", db_index=False)
    ward = models.CharField(max_length=20, blank=True)  # '' is the whole city
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.EVENT)
    title = models.CharField(max_length=120)
    starts_on = models.DateField()
    ends_on = models.DateField()
    url = models.URLField(max_length=300, blank=True)
    changed_at = models.DateTimeField(auto_now=True)

    objects = CityDateQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["starts_on", "pk"]
        indexes: ClassVar = [models.Index(fields=["city", "ends_on"], name="city_dates_by_day")]

    def __str__(self) -> str:
        return self.title

    @classmethod
    @transaction.atomic
    def announce(cls, city: City, *, by: object, **fields: Any) -> "CityDate":
        """Put a date on the calendars of the city's associations. Raises ValidationError by field."""
        told = cls(city=city, **fields)
        told.ends_on = told.ends_on or told.starts_on
        told._check()
        told.save(force_insert=True)
        record("city_date.announce", told, by=by)
        return told

    @transaction.atomic
    def correct(self, *, by: object, version: int | None = None, **fields: Any) -> None:
        """Raises ValidationError by field, EditedMeanwhile when `version` is not the newest."""
        row = self.locked(version)
        for name, value in fields.items():
            setattr(row, name, value)
        row.ends_on = row.ends_on or row.starts_on
        row._check()
        row.put(*{*fields, "ends_on"})
        record("city_date.correct", row, by=by, fields=sorted(fields))
        self.follow(row)

    @transaction.atomic
    def withdraw(self, *, by: object) -> None:
        """Take it off every calendar; the trail keeps that it was there."""
        record("city_date.withdraw", self, by=by, title=self.title)
        self.delete()

    @property
    def is_deadline(self) -> bool:
        return self.kind == self.Kind.DEADLINE

    def _check(self) -> None:
        errors = {}
        self.title = self.title.strip()
        if not self.title:
            errors["title"] = _("名前が、まだ入っていません。")
        if not 2000 <= self.starts_on.year <= 2100 or not 2000 <= self.ends_on.year <= 2100:
            errors["starts_on"] = _("年が読み取れません。")
        elif self.ends_on < self.starts_on:
            errors["ends_on"] = _("最後の日が、はじめの日より前になっています。")
        if self.ward and self.ward not in self.city.wards:
            errors["ward"] = _("区を、もう一度選んでください。")
        try:
            if self.url:
                URLValidator(schemes=["https", "http"])(self.url)
        except ValidationError:
            errors["url"] = _("くわしいページは、https:// から入れてください。")
        if errors:
            raise ValidationError(errors)


def dates_for(uuid: UUID, since: date, until: date) -> list[CityDate]:
    """What the city of this association tells it, of these days; looked up in `public` once a minute."""
    key = f"city-dates:{since:%Y%m%d}:{until:%Y%m%d}"
    known: list[CityDate] | None = cache.get(key)
    if known is None:
        known = _dates_for(uuid, since, until)
        cache.set(key, known, SHOWN_FOR)
    return known


def _dates_for(uuid: UUID, since: date, until: date) -> list[CityDate]:
    from controlplane.associations.models import Association

    with public():
        home = Association.objects.get(pk=uuid)
        found = CityDate.objects.filter(city=home.city_id).of_ward(home.ward)
        return list(found.between(since, until))
