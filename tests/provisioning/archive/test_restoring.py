"""One association goes back to an archive of its own; nobody else notices, and nothing acknowledged is lost."""

import io
import time
from concurrent.futures import ThreadPoolExecutor
from threading import Event as Flag

import pytest
from django.core.files.storage import default_storage
from django.db import OperationalError, connection
from django.utils import timezone

from controlplane.audit.models import Entry
from controlplane.tenancy import bound, catalog, exchange, public, schemas, shape, template
from controlplane.tenancy.binding import schema_name
from controlplane.tenancy.models import Template
from provisioning import archive
from provisioning.archive import filling, restoring
from provisioning.models import Archive, SchemaRelease
from tenants.feed.models import Attachment, Post
from tenants.members.models import Group, Household, Invitation, Member
from tenants.search.question import Question
from tenants.search.shelves import find
from tests.provisioning.archive.conftest import attach, data_of, everything, meanwhile, rows_of
from tests.stored import default_storage as stored_files

WORDS = ("軍手", "長靴", "あとから")


def restore(living, file) -> Archive:
    return archive.restore(living.association, file, by="tests")


def names(living) -> set[str]:
    with bound(living.association):
        return set(Household.objects.values_list("name", flat=True))


def change_things(living) -> None:
    with bound(living.association):
        Household.objects.create(name="あとから来た家")
        Post.objects.filter(title="清掃のお知らせ").update(title="書きかえた題")
        Group.objects.filter(name="2組").update(name="改めた組")


def fresh_or_former() -> list[str]:
    return [name for name in everything()["schemas"] if name.startswith(("fresh_", "former_"))]


def test_a_closed_site_is_not_restored_until_that_is_undone(living):
    file = living.archive()
    with public():
        living.association.shut(timezone.now())
    before = everything()
    with pytest.raises(archive.BadArchive, match="closed"):
        restore(living, file)
    assert everything() == before


def test_everything_is_as_it_was(living):
    file = living.archive()
    change_things(living)
    assert data_of(living.archive()) != data_of(file)
    restore(living, file)
    assert data_of(living.archive()) == data_of(file)
    assert fresh_or_former() == []


def test_search_finds_what_was_restored_and_nothing_newer(living):
    file = living.archive()
    with bound(living.association):
        chair = living.member("chair")
        Post.objects.get(title="清掃のお知らせ").edit(by=chair, title="書きかえた題", body="長靴")
        Post.write(by=chair, title="あとから書いた話")
    restore(living, file)
    with bound(living.association):
        plain = living.member("plain")
        titles = {words: [each.title for each in find(plain, Question.asking(words)).found] for words in WORDS}
    assert titles == {"軍手": ["清掃のお知らせ"], "長靴": [], "あとから": []}


def test_it_can_be_undone(living):
    file = living.archive()
    change_things(living)
    changed = living.archive()
    kept = restore(living, file)
    copy = io.BytesIO()
    kept.fetch(copy)
    restore(living, copy)
    assert data_of(living.archive()) == data_of(changed)


def test_everybody_is_signed_out_and_signs_in_anew(living):
    client = living.client("plain")
    assert client.get("/").status_code == 200
    restore(living, living.archive())
    assert client.get("/")["Location"].startswith("/sign-in/")
    assert "清掃のお知らせ" in living.client("plain").get("/").content.decode()


def test_the_schema_is_stamped_granted_and_noted(living):
    before = catalog.fingerprint(schema_name(living.uuid))
    restore(living, living.archive())
    assert schemas.schema_ready(living.uuid)
    assert catalog.fingerprint(schema_name(living.uuid)) == before
    with connection.cursor() as cursor:
        name = schema_name(living.uuid)
        cursor.execute("SELECT has_table_privilege(%s, %s, 'DELETE')", [name, f'"{name}".feed_post'])
        assert cursor.fetchone() == (True,)
        cursor.execute("SELECT has_schema_privilege(%s, %s, 'CREATE')", [name, name])
        assert cursor.fetchone() == (False,)
    with public():
        assert SchemaRelease.objects.get(association=living.uuid).fingerprint == template.release_fingerprint()
        assert Entry.objects.filter(verb="association.restore", object_id=str(living.uuid)).exists()


