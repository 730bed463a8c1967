"""Bringing one association back to an archive of its own, beside everybody else's work.

A fresh schema is filled and checked while the site goes on. Then, in one short transaction, the site's writers are let
out, the two schemas change names, and who waited goes on in the new one. The former schema holds every acknowledged
write until an archive of it is safe in the object store; a process killed before that is finished by the next one.
In that same transaction the association's bulletins fall due again, so that those sent since the archive come back.
"""

import time
from typing import IO, cast

from django.core.files.storage import default_storage
from django.db import OperationalError, connection
from psycopg import sql

from controlplane.associations.models import Association, BulletinCopy
from controlplane.audit.models import record
from controlplane.tenancy import bound, bound_beside, exchange, public
from controlplane.tenancy.binding import schema_name
from controlplane.tenancy.storage import AssociationStorage
from provisioning.archive import contents
from provisioning.archive.filling import filled
from provisioning.archive.manifest import BadArchive, Manifest
from provisioning.archive.reading import opened
from provisioning.models.archives import Archive
from provisioning.models.erasures import Erasure
from provisioning.models.releases import SchemaRelease

TRIES = 10
PAUSE = 0.5  # seconds, longer with each try

# What was taken back since the archive was made stays taken back: calendar feeds, invitations.
_TAKEN_BACK = (
    "UPDATE {fresh}.members_member n SET calendar_revision = o.calendar_revision FROM {own}.members_member o"
    " WHERE o.id = n.id AND o.calendar_revision > n.calendar_revision",
    "UPDATE {fresh}.members_invitation n SET used = greatest(n.used, o.used),"
    " withdrawn_at = coalesce(o.withdrawn_at, n.withdrawn_at) FROM {own}.members_invitation o WHERE o.id = n.id",
)


def restore(association: Association, file: IO[bytes], *, by: object) -> Archive:
    """Replace what the association holds by its archive; return the kept archive of what was there before.

    Call unbound. Raises BadArchive, or OperationalError when the database refuses (locks, disk): run it again then.
    """
    with opened(file) as archive:
        _check_own(association, archive.manifest)
        finish(association)
        with filled(association, archive) as schema:
            with bound_beside(association, schema):
                erased = Erasure.objects.repeat(association.uuid)
            _take_place(association, archive.manifest, erased, by=by)
    return cast(Archive, finish(association))


def finish(association: Association) -> Archive | None:
    """Archive the former schema, if there is one, and only then drop it and the files that it alone named."""
    if not exchange.has_former(association.uuid):
        return None
    kept = Archive.objects.keep(association, beside=exchange.former_name(association.uuid))
    with public():
        unused = _files(exchange.former_name(association.uuid)) - _files(schema_name(association.uuid))
        exchange.drop_former(association.uuid)
    with bound(association):
        cast(AssociationStorage, default_storage).discard(*sorted(unused))
    return kept


def _check_own(association: Association, manifest: Manifest) -> None:
    if manifest.association != association.uuid:
        raise BadArchive(f"This archive is {manifest.facts['name']}'s, not {association.name}'s.")
    with public():
        association.refresh_from_db(fields=["closed_at"])
    if association.closed_at:  # its dump would no longer be what operations approve
        raise BadArchive(f"{association.name} is closed: undo that first.")


def _take_place(association: Association, manifest: Manifest, erased: frozenset[int], *, by: object) -> None:
    """Change the names, giving way to whoever holds a lock, a few times."""
    for attempt in range(1, TRIES + 1):
        try:
            with public():
                _exchange(association, erased)
                SchemaRelease.note(association.uuid)
                BulletinCopy.objects.hand_out_again(association.uuid)
                record("association.restore", association, by=by, to=manifest.created_at.isoformat())
            return
        except OperationalError:
            if attempt == TRIES or not connection.is_usable():
                raise
            time.sleep(PAUSE * attempt)


def _exchange(association: Association, erased: frozenset[int]) -> None:
    uuid = association.uuid
    exchange.hold(uuid)
    with bound_beside(association, exchange.fresh_name(uuid)):  # who was erased while the fresh schema was filled
        Erasure.objects.repeat(uuid, but=erased)
    names = {"own": sql.Identifier(schema_name(uuid)), "fresh": sql.Identifier(exchange.fresh_name(uuid))}
    with connection.cursor() as cursor:
        for statement in _TAKEN_BACK:
            cursor.execute(sql.SQL(statement).format(**names))
    exchange.swap(uuid)


def _files(schema: str) -> set[str]:
    found: set[str] = set()
    with connection.cursor() as cursor:
        for table, columns in contents.FILES.items():
            names = sql.SQL(", ").join(map(sql.Identifier, columns))
            query = sql.SQL("SELECT k FROM {}, unnest(ARRAY[{}]) k WHERE k <> ''")
            cursor.execute(query.format(sql.Identifier(schema, table), names))
            found |= {row[0] for row in cursor.fetchall() if not contents.NOT_OURS.fullmatch(row[0])}
    return found
