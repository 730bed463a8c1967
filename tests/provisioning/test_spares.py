"""Spares: a schema made ahead becomes an association's own by a rename, with nothing left of what it was."""

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from django.db import connection

from controlplane.associations.models import Association
from controlplane.cities.models import City
from controlplane.tenancy import bound, catalog, public, schemas
from controlplane.tenancy.binding import schema_name
from provisioning.models import Run, SchemaRelease, Spare
from tenants.feed.models import Post


@pytest.fixture
def spares(db, settings) -> None:
    settings.SPARE_SCHEMAS = 2
    assert Spare.objects.refill() == 2


def _association(slug: str) -> Association:
    with public():
        return Association.objects.create(
            slug=slug, name="醍醐会", city=City.objects.get(slug="kyoto"), ward="伏見区", households=80
        )


def _spare_schemas() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'spare\\_%'")
        return cursor.fetchone()[0]


def test_refilling_stops_at_the_number_asked_for(spares):
    assert Spare.objects.refill() == 0
    assert _spare_schemas() == 2


def test_a_run_takes_a_spare_and_has_it_refilled(spares, run_tasks):
    association = _association("daigo")
    with public():
        spare = Spare.objects.ready().first()
        oid = _oid(schemas.spare_name(spare.uuid))
    with run_tasks():
        assert Spare.objects.hand_out(association.uuid)
    assert _oid(schema_name(association.uuid)) == oid
    assert schemas.schema_ready(association.uuid)
    assert not schemas.missing_migrations(association.uuid)
    with public():
        assert SchemaRelease.objects.filter(association=association).exists()
        assert not Spare.objects.filter(pk=spare.pk).exists()
        assert Spare.objects.count() == 2
    assert _spare_schemas() == 2


def test_what_was_a_spare_is_used_by_its_own_role_only(spares, tonan):
    association = _association("daigo")
    Spare.objects.hand_out(association.uuid)
    with bound(association):
        assert Post.objects.count() == 0
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_user, has_schema_privilege(%s, 'USAGE')", [schema_name(tonan.uuid)])
            assert cursor.fetchone() == (schema_name(association.uuid), False)


def test_a_spare_is_like_a_schema_made_from_nothing(spares):
    renamed, made = _association("daigo"), uuid4()
    Spare.objects.hand_out(renamed.uuid)
    schemas.build(made)
    assert catalog.fingerprint(schema_name(renamed.uuid)) == catalog.fingerprint(schema_name(made))


def test_without_a_spare_a_run_makes_its_own_schema(db, settings, run_tasks):
    settings.SPARE_SCHEMAS = 0
    association = _association("daigo")
    assert not Spare.objects.hand_out(association.uuid)
    assert schemas.untouched(association.uuid)


def test_a_planted_schema_or_a_half_made_one_takes_no_spare(spares):
    planted, begun = _association("daigo"), _association("ogurisu")
    with connection.cursor() as cursor:
        cursor.execute(f'CREATE SCHEMA "{schema_name(planted.uuid)}"')
    schemas.create_role(begun.uuid)
    assert not Spare.objects.hand_out(planted.uuid)
    assert not Spare.objects.hand_out(begun.uuid)
    with public():
        assert Spare.objects.count() == 2


def test_spares_of_another_release_are_not_handed_out_but_renewed(spares):
    with public():
        Spare.objects.update(fingerprint="older")
    assert not Spare.objects.hand_out(_association("daigo").uuid)
    Spare.objects.renew()
    with public():
        assert Spare.objects.ready().count() == 2
    assert _spare_schemas() == 2


@pytest.fixture
def committed_spares(django_db_setup, django_db_blocker, settings):
    settings.SPARE_SCHEMAS = 3
    with django_db_blocker.unblock():
        Spare.objects.refill()
        associations = [_association(f"race-{n}") for n in range(6)]
        yield associations
        with public():
            for spare in Spare.objects.all():
                spare.discard()
        for association in associations:
            schemas.drop(association.uuid)
            with public():
                association.delete()
        connection.close()


def test_threads_never_get_the_same_spare(committed_spares):
    def take(association):
        try:
            return Spare.objects.hand_out(association.uuid)
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        taken = list(pool.map(take, committed_spares))
    got = [association for association, yes in zip(committed_spares, taken, strict=True) if yes]
    assert len(got) >= 3
    assert all(schemas.schema_ready(association.uuid) for association in got)
    assert len({_oid(schema_name(association.uuid)) for association in got}) == len(got)


def test_a_run_ends_live_from_a_spare(spares, run_tasks):
    association = _association("daigo")
    oids = {_oid(schemas.spare_name(spare.uuid)) for spare in _spares()}
    with public():
        run = Run.begin(association)
    for work_name in ("role", "schema", "tables"):
        _carry_out(run, work_name)
    assert _oid(schema_name(association.uuid)) in oids


def _spares() -> list[Spare]:
    with public():
        return list(Spare.objects.all())


def _carry_out(run: Run, name: str) -> None:
    from provisioning.steps import STEPS

    work = next(work for work in STEPS if work.name == name)
    if not work.done(run):
        work.do(run)
    assert work.done(run)


def _oid(schema: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT oid FROM pg_namespace WHERE nspname = %s", [schema])
        return cursor.fetchone()[0]