def test_no_key_is_given_twice(living):
    """A link to what came after the archive leads nowhere, rather than to something else."""
    file = living.archive()
    with bound(living.association):
        later = Household.objects.create(name="あとから来た家").pk
    restore(living, file)
    with bound(living.association):
        assert Household.objects.create(name="その次の家").pk > later


def test_what_was_taken_back_stays_taken_back(living):
    with bound(living.association):
        person = living.member("plain")
        token = person.calendar_token
        invitation, _code = living.member("chair").invite(group=Group.objects.first())
    file = living.archive()
    with bound(living.association):
        person.revoke_calendar()
        invitation.withdraw(by="tests")
    restore(living, file)
    with bound(living.association):
        assert Member.objects.of_calendar(token) is None
        assert not Invitation.objects.get(pk=invitation.pk).is_open


def test_files_come_back_and_go_with_what_named_them(living):
    file = living.archive()
    with bound(living.association):
        lost = Attachment.objects.order_by("pk").first()
        stored_files.delete(lost.key)
        later = attach(Post.objects.first(), living.member("chair"), b"later")
    kept = restore(living, file)
    with bound(living.association):
        with stored_files.open(lost.key) as stored:
            assert stored.read().decode() == "chairさん本人の写真"
        assert not stored_files.exists(later.key)
    copy = io.BytesIO()
    kept.fetch(copy)
    restore(living, copy)
    with bound(living.association), stored_files.open(later.key) as stored:
        assert stored.read() == b"later"


def test_an_archive_of_somebody_else_is_refused(living, settle):
    other = settle("hanayama")
    before = rows_of(living.uuid)
    with pytest.raises(archive.BadArchive, match="hanayama町内会's"):
        restore(living, other.archive())
    assert rows_of(living.uuid) == before


def test_all_others_stay_the_same_to_the_byte_while_they_are_written_to(living, settle):
    """Threads write to two others all the while; each row they know of is there, and not one besides."""
    others = [settle("hanayama"), settle("miyanoshita")]
    quiet = settle("shizuka")
    file = living.archive()
    change_things(living)
    untouched = {other.uuid: _rows_but_households(other) for other in others} | {quiet.uuid: rows_of(quiet.uuid)}
    known = {other.uuid: names(other) for other in others}

    def writing_to(other):
        def write(number):
            with bound(other.association):
                return Household.objects.create(name=f"家{number}").name

        return write

    with meanwhile(*map(writing_to, others)) as written:
        for _n in range(3):
            restore(living, io.BytesIO(file.getvalue()))
    assert all(len(rows) > 5 for rows in written)
    for other, rows in zip(others, written, strict=True):
        assert names(other) == known[other.uuid] | set(rows)
        assert _rows_but_households(other) == untouched[other.uuid]
    assert rows_of(quiet.uuid) == untouched[quiet.uuid]
    assert data_of(living.archive()) == data_of(file)


def _rows_but_households(living) -> dict[str, str]:
    return {table: digest for table, digest in rows_of(living.uuid).items() if table != "members_household"}


def test_no_acknowledged_write_is_lost(living):
    """Who writes to the association itself meanwhile finds each write either in it or in what was kept."""
    file = living.archive()

    def writing_as(who):
        def write(number):
            name = f"書き手{who}-{number}"
            with bound(living.association):
                Household.objects.create(name=name)
            return name

        return write

    with meanwhile(writing_as(1), writing_as(2)) as results:
        kept = restore(living, file)
        time.sleep(0.1)
    written = {name for result in results for name in result}
    copy = io.BytesIO()
    kept.fetch(copy)
    before, after = data_of(copy)["data/members_household.jsonl"].decode(), names(living)
    assert all((f'"{name}"' in before) != (name in after) for name in written)
    assert any(name in after for name in written)


