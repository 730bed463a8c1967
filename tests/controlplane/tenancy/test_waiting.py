"""Letting go of a transaction in the middle, and the guard at the edge: nobody waits for another server in one."""

from contextlib import suppress

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import ProgrammingError, connection, transaction

from controlplane.associations.models import Association
from controlplane.tenancy import At, Unbound, between_transactions, bound, current, naming, public, snapshot, unbound
from controlplane.tenancy.read_only import read_only
from controlplane.tenancy.waiting import WaitsInTransaction, refuse_in_transaction, waits_on_purpose
from tenants.members.models import Group


class Later(Exception):
    """Something goes wrong in the second part."""


@pytest.fixture
def house(django_db_setup, django_db_blocker):
    """桃南会 with transactions of our own: nothing stands around them."""
    with django_db_blocker.unblock():
        with public():
            tonan = Association.objects.get(slug="tonan")
        yield tonan
        with bound(tonan):
            Group.objects.filter(name__startswith="試し").delete()
        connection.close()


def names():
    return set(Group.objects.filter(name__startswith="試し").values_list("name", flat=True))


def make(name):
    Group.objects.create(name=name, position=9)


def test_what_came_before_stays_and_only_what_came_after_is_undone(house):
    with suppress(Later), bound(house):
        make("試し 先")
        with between_transactions():
            pass
        make("試し 後")
        raise Later
    with bound(house):
        assert names() == {"試し 先"}


def test_nothing_is_held_in_between(house):
    with bound(house), public():
        Association.objects.select_for_update().get(pk=house.pk)
        with between_transactions():
            assert connection.connection.info.transaction_status.name == "IDLE"
            assert not connection.in_atomic_block
            with connection.cursor() as cursor:
                cursor.execute("SELECT current_setting('search_path'), current_user = session_user")
                assert cursor.fetchone() == ("unbound", True)
            with pytest.raises(ProgrammingError):
                Group.objects.count()
        assert Association.objects.get(pk=house.pk).slug == "tonan"
        assert current().uuid is None


def test_the_outer_binding_stands_again_after_an_inner_one_was_let_go_of(house):
    with bound(house):
        make("試し 外")
        with public():
            with between_transactions():
                pass
            assert Association.objects.filter(pk=house.pk).exists()
        assert current().uuid == house.pk
        assert names() == {"試し 外"}
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_user")
            assert cursor.fetchone() == (f"a_{house.pk.hex}",)


def test_files_and_cache_keys_keep_their_owner(house):
    with bound(house), between_transactions():
        assert (current().uuid, current().key) == (house.pk, house.pk.hex)
        with bound(At(house.pk)):
            make("試し 間")
        with pytest.raises(ProgrammingError):
            Group.objects.count()
    with bound(house):
        assert names() == {"試し 間"}


def test_what_waits_for_the_commit_is_done_before_the_wait(house):
    done = []
    with bound(house):
        make("試し")
        transaction.on_commit(lambda: done.append(connection.in_atomic_block))
        with between_transactions():
            assert done == [False]


def test_a_failure_in_between_comes_out_bound_again(house):
    with bound(house):
        with pytest.raises(OSError, match="away"), between_transactions():
            raise OSError("away")
        make("試し")
        assert names() == {"試し"}


def test_nothing_is_let_go_of_that_promised_to_be_whole(house):
    with bound(house), transaction.atomic(), pytest.raises(RuntimeError, match="no binding's"):
        between_transactions().__enter__()
    with snapshot(house), pytest.raises(RuntimeError, match="no binding's"):
        between_transactions().__enter__()
    with bound(house), read_only(), pytest.raises(RuntimeError, match="no binding's"):
        between_transactions().__enter__()
    with bound(house), unbound(), pytest.raises(Unbound):
        between_transactions().__enter__()
    with bound(house):
        transaction.set_rollback(True)
        with pytest.raises(transaction.TransactionManagementError):
            between_transactions().__enter__()


def test_without_a_transaction_there_is_nothing_to_let_go_of(house):
    with between_transactions():
        pass
    with naming(house), between_transactions():
        assert current().uuid == house.pk


def test_in_a_test_that_rolls_back_it_behaves_alike(tonan):
    with suppress(Later), bound(tonan):
        make("試し 先")
        with between_transactions():
            refuse_in_transaction("Anything")
            with transaction.atomic(), pytest.raises(ProgrammingError), transaction.atomic():
                Group.objects.count()
        make("試し 後")
        raise Later
    with bound(tonan):
        assert names() == {"試し 先"}


def test_the_object_store_is_not_asked_in_a_transaction(tonan):
    with bound(tonan):
        with pytest.raises(WaitsInTransaction):
            default_storage.save("attachments/x", ContentFile(b"x"))
        with pytest.raises(WaitsInTransaction):
            default_storage.exists("attachments/x")
        with pytest.raises(WaitsInTransaction):
            default_storage.open("attachments/x")
        assert default_storage.link("attachments/x", filename="x").startswith("http")
        with between_transactions():
            default_storage.put("attachments/x", b"x" * 9_000_000)
            assert default_storage.get("attachments/x") == b"x" * 9_000_000
        with waits_on_purpose("to see"):
            default_storage.delete("attachments/x")


def test_in_production_the_guard_says_it_in_the_log_and_lets_it_pass(tonan, settings, caplog):
    settings.DEVELOPMENT = False
    with bound(tonan):
        refuse_in_transaction("Stripe")
    assert "waits_in_transaction" in caplog.text
