"""Where the readers look: associations with equal primary keys and a canary in each row, and `public` beside them."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

PUBLIC = "公の話"
COLUMNS = {"members.Group": "name", "members.Household": "name", "outbox.Message": "body", "audit.Entry": "verb"}
EVERYWHERE = ("outbox.Message", "audit.Entry")  # tables that `public` has as well


@dataclass(frozen=True)
class Place:
    """One association: what `bound()` takes, and the word that only its rows hold."""

    uuid: UUID
    canary: str


def make(count: int) -> list[Place]:
    """Found associations on a direct connection, each with the same rows under the same keys."""
    from controlplane.associations.models import Association
    from controlplane.cities.models import City
    from controlplane.tenancy import bound, public, schemas

    with public():
        city = City.objects.create(slug="kyoto", name="京都市")
        rows = [
            Association.objects.create(slug=f"place{n}", name=f"町内会{n}", city=city, households=10)
            for n in range(count)
        ]
        _fill(EVERYWHERE, PUBLIC)
    places = [Place(row.pk, f"町内会{number}だけの話") for number, row in enumerate(rows)]
    for place in places:
        schemas.build(place.uuid)
        with bound(place):
            _fill(COLUMNS, place.canary)
    return places


def _fill(tables: Iterable[str], canary: str) -> None:
    from django.apps import apps

    for table in tables:
        apps.get_model(table).objects.create(pk=1, **{COLUMNS[table]: canary})
