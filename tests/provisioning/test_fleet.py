"""The fleet comes to this release: replayed where it can be, one association's trouble stops nobody else."""

from concurrent.futures import ThreadPoolExecutor
from io import StringIO
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from controlplane.associations.models import Association
from controlplane.audit.models import Entry
from controlplane.cities.models import City
from controlplane.tenancy import bound, catalog, public, schemas, template, upgrade
from controlplane.tenancy.binding import schema_name
from controlplane.tenancy.models import Upgrade
from provisioning.models import Fleet, Rollout, RolloutRecord, SchemaRelease
from provisioning.models.rollouts import alone, is_under_way
from provisioning.tasks import roll_out
from tenants.feed.models import Post
from tenants.members.models import Household, Member


@pytest.fixture(scope="module")
def older_release(django_db_setup, django_db_blocker) -> str:
    """The SQL of a schema that had no calendar yet."""
    with django_db_blocker.unblock(), template.scratch("scratch_older"), template.pinned("scratch_older"):
        executor = MigrationExecutor(connection)
        executor.migrate([node for node in executor.loader.graph.leaf_nodes() if node[0] != "calendar"])
        then = [name for name in template.release() if name[0] != "calendar"]
        return f"{catalog.ddl('scratch_older')};\n{template.history(then)}"


@pytest.fixture
def fleet(older_release, django_db_blocker):
    """Four associations at an older release, one that had no calendar yet; committed, as threads need them."""
    with django_db_blocker.unblock():
        uuids = [_at_older_release(number, older_release) for number in range(4)]
        yield uuids
        with public():
            Association.objects.filter(pk__in=uuids).delete()
        for uuid in uuids:
            schemas.drop(uuid)
        connection.close()


@pytest.fixture(scope="module")
def this_release(django_db_setup, django_db_blocker) -> list[str]:
    with django_db_blocker.unblock(), template.scratch("scratch_expected"):
        template.migrate("scratch_expected")
        return catalog.fingerprint("scratch_expected")


def test_everybody_comes_to_this_release(fleet, this_release):
    outcome = Rollout().run()
    assert (outcome.migrated, outcome.failures) == (4, {})
    for uuid in fleet:
        assert catalog.fingerprint(schema_name(uuid)) == this_release
        assert schemas.missing_migrations(uuid) == frozenset()
    with public():
        assert not SchemaRelease.objects.behind().filter(association__in=fleet).exists()


def test_the_new_tables_belong_to_the_association_s_role(fleet):
    Rollout().run()
    with connection.cursor() as cursor:
        for uuid in fleet:
            name = schema_name(uuid)
            cursor.execute("SELECT has_table_privilege(%s, %s, 'INSERT')", [name, f'"{name}".calendar_event'])
            assert cursor.fetchone() == (True,)


def test_threads_that_need_the_same_plan_wait_for_each_other(fleet):
    applied = schemas.applied_migrations(fleet[0])

    def work_out(_number):
        try:
            return upgrade.plan(applied)
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as pool:
        first, *others = pool.map(work_out, range(3))
    assert first.statements
    assert all(other == first for other in others)


def test_data_migrations_run_in_django_for_each(fleet, this_release, monkeypatch):
    with public():
        Upgrade.objects.all().delete()
    monkeypatch.setattr(upgrade, "_touches_data", lambda _migration: True)
    assert Rollout().run().migrated == 4
    assert all(catalog.fingerprint(schema_name(uuid)) == this_release for uuid in fleet)
    with public():
        Upgrade.objects.all().delete()


def test_the_plan_most_will_need_is_worked_out_before_the_rollout(inhabited, next_release, monkeypatch):
    template.compile_release()
    upgrade.prepare()
    monkeypatch.setattr(upgrade, "_work_out", None)
    assert Rollout().run().failures == {}
    assert schemas.missing_migrations(inhabited.uuid) == frozenset()


def test_a_schema_that_stands_elsewhere_than_noted_is_looked_at_first(fleet, this_release):
    """One says it stood where the others do, and is further: its plan is another one."""
    with public():
        SchemaRelease.objects.filter(association__in=fleet).update(fingerprint=_older_fingerprint(fleet[0]))
    template.migrate(schema_name(fleet[1]))
    assert Rollout().run().failures == {}
    assert all(catalog.fingerprint(schema_name(uuid)) == this_release for uuid in fleet)


def _older_fingerprint(uuid: UUID) -> str:
    return template.fingerprint(schemas.applied_migrations(uuid))


def test_nothing_to_do_is_one_query(fleet, django_assert_num_queries):
    Rollout().run()
    with django_assert_num_queries(3) as captured:  # begin, the one, commit
        assert Rollout().run().migrated == 0
    assert sum("provisioning_schemarelease" in query["sql"] for query in captured) == 1


def test_a_bad_canary_stops_the_rollout_and_is_shown_and_taken_up_again(fleet, capsys):
    _in_the_way(fleet[0])
    with pytest.raises(CommandError):
        call_command("fleet", "migrate", stdout=StringIO())
    with public():
        behind = set(SchemaRelease.objects.behind().values_list("association_id", flat=True))
        failed = SchemaRelease.objects.failed().get()
    assert set(fleet) <= behind
    assert failed.association_id == fleet[0]
    status = StringIO()
    call_command("fleet", "status", stdout=status)
    assert "DuplicateTable" in status.getvalue() or "already exists" in status.getvalue()
    _out_of_the_way(fleet[0])
    call_command("fleet", "retry", stdout=StringIO())
    with public():
        assert not SchemaRelease.objects.behind().filter(association__in=fleet).exists()


