"""A closed association is dropped, to a tombstone, whoever is killed on the way; and never without all three proofs."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction
from django.utils import timezone

from controlplane.associations.models import Association, Domain
from controlplane.tenancy import bound, proof, public, schemas, template
from controlplane.tenancy.binding import schema_name
from provisioning.models import Application, Approval, Closure, SchemaRelease
from provisioning.tasks import tend_closures
from tests.provisioning.endings import APPLICANT, approve, close, exists, fresh, letters, ripe, visit
from tests.stored import default_storage


def dropped(association, two):
    closure = ripe(association)
    for operator in two:
        approve(closure, operator)
    fresh(closure).tend()
    return fresh(closure)


def test_dropping_takes_schema_role_files_and_people_and_leaves_a_tombstone(ending, two):
    closure = dropped(ending, two)
    assert closure.dropped_at
    assert closure.settled_at
    assert not exists(ending)
    assert not schemas.role_exists(ending.uuid)
    assert list(default_storage.bucket.objects.filter(Prefix=f"{ending.uuid.hex}/")) == []
    with public():
        row = Association.objects.get(pk=ending.pk)
        assert (row.name, row.address, row.postal_code, row.state) == ("おわり町内会", "", "", "closed")
        application = Application.objects.get(association=row)
        assert application.representative_email == application.representative_name == ""
        assert application.representative_phone == application.address == ""
        assert not SchemaRelease.objects.filter(association=row).exists()
    assert letters() == letters(APPLICANT) == []
    assert visit(ending).status_code == 410
    with public(), default_storage.open(closure.dump_key) as stored:
        assert stored.read(2) == b"PK"


def test_the_dump_goes_a_year_after_the_drop(ending, two):
    closure = dropped(ending, two)
    tend_closures()
    assert fresh(closure).dump_key
    with public():
        long_ago = timezone.now() - timedelta(days=366)
        Closure.objects.filter(pk=closure.pk).update(dropped_at=long_ago, retained_until=long_ago - timedelta(days=1))
    tend_closures()
    with public():
        assert not default_storage.exists(closure.dump_key)
    assert (fresh(closure).dump_key, fresh(closure).dump_sha256) == ("", closure.dump_sha256)


def test_a_slug_on_a_tombstone_is_never_given_again(ending, two):
    dropped(ending, two)
    with public():
        with pytest.raises(ValidationError) as refusal:
            Association.objects.reserve(ending.slug, name="あと", city_id=ending.city_id, households=1)
        assert "もう使われています" in refusal.value.message_dict["slug"][0]


def test_what_is_gone_cannot_be_undone(ending, two):
    closure = dropped(ending, two)
    with public(), pytest.raises(ValidationError, match="もう消えています"):
        closure.undo(by="運営 1")


def test_a_dump_that_was_damaged_since_stops_the_drop_and_wants_new_approvals(ending, two):
    closure = ripe(ending)
    for operator in two:
        approve(closure, operator)
    with public():
        default_storage.save(closure.dump_key, ContentFile(b"PK damaged"))
    fresh(closure).tend()
    assert exists(ending)
    assert fresh(closure).dump_verified_at is None
    fresh(closure).tend()  # a new dump is made; it says when it was made, so it is another file
    assert fresh(closure).dump_verified_at
    fresh(closure).tend()
    assert exists(ending)
    for operator in two:
        approve(closure, operator)
    fresh(closure).tend()
    assert not exists(ending)


class Killed(BaseException):
    """A worker that is no more."""


@pytest.mark.parametrize("point", ["schemas.drop", "default_storage.empty", "erasure.forget", "Customer.end"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_killed_anywhere_the_next_one_finishes(ending, two, monkeypatch, point, when):
    from provisioning.closing import ending as steps

    closure = ripe(ending)
    for operator in two:
        approve(closure, operator)
    owner, name = point.split(".")
    real = getattr(getattr(steps, owner), name)

    def killed(*arguments):
        if when == "after":
            real(*arguments)
        raise Killed

    monkeypatch.setattr(getattr(steps, owner), name, killed)
    with pytest.raises(Killed):
        fresh(closure).tend()
    monkeypatch.undo()
    assert exists(ending) == (fresh(closure).dropped_at is None)
    fresh(closure).tend()
    assert not exists(ending)
    assert fresh(closure).settled_at
    with public():
        assert Application.objects.get(association=ending).representative_email == ""


# --- the guard ---


def refuses(association):
    with pytest.raises(proof.NoProof):
        schemas.drop(association.uuid)
    return exists(association) and schemas.role_exists(association.uuid)


def test_nobody_drops_a_live_schema(ending):
    assert refuses(ending)
    with public():
        ending.suspend(by="運営 1", reason="相談中")
    assert refuses(ending)


def test_taking_one_proof_away_is_enough_to_keep_the_schema(ending, two):
    closure = ripe(ending)
    for operator in two:
        approve(closure, operator)
    whole = {"retained_until": closure.retained_until, "dump_verified_at": closure.dump_verified_at, "undone_at": None}
    for missing in (
        {"retained_until": timezone.now() + timedelta(hours=1)},
        {"dump_verified_at": None},
        {"dump_sha256": "0" * 64},
        {"undone_at": timezone.now()},
    ):
        with public():
            Closure.objects.filter(pk=closure.pk).update(**missing)
        assert refuses(ending), missing
        with public():
            Closure.objects.filter(pk=closure.pk).update(**whole, dump_sha256=closure.dump_sha256)
    with public():
        Approval.objects.filter(closure=closure, operator=two[0]).delete()
    assert refuses(ending)


def test_forgetting_that_it_was_live_does_not_help(ending):
    with public():
        Association.objects.filter(pk=ending.pk).update(live_at=None)
    assert refuses(ending)
    with public():
        Association.objects.filter(pk=ending.pk).update(live_at=timezone.now())
        host = Domain.objects.get(association=ending)
        Domain.objects.filter(pk=host.pk).delete()
    assert refuses(ending)


def test_a_schema_with_people_and_without_a_row_is_kept(ending):
    with public(), transaction.atomic():
        Closure.objects.filter(association=ending).delete()
        Application.objects.filter(association=ending).delete()
        Domain.objects.filter(association=ending).delete()
        SchemaRelease.objects.filter(association=ending).delete()
        Association.objects.filter(pk=ending.pk).delete()
    assert refuses(ending)


def test_files_stay_while_the_schema_is_there(ending):
    with pytest.raises(PermissionError):
        default_storage.empty(ending.uuid)
    with bound(ending):
        assert default_storage.exists("attachments/x")


def test_the_database_itself_refuses_a_drop_that_is_not_ripe(ending):
    closure = close(ending)
    with public(), pytest.raises(IntegrityError), transaction.atomic():
        Closure.objects.filter(pk=closure.pk).update(dropped_at=timezone.now())


def test_a_schema_is_dropped_in_these_places_only():
    """The guard stands in `schemas.drop`; spares, scratch schemas and a restore's former one have other names."""
    root = Path(__file__).parents[2]
    folders = ("platform", "provisioning", "tenants", "billing", "web", "api")
    sources = [path for folder in folders for path in (root / folder).rglob("*.py")]
    found = {path.name for path in sources if "DROP SCHEMA" in path.read_text()}
    assert found == {"schemas.py", "template.py", "exchange.py"}


def test_a_scratch_schema_cannot_bear_an_association_s_name(ending):
    with pytest.raises(ValueError, match="own schema"), template.scratch(schema_name(ending.uuid)):
        pass
    assert exists(ending)
