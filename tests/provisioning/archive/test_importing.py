"""A new association from an archive: equal to the last byte, live, its own; and nothing at all when it fails."""

import io

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from controlplane.associations.models import Association
from controlplane.cities.models import City
from controlplane.tenancy import bound, catalog, public, schemas
from controlplane.tenancy.binding import schema_name
from provisioning import archive
from provisioning.archive import importing
from provisioning.models import SchemaRelease
from tenants.feed.models import Attachment, Post
from tenants.members.models import Household, Member
from tenants.search.models import Entry
from tenants.search.question import Question
from tenants.search.shelves import find
from tests.provisioning.archive.conftest import Living, data_of, everything
from tests.stored import default_storage

# Whatever a text column takes: everything but NUL and halves of surrogate pairs.
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=60)


def city() -> City:
    with public():
        return City.objects.get(slug="kyoto")


def take_in(file: io.BytesIO, slug: str = "newcomer") -> Association:
    return archive.take_in(file, slug=slug, city=city(), by="tests")


def test_export_import_export_is_equal(living):
    first = living.archive()
    made = take_in(first)
    assert made.uuid != living.uuid
    second = Living(made).archive()
    assert data_of(second) == data_of(first)
    assert len(data_of(first)) > 15


def test_the_new_site_is_live_and_people_sign_in_there(living):
    made = take_in(living.archive())
    with public():
        assert made.state == "live"
        assert made.host == "newcomer.kairan.localhost"
        assert SchemaRelease.objects.get(association=made).fingerprint
    assert schemas.schema_ready(made.uuid)
    with bound(made):
        assert Member.objects.get(name="plainさん本人").user.email == "plain@tokoji.example.jp"
        assert Member.objects.get(name="plainさん本人").user.tokens.count() == 0
        client = Client(HTTP_HOST="newcomer.kairan.localhost")
        client.force_login(Member.objects.get(name="plainさん本人").user)
    assert "清掃のお知らせ" in client.get("/").content.decode()


def test_its_schema_is_like_any_other(living):
    made = take_in(living.archive())
    assert catalog.fingerprint(schema_name(made.uuid)) == catalog.fingerprint(schema_name(living.uuid))
    with connection.cursor() as cursor:
        name = schema_name(made.uuid)
        for right in ("SELECT", "INSERT", "UPDATE", "DELETE"):
            cursor.execute("SELECT has_table_privilege(%s, %s, %s)", [name, f'"{name}".feed_post', right])
            assert cursor.fetchone() == (True,)
        cursor.execute("SELECT has_schema_privilege(%s, %s, 'USAGE')", [name, schema_name(living.uuid)])
        assert cursor.fetchone() == (False,)


def test_files_lie_under_its_own_prefix(living):
    made = take_in(living.archive())
    with bound(living.association):
        for key in Attachment.objects.values_list("key", flat=True):
            default_storage.delete(key)
    with bound(made):
        for attachment in Attachment.objects.all():
            with default_storage.open(attachment.key) as stored:
                assert stored.read().decode() in ("chairさん本人の写真", "plainさん本人の写真")


def test_search_finds_there_what_it_found_here(living):
    made = take_in(living.archive())
    with public():
        assert SchemaRelease.objects.get(association=made).indexed_at
    rows = ("kind", "object_id", "at", "text", "grams")
    with bound(living.association):
        here = sorted(Entry.objects.values_list(*rows))
    with bound(made):
        assert sorted(Entry.objects.values_list(*rows)) == here
        member = Member.objects.with_seats().get(name="plainさん本人")
        assert [each.title for each in find(member, Question.asking("軍手")).found] == ["清掃のお知らせ"]


def test_new_rows_go_on_counting(living):
    made = take_in(living.archive())
    with bound(made):
        last = Household.objects.latest("pk").pk
        assert Household.objects.create(name="新しい家").pk == last + 1


@pytest.mark.parametrize("slug", ["tokoji", "www", "X", "a--b", "xn--abc"])
def test_a_slug_that_cannot_be_had(living, slug):
    file, before = living.archive(), everything()
    with pytest.raises(ValidationError):
        take_in(file, slug)
    assert everything() == before


@pytest.mark.parametrize("where", ["load", "_bring_up", "_put"])
def test_a_failure_while_it_is_filled_leaves_nothing(living, monkeypatch, where):
    from provisioning.archive import filling

    file, before = living.archive(), everything()
    real = getattr(filling, where)

    def fail(*args):
        real(*args)
        raise OSError("No space left on device")

    monkeypatch.setattr(filling, where, fail)
    with pytest.raises(OSError, match="No space"):
        take_in(file)
    assert everything() == before


def test_a_failure_at_the_very_end_leaves_nothing(living, monkeypatch):
    file, before = living.archive(), everything()
    monkeypatch.setattr(Association, "open", lambda self: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        take_in(file)
    assert everything() == before


def test_a_killed_import_is_taken_up_by_the_next(living, monkeypatch):
    """Its backend is gone in the middle, as with kill -9: nothing can be tidied up, and nothing needs to be."""
    file = living.archive()
    real = importing._found

    def killed(association, manifest, *, by):
        real(association, manifest, by=by)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    monkeypatch.setattr(importing, "_found", killed)
    with pytest.raises(Exception, match=r"terminat|closed"):
        take_in(file)
    connection.close()
    monkeypatch.undo()
    with public():
        assert not Association.objects.filter(slug="newcomer").exists()
    made = take_in(file)
    assert data_of(Living(made).archive()) == data_of(file)
    assert not [name for name in everything()["schemas"] if name.startswith("fresh_")]


def test_of_two_at_once_one_wins(living):
    from concurrent.futures import ThreadPoolExecutor

    content = living.archive().getvalue()

    def one(_number):
        try:
            return take_in(io.BytesIO(content)).slug
        except ValidationError:
            return "taken"
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(one, range(2))) == ["newcomer", "taken"]
    assert not [name for name in everything()["schemas"] if name.startswith("fresh_")]


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(texts=st.lists(TEXT, min_size=1, max_size=5))
def test_any_text_survives(shared_living, texts):
    """Emoji, 𠮷, right-to-left, control characters, quotes, backslashes: what a person typed comes back as typed."""
    odd = [*texts, "𠮷野家\u2028\u2029", "\x01\x02\x1b\x7f", '\\n"\\.\n\\.', "שלום\u202eعربي", "‪a‬\ufeff", "\r\n\t"]
    with bound(shared_living.association):
        Post.objects.all().update(withdrawn_at=None)
        writer = Member.objects.get(name="plainさん本人")
        posts = [Post.objects.create(author=writer, title=text[:60], body=text * 3) for text in odd]
    try:
        with public():
            number = Association.objects.count()
        made = take_in(shared_living.archive(), f"text-{number}-{posts[0].pk}")
        with bound(made):
            kept = dict(Post.objects.filter(pk__in=[post.pk for post in posts]).values_list("pk", "body"))
        assert kept == {post.pk: post.body for post in posts}
    finally:
        with bound(shared_living.association):
            Post.objects.filter(pk__in=[post.pk for post in posts]).delete()
