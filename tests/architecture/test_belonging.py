"""No object is written, read anew or followed under another binding than its own. New models need no line here."""

from uuid import uuid4

import pytest
from django.apps import apps
from django.conf import settings
from django.db import models

from controlplane.accounts.models import User
from controlplane.associations.models import Association
from controlplane.tenancy import bound, bound_beside, public
from controlplane.tenancy.belonging import Misplaced
from controlplane.tenancy.binding import schema_name
from tenants.feed.models import Comment, Post
from tenants.members.models import Group, Household, Member

MODELS = [model for model in apps.get_models() if model._meta.managed and not model._meta.proxy]
KEYS = {"UUIDField": uuid4(), "CharField": "x"}
PRESENT = {"members.Member", "members.Household", "feed.Post", "feed.Comment", "accounts.User", "calendar.Event"}


def side(model):
    name = apps.get_app_config(model._meta.app_label).name
    return name in settings.SHARED_APPS, name in settings.TENANT_APPS


def loaded(model, association):
    """One as a query gives it, and one with everything deferred; made up where the cast has none."""
    key = {model._meta.pk.attname: KEYS.get(model._meta.pk.get_internal_type(), 1)}
    row = {field.attname: None for field in model._meta.concrete_fields} | key
    with bound(association) if side(model)[1] else public():
        whole = model._base_manager.first() or _as_if_loaded(model, row)
        bare = model._base_manager.only("pk").first() or _as_if_loaded(model, key)
    return whole, bare


def _as_if_loaded(model, row):
    return model.from_db(model._base_manager.db, list(row), list(row.values()))


def asking(whole, bare):
    """Every way from an object to the database, by name."""
    yield "save", whole.save
    yield "save of some fields", lambda: whole.save(update_fields=[whole._meta.concrete_fields[-1].name])
    yield "delete", whole.delete
    yield "refresh_from_db", whole.refresh_from_db
    deferred = [field.attname for field in bare._meta.concrete_fields if field.attname in bare.get_deferred_fields()]
    if deferred:
        yield f"deferred {deferred[0]}", lambda: getattr(bare, deferred[0])
    for relation in whole._meta.get_fields():
        if relation.is_relation and (relation.one_to_many or relation.many_to_many):
            name = relation.get_accessor_name() if relation.auto_created else relation.name
            yield f"list {name}", lambda name=name: list(getattr(whole, name).all())
        elif relation.is_relation and relation.concrete and getattr(whole, relation.attname):
            _forget(whole, relation)
            yield f"follow {relation.name}", lambda name=relation.name: getattr(whole, name)


def _forget(whole, relation):
    if relation.is_cached(whole):
        relation.delete_cached_value(whole)


def answered(whole, bare):
    found = []
    for way, ask in asking(whole, bare):
        try:
            ask()
        except Misplaced:
            continue
        except Exception as error:
            found.append(f"{whole._meta.label}: {way}: {error!r}")
        else:
            found.append(f"{whole._meta.label}: {way}")
    return found


def test_no_model_answers_where_another_association_is_bound(tonan, fujishiro):
    wrong, seen = [], set()
    for model in MODELS:
        pair = loaded(model, tonan)
        seen |= {model._meta.label} if pair[0].pk and not pair[0]._state.adding else set()
        with bound(fujishiro):
            wrong += answered(*pair)
    assert wrong == []
    assert seen >= PRESENT


def test_no_model_of_an_association_answers_in_public(tonan):
    wrong = []
    for model in MODELS:
        if side(model)[1]:
            pair = loaded(model, tonan)
            with public():
                wrong += answered(*pair)
    assert wrong == []


def test_a_former_or_coming_schema_of_the_same_association_is_another_place(tonan):
    with bound(tonan):
        member = Member.objects.first()
    with bound_beside(tonan, schema_name(tonan.uuid)), pytest.raises(Misplaced):
        member.save()


def test_at_home_everything_answers_as_ever(tonan):
    with bound(tonan):
        home = Household.objects.create(name="新しい家", group=Group.objects.first())
    with bound(tonan):
        home.name = "もっと新しい家"
        home.save(update_fields=["name"])
        home.refresh_from_db()
        assert Household.objects.only("pk").get(pk=home.pk).name == "もっと新しい家"
        assert list(home.members.all()) == []
        home.delete()
    with public():
        Association.objects.get(slug="tonan").save(update_fields=["name"])


def test_what_is_made_from_a_foreign_object_is_refused_before_it_is_kept(tonan, fujishiro):
    with bound(tonan):
        author, post = Member.objects.first(), Post.objects.first()
    with bound(fujishiro):
        ours = Post.objects.first()
        with pytest.raises(Misplaced):
            Comment(post=post, body="…")
        with pytest.raises(Misplaced):
            ours.author = author
        with pytest.raises(Misplaced):
            ours.comments.create(author=author, body="…")
        assert Comment.objects.filter(body="…").count() == 0


def test_a_row_made_in_bulk_remembers_as_well(tonan, fujishiro):
    with bound(tonan):
        made = Group.objects.bulk_create([Group(name="9組", position=9)])[0]
    with bound(fujishiro), pytest.raises(Misplaced):
        made.save()


def test_related_rows_asked_for_at_home_are_not_read_elsewhere(tonan, fujishiro):
    with bound(tonan):
        later = Member.objects.exclude(household=None).first().household.members.all()
    with bound(fujishiro), pytest.raises(Misplaced):
        list(later)
    with bound(tonan):
        assert list(later)


def test_rows_fetched_ahead_are_not_fetched_elsewhere(tonan, fujishiro):
    with bound(tonan):
        homes = list(Household.objects.all())
    with bound(fujishiro), pytest.raises(Misplaced):
        models.prefetch_related_objects(homes, "members")


def test_the_words_of_a_row_do_not_stand_in_the_refusal(tonan, fujishiro):
    with bound(tonan):
        user = User.objects.first()
    with bound(fujishiro), pytest.raises(Misplaced) as refusal:
        user.save()
    assert "example.jp" not in str(refusal.value)
