"""`manage.py recount [city]`: throw the cities' sums away and count them anew from the associations' daily numbers."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from controlplane.cities.models import City
from controlplane.tenancy import public
from controlplane.tenancy.commands import SteppingCommand


class Command(SteppingCommand):
    help = "Count what the cities' dashboards show anew, from the first day, for one city or all."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("city", nargs="?", help="a city's slug; all when left out")

    def handle(self, *args: Any, city: str | None, **options: Any) -> None:
        with public():
            found = City.objects.filter(slug=city) if city else City.objects.all()
            if not found.exists():
                raise CommandError(f"No city has the slug {city!r}." if city else "There is no city.")
            found.changed()
            cities = list(found)
        for each in cities:
            with public():
                each.recount()
            self.stdout.write(f"{each.slug}: counted anew.")
