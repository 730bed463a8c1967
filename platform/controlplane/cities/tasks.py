"""Bringing the cities' sums up to their numbers, off the requests that changed what counts."""

from celery import shared_task

from controlplane.cities.models import City
from controlplane.tenancy import public
from controlplane.tenancy.tasks import SteppingTask


@shared_task(base=SteppingTask)
def recount_cities() -> None:
    """Each city that is behind, in a transaction of its own. One query when none is."""
    with public():
        behind = list(City.objects.to_recount())
    for city in behind:
        with public():
            city.recount()
