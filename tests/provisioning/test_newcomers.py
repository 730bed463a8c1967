"""P12: associations made while a rollout is under way are right, whether this release makes them or the one before."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from io import StringIO
from threading import Event
from uuid import UUID

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor

from controlplane.associations.models import Association
from controlplane.cities.models import City
from controlplane.tenancy import bound, catalog, public, schemas, template
from controlplane.tenancy.binding import schema_name
from provisioning.models import SchemaRelease
from tenants.calendar.models import Event as CalendarEvent

FLEET, NEWCOMERS = 24, 6


@pytest.fixture(scope="module")
def older_release(django_db_setup, django_db_blocker) -> str:
    """The SQL of a schema that had no calendar yet."""
    with django_db_blocker.unblock(), template.scratch("scratch_former"), template.pinned("scratch_former"):
        executor = MigrationExecutor(connection)
        executor.migrate([node for node in executor.loader.graph.leaf_nodes() if node[0] != "calendar"])
        then = [name for name in template.release() if name[0] != "calendar"]
        return f"{catalog.ddl('scratch_former')};\n{template.history(then)}"


@pytest.fixture
def committed(django_db_setup, django_db_blocker) -> Iterator[None]:
    with django_db_blocker.unblock():
        yield
        with public():
            made = list(Association.objects.filter(slug__startswith="rollout").values_list("pk", flat=True))
            Association.objects.filter(pk__in=made).delete()
        for uuid in made:
            with transaction.atomic():
                schemas.drop(uuid)
        connection.close()


def test_newcomers_of_either_release_end_at_this_one(committed, older_release):
    """A worker of this release and one of the release before go on making associations while the fleet is migrated."""
    fleet = [_of_the_release_before(f"rollout-f{n}", older_release) for n in range(FLEET)]
    under_way = Event()

    def migrate() -> str:
        told = StringIO()
        under_way.set()
        try:
            call_command("fleet", "migrate", stdout=told)
        finally:
            connection.close()
        return told.getvalue()

    def newcomers(release: str) -> list[UUID]:
        under_way.wait()
        try:
            if release == "this":
                return [_of_this_release(f"rollout-n{n}") for n in range(NEWCOMERS)]
            return [_of_the_release_before(f"rollout-o{n}", older_release) for n in range(NEWCOMERS)]
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as pool:
        rollout = pool.submit(migrate)
        new, old = pool.map(newcomers, ("this", "before"))
        rollout.result()
    assert _behind() <= set(old)  # made by the worker of the release before, after the rollout had looked
    assert _right([*fleet, *new])
    call_command("fleet", "migrate", stdout=StringIO())  # as the last step of a deployment, when no old worker is left
    assert _behind() == set()
    assert _right([*fleet, *new, *old])


def _of_this_release(slug: str) -> UUID:
    association = _association(slug)
    schemas.build(association.uuid)
    with public():
        SchemaRelease.note(association.uuid)
    return association.uuid


def _of_the_release_before(slug: str, ddl: str) -> UUID:
    association = _association(slug)
    with transaction.atomic():
        schemas.create_role(association.uuid)
        schemas.create_schema(association.uuid)
    template.replay(schema_name(association.uuid), ddl)
    with public():
        SchemaRelease.objects.create(association=association, fingerprint="before")
    return association.uuid


def _association(slug: str) -> Association:
    with public():
        city = City.objects.get(slug="kyoto")
        return Association.objects.create(slug=slug, name=slug, city=city, households=10)


def _behind() -> set[UUID]:
    with public():
        rows = SchemaRelease.objects.behind().filter(association__slug__startswith="rollout")
        return set(rows.values_list("association_id", flat=True))


def _right(uuids: list[UUID]) -> bool:
    """Whether all show every migration, and their own role reaches the newest table."""
    for uuid in uuids:
        assert schemas.missing_migrations(uuid) == frozenset()
        with public():
            association = Association.objects.get(pk=uuid)
        with bound(association):
            assert not CalendarEvent.objects.exists()
    return True
