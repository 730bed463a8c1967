"""Bindings: nested, failing, put back; what an unbound context and a role may not do is in tests/architecture."""

import pytest
from django.db import ProgrammingError, connection

from controlplane.associations.models import Association
from controlplane.tenancy import Unbound, bound, current, public, schemas, unbound
from controlplane.tenancy.binding import schema_name
from tenants.feed.models import Post
from tenants.members.models import Member


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