def test_a_failure_leaves_its_schema_as_it_was(fleet):
    _in_the_way(fleet[0])
    before = catalog.fingerprint(schema_name(fleet[0]))
    Rollout().run()
    assert catalog.fingerprint(schema_name(fleet[0])) == before


def test_a_rollout_that_was_interrupted_goes_on_where_it_stopped(fleet, monkeypatch):
    real = Rollout._bring_up

    def interrupted(rollout, uuid, noted):
        if uuid == fleet[2]:
            raise KeyboardInterrupt
        return real(rollout, uuid, noted)

    monkeypatch.setattr(Rollout, "_bring_up", interrupted)
    with pytest.raises(KeyboardInterrupt):
        Rollout().run()
    monkeypatch.undo()
    assert 1 <= Rollout().run().migrated <= 3
    assert all(not schemas.missing_migrations(uuid) for uuid in fleet)


def _at_older_release(number: int, ddl: str) -> UUID:
    with public():
        city = City.objects.get(slug="kyoto")
        association = Association.objects.create(slug=f"older{number}", name=f"旧{number}", city=city, households=10)
        SchemaRelease.objects.create(association=association, fingerprint="older")
    schemas.create_role(association.uuid)
    schemas.create_schema(association.uuid)
    template.replay(schema_name(association.uuid), ddl)
    return association.uuid


def _in_the_way(uuid: UUID) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f'CREATE TABLE "{schema_name(uuid)}".calendar_event (id int)')


def _out_of_the_way(uuid: UUID) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f'DROP TABLE "{schema_name(uuid)}".calendar_event')


@pytest.fixture
def next_release(settings):
    """As if the release after this one had been put on the machine."""
    settings.MIGRATION_MODULES = {"feed": "tests.provisioning.next_release.feed"}
    _forget_the_release()
    yield
    settings.MIGRATION_MODULES = {}
    _forget_the_release()


@pytest.fixture
def inhabited(django_db_setup, django_db_blocker):
    """An association at this release, with a post, committed."""
    with django_db_blocker.unblock():
        with public():
            city = City.objects.get(slug="kyoto")
            association = Association.objects.create(slug="inhabited", name="住む会", city=city, households=10)
            SchemaRelease.note(association.uuid)
        schemas.build(association.uuid)
        with bound(association):
            home = Household.objects.create(name="会員1")
            writer = Member.objects.create(name="会員1", household=home)
            Post.objects.create(title="そうじ", author=writer)
        yield association
        schemas.drop(association.uuid)
        with public():
            association.delete()
        connection.close()


def test_rows_that_a_new_rule_needs_filled_are_filled(inhabited, next_release):
    template.compile_release()
    outcome = Rollout().run()
    assert (outcome.failures, outcome.stopped) == ({}, False)
    name = schema_name(inhabited.uuid)
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT mood FROM "{name}".feed_post')
        assert cursor.fetchall() == [("50% 'calm'",)]
    with template.scratch("scratch_next"):
        template.migrate("scratch_next")
        assert catalog.fingerprint(name) == catalog.fingerprint("scratch_next")


def _forget_the_release() -> None:
    template.release.cache_clear()
    template.release_fingerprint.cache_clear()
    template._compiled.cache_clear()


def test_it_can_be_watched_from_elsewhere(fleet, monkeypatch):
    """Each wave is written down before it is carried out, and the end with what came of it."""
    seen = []
    real = Rollout._carry

    def carry(rollout, wave):
        with public():
            record = RolloutRecord.objects.latest("pk")
            seen.append((record.wave, record.total, len(wave), record.ended_at, is_under_way()))
        real(rollout, wave)

    monkeypatch.setattr(Rollout, "_carry", carry)
    Rollout(by="運営 1").run()
    assert seen == [("canary", 4, 1, None, True), ("few", 4, 1, None, True), ("all", 4, 2, None, True)]
    with public():
        record = RolloutRecord.objects.latest("pk")
        assert (record.migrated, record.left_aside, record.stopped, record.by) == (4, 0, False, "運営 1")
        assert record.ended_at
        assert Entry.objects.filter(verb="fleet.migrate").latest("pk").actor == "運営 1"
        assert not is_under_way()
        counted = Fleet.now()
    assert counted.waiting == counted.left_aside == 0
    assert counted.lately >= 4
    assert counted.time_left(record.begun_at).total_seconds() == 0


def test_the_task_brings_up_who_is_behind(fleet, this_release):
    roll_out.apply(["運営 1"], throw=True)
    assert all(catalog.fingerprint(schema_name(uuid)) == this_release for uuid in fleet)


def test_the_task_leaves_a_rollout_that_is_under_way_alone(fleet):
    with ThreadPoolExecutor(1) as pool, alone():
        pool.submit(_roll_out_elsewhere).result(timeout=60)
    with public():
        assert SchemaRelease.objects.waiting().filter(association__in=fleet).count() == 4


def _roll_out_elsewhere() -> None:
    try:
        roll_out.apply(["運営 1"], throw=True)
    finally:
        connection.close()
