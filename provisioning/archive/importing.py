"""Making a new association from an archive. Until the last transaction commits there is none, and nothing of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, cast
from uuid import UUID, uuid5

from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.db import IntegrityError, connection
from django.utils.translation import gettext as _

from controlplane.associations.models import Association, Domain
from controlplane.associations.slugs import validate_slug
from controlplane.audit.models import record
from controlplane.cities.models import City
from controlplane.tenancy import bound_beside, exchange, naming, public, schemas
from controlplane.tenancy.storage import AssociationStorage
from provisioning.archive.filling import filled
from provisioning.archive.manifest import Manifest
from provisioning.archive.reading import opened
from provisioning.models.erasures import Erasure
from provisioning.models.releases import SchemaRelease
from provisioning.tasks import publish_adoption


def take_in(file: IO[bytes], *, slug: str, city: City, by: object) -> Association:
    """Make a new, live association of what the archive holds. Call unbound.

    Raises BadArchive, or ValidationError for a slug that cannot be had; on any failure nothing is left behind.
    """
    with opened(file) as archive:
        association = _planned(archive.manifest, slug, city)
        with public():
            _check_free(association)
        with filled(association, archive) as schema, _no_files_left(association):
            with bound_beside(association, schema):
                Erasure.objects.repeat(archive.manifest.association)
            with naming(association):
                _storage().prepare()
            with public():
                _found(association, archive.manifest, by=by)
    return association


def _planned(manifest: Manifest, slug: str, city: City) -> Association:
    """The same import always plans the same uuid: what a killed one left in the object store is used by the next."""
    facts = {name: value for name, value in manifest.facts.items() if name not in ("slug", "city")}
    uuid: UUID = uuid5(manifest.association, slug)
    return Association(uuid=uuid, slug=slug, city=city, households=manifest.households, **facts)


def _check_free(association: Association) -> None:
    validate_slug(association.slug)
    association.clean_fields(exclude=["slug"])
    slug_taken = Association.objects.filter(slug=association.slug).exists()
    if slug_taken or Domain.objects.filter(host=association.host).exists():
        raise _taken()


@contextmanager
def _no_files_left(association: Association) -> Iterator[None]:
    """Tidy up while the fresh schema is still locked; what belongs to an association that is there stays."""
    try:
        yield
    except BaseException:
        if not connection.is_usable():
            connection.close()
        if schemas.schema_stamp(association.uuid) is None:
            _storage().empty(association.uuid)
        raise


def _found(association: Association, manifest: Manifest, *, by: object) -> None:
    try:
        association.save(force_insert=True)
    except IntegrityError as error:  # somebody was faster
        raise _taken() from error
    exchange.settle(association.uuid)
    SchemaRelease.note(association.uuid)
    record("association.import", association, by=by, of=str(manifest.association), rows=manifest.rows)
    association.open()
    publish_adoption.on_commit(str(association.uuid))


def _taken() -> ValidationError:
    return ValidationError({"slug": _("この名前は、もう使われています。ほかの名前にしてください。")})


def _storage() -> AssociationStorage:
    return cast(AssociationStorage, default_storage)