def test_a_writer_is_not_the_one_who_fails_where_both_wait_for_each_other(living):
    """It holds a table we come to last and wants one we have; somebody else keeps us in between for a while."""
    file = living.archive()
    keeping, writing = Flag(), Flag()

    def keep_in_between():
        try:
            with bound(living.association), connection.cursor() as cursor:
                cursor.execute("LOCK TABLE members_household IN ROW EXCLUSIVE MODE")
                keeping.set()
                writing.wait(10)
                time.sleep(0.7)
        finally:
            connection.close()

    def write():
        try:
            with bound(living.association), connection.cursor() as cursor:
                cursor.execute("LOCK TABLE members_seatterm IN ROW EXCLUSIVE MODE")
                while not _waits_for(cursor, "members_household"):
                    time.sleep(0.01)
                writing.set()
                cursor.execute("LOCK TABLE members_group IN ROW EXCLUSIVE MODE")
                time.sleep(0.2)
            return "written"
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        kept, written = pool.submit(keep_in_between), pool.submit(write)
        keeping.wait(10)
        restore(living, file)
        kept.result()
        assert written.result() == "written"


def _waits_for(cursor, table):
    cursor.execute("SELECT FROM pg_locks WHERE NOT granted AND relation = %s::regclass", [table])
    return cursor.fetchone() is not None


def test_a_writer_who_stays_makes_it_give_way_and_say_so(living, monkeypatch):
    monkeypatch.setattr(restoring, "TRIES", 2)
    monkeypatch.setattr(restoring, "PAUSE", 0.01)
    monkeypatch.setattr(exchange, "LOCK_TIMEOUT", "100ms")
    file = living.archive()
    change_things(living)
    before = rows_of(living.uuid)
    holding, done = Flag(), Flag()

    def hold():
        try:
            with bound(living.association):
                list(Household.objects.select_for_update(of=("self",)))
                holding.set()
                done.wait(30)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        held = pool.submit(hold)
        holding.wait(10)
        with pytest.raises(OperationalError, match="lock timeout"):
            restore(living, file)
        done.set()
        held.result()
    assert rows_of(living.uuid) == before
    assert fresh_or_former() == []
    restore(living, file)
    assert data_of(living.archive()) == data_of(file)


def test_a_short_wait_is_waited_out(living, monkeypatch):
    monkeypatch.setattr(restoring, "PAUSE", 0.1)
    monkeypatch.setattr(exchange, "LOCK_TIMEOUT", "50ms")
    file = living.archive()
    holding = Flag()

    def hold():
        try:
            with bound(living.association):
                list(Household.objects.select_for_update(of=("self",)))
                holding.set()
                time.sleep(0.5)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        held = pool.submit(hold)
        holding.wait(10)
        restore(living, file)
        held.result()
    assert data_of(living.archive()) == data_of(file)


def kill_myself() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")


@pytest.mark.parametrize("where", ["load", "_load_table", "_bring_up"])
def test_killed_while_it_is_filled_it_leaves_all_as_it_was(living, monkeypatch, where):
    file = living.archive()
    change_things(living)
    before = rows_of(living.uuid)
    real = getattr(filling, where)

    def killed(*args):
        real(*args)
        kill_myself()

    monkeypatch.setattr(filling, where, killed)
    with pytest.raises(Exception, match=r"terminat|closed"):
        restore(living, file)
    connection.close()
    monkeypatch.undo()
    assert rows_of(living.uuid) == before
    restore(living, file)
    assert data_of(living.archive()) == data_of(file)
    assert fresh_or_former() == []


@pytest.mark.parametrize("where", ["hold", "pass_numbers_on", "swap"])
def test_killed_in_the_middle_of_the_exchange_it_leaves_all_as_it_was(living, monkeypatch, where):
    file = living.archive()
    change_things(living)
    before = rows_of(living.uuid)
    real = getattr(exchange, where)

    def killed(*args):
        real(*args)
        kill_myself()

    monkeypatch.setattr(exchange, where, killed)
    with pytest.raises(Exception, match=r"terminat|closed"):
        restore(living, file)
    connection.close()
    monkeypatch.undo()
    assert rows_of(living.uuid) == before
    assert schemas.schema_ready(living.uuid)


