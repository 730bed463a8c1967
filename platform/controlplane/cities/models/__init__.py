"""Cities, the counts associations publish to them, and those counts added up. Schema: public only."""

from controlplane.cities.models.adoption import Adoption, AdoptionQuerySet, Counts
from controlplane.cities.models.cities import City, CityStaff, WardOffice
from controlplane.cities.models.sums import Standing, WardDay, WardDayQuerySet

__all__ = [
    "Adoption",
    "AdoptionQuerySet",
    "City",
    "CityStaff",
    "Counts",
    "Standing",
    "WardDay",
    "WardDayQuerySet",
    "WardOffice",
]
