"""P3, P4: an unbound context reaches no table; an association's role reaches only its own."""

import threading

import pytest
from django.apps import apps
from django.db import InternalError, ProgrammingError, connection, transaction

from controlplane.associations.models import Association
from controlplane.tenancy import Unbound, bound, current, public, schemas, unbound
from controlplane.tenancy.binding import schema_name
from tenants.feed.models import Post
from tenants.members.models import Member

OWN_MODELS = [m for m in apps.get_models() if m._meta.managed and not m._meta.proxy]


@pytest.mark.parametrize("model", OWN_MODELS, ids=lambda m: m._meta.label)
def test_every_model_raises_when_nothing_is_bound(db, model):
    with pytest.raises(ProgrammingError), transaction.atomic():
        model.objects.exists()


@pytest.mark.parametrize("model", OWN_MODELS, ids=lambda m: m._meta.label)
def test_every_model_raises_in_a_new_thread_while_the_caller_is_bound(tonan, model):
    caught: list[Exception] = []

    def ask():
        try:
            model.objects.exists()
        except Exception as error:
            caught.append(error)
        finally:
            connection.close()

    with bound(tonan):
        thread = threading.Thread(target=ask)
        thread.start()
        thread.join()
    assert caught, f"{model._meta.label} answered in an unbound thread"


def test_nested_bindings_put_the_outer_one_back(tonan, fujishiro, assert_unbound):
    with bound(tonan):
        with bound(fujishiro):
            assert _names() == {"藤城台だけの話"}
        assert _names() == {"桃南だけの話"}
        with public():
            assert Association.objects.count() == 2
        assert _names() == {"桃南だけの話"}
    assert_unbound()


def test_an_exception_inside_a_nested_binding_puts_the_outer_one_back(tonan, fujishiro, assert_unbound):
    with bound(tonan):
        with pytest.raises(ProgrammingError), bound(fujishiro), connection.cursor() as cursor:
            cursor.execute("SELECT * FROM no_such_table")
        assert _names() == {"桃南だけの話"}
    assert_unbound()


def test_a_caught_error_inside_public_leaves_the_outer_binding(tonan):
    with bound(tonan):
        with pytest.raises(Association.DoesNotExist), public():
            Association.objects.get(slug="nobody")
        assert current().uuid == tonan.uuid
        assert _names() == {"桃南だけの話"}


def test_unbound_blanks_and_restores(tonan):
    with bound(tonan):
        with unbound(), pytest.raises(Unbound):
            current()
        assert _names() == {"桃南だけの話"}


@pytest.mark.parametrize("model", OWN_MODELS, ids=lambda m: m._meta.label)
def test_a_role_is_denied_every_table_but_its_own(tonan, fujishiro, model):
    """Even with the schema spelled out, PostgreSQL itself refuses."""
    for schema in ("public", schema_name(fujishiro.uuid)):
        with pytest.raises((ProgrammingError, InternalError)), bound(tonan), connection.cursor() as cursor:
            cursor.execute(f'SELECT 1 FROM "{schema}"."{model._meta.db_table}"')


def test_a_role_may_not_change_definitions(tonan):
    for statement in ("DROP TABLE feed_post", "ALTER TABLE feed_post ADD COLUMN x int", "CREATE TABLE x (y int)"):
        with pytest.raises(ProgrammingError), bound(tonan), connection.cursor() as cursor:
            cursor.execute(statement)


def test_a_planted_schema_is_neither_adopted_nor_dropped(tonan, db):
    from uuid import uuid4

    uuid = uuid4()
    with connection.cursor() as cursor:
        cursor.execute(f'CREATE SCHEMA "{schema_name(uuid)}"')
    with pytest.raises(schemas.ForeignSchema):
        schemas.create_schema(uuid)
    with pytest.raises(schemas.ForeignSchema):
        schemas.drop(uuid)
    assert schemas.schema_stamp(uuid) == ""


@pytest.mark.django_db(transaction=False)
def test_two_associations_share_primary_keys_and_nothing_else(tonan, fujishiro):
    with bound(tonan):
        ours = dict(Post.objects.values_list("pk", "body"))
    with bound(fujishiro):
        theirs = dict(Post.objects.values_list("pk", "body"))
    assert ours.keys() == theirs.keys()
    assert not set(ours.values()) & set(theirs.values())


def _names() -> set[str]:
    return {name.split()[-1] for name in Member.objects.values_list("name", flat=True)}