def test_killed_before_the_former_state_is_safe_the_next_one_keeps_it(living, monkeypatch):
    file = living.archive()
    change_things(living)
    changed = data_of(living.archive())
    monkeypatch.setattr(restoring, "finish", lambda association: None)
    archive.restore(living.association, file, by="tests")
    monkeypatch.undo()
    assert len(fresh_or_former()) == 1
    restore(living, file)
    assert fresh_or_former() == []
    with public():
        kept = Archive.objects.filter(association=living.uuid, kind=Archive.Kind.SAFETY).earliest("pk")
        kept = Archive.objects.select_related("association").get(pk=kept.pk)
    copy = io.BytesIO()
    kept.fetch(copy)
    assert data_of(copy) == changed


def test_an_object_store_that_refuses_is_reported_and_the_former_state_stays(living, monkeypatch):
    file = living.archive()
    change_things(living)
    changed = data_of(living.archive())
    real = default_storage.save

    def full(name, content):
        if name.startswith("archives/"):
            raise OSError("No space left on device")
        return real(name, content)

    monkeypatch.setattr(default_storage, "save", full)
    with pytest.raises(OSError, match="No space"):
        restore(living, file)
    assert len(fresh_or_former()) == 1
    with public():
        assert Archive.objects.get(association=living.uuid).state == Archive.State.FAILED
    monkeypatch.undo()
    kept = restoring.finish(living.association)
    copy = io.BytesIO()
    kept.fetch(copy)
    assert data_of(copy) == changed
    assert data_of(living.archive()) == data_of(file)


@pytest.fixture
def older(living):
    """The association as a release before this one left it: it had no calendar yet."""
    from django.db.migrations.executor import MigrationExecutor

    with template.scratch("scratch_before"), template.pinned("scratch_before"):
        executor = MigrationExecutor(connection)
        executor.migrate([node for node in executor.loader.graph.leaf_nodes() if node[0] != "calendar"])
        then = [name for name in template.release() if name[0] != "calendar"]
        ddl = f"{catalog.ddl('scratch_before')};\n{template.history(then)}"
    with connection.cursor() as cursor:
        for table in shape.tables(schema_name(living.uuid)):
            if table.startswith("calendar_"):
                cursor.execute(f'DROP TABLE "{schema_name(living.uuid)}"."{table}" CASCADE')
        cursor.execute(f"DELETE FROM \"{schema_name(living.uuid)}\".django_migrations WHERE app = 'calendar'")
    yield living, Template(fingerprint=template.fingerprint(then), ddl=ddl)
    with public():
        Template.objects.filter(fingerprint=template.fingerprint(then)).delete()


def test_an_archive_of_an_older_release_is_brought_up(older, monkeypatch):
    living, kept = older
    monkeypatch.setattr("provisioning.archive.spreadsheets.SHEETS", ())  # this release's pages do not fit that one
    with public():
        kept.save()
    file = living.archive()
    assert archive.verify(file).release == kept.fingerprint
    restore(living, file)
    with template.scratch("scratch_now"):
        template.migrate("scratch_now")
        assert catalog.fingerprint(schema_name(living.uuid)) == catalog.fingerprint("scratch_now")
    assert schemas.missing_migrations(living.uuid) == frozenset()
    assert "紙の家" in names(living)
    assert set(shape.tables(schema_name(living.uuid))) >= {"calendar_event"}


def test_an_archive_of_a_release_nobody_knows_is_refused(older, monkeypatch):
    living, _kept = older
    monkeypatch.setattr("provisioning.archive.spreadsheets.SHEETS", ())
    before = rows_of(living.uuid)
    with pytest.raises(archive.BadArchive, match="not known here"):
        restore(living, living.archive())
    assert rows_of(living.uuid) == before
