"""Cities, their dates, the counts associations publish to them, and those counts added up. Schema: public only."""

from controlplane.cities.models.adoption import Adoption, AdoptionQuerySet, Counts
from controlplane.cities.models.cities import City, CityStaff, WardOffice
from controlplane.cities.models.dates import CityDate, dates_for
from controlplane.cities.models.sums import Standing, WardDay, WardDayQuerySet

__all__ = [
    "Adoption",
    "AdoptionQuerySet",
    "City",
    "CityDate",
    "CityStaff",
    "Counts",
    "Standing",
    "WardDay",
    "WardDayQuerySet",
    "WardOffice",
    "dates_for",
]
