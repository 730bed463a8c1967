"""The way from a closed site to a tombstone, or back: each part is done when the database says so, and only then."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import structlog
from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.utils import timezone

from billing.gateway import GatewayError
from billing.models import Customer
from controlplane.tenancy import exchange, naming, public, schemas
from controlplane.tenancy.proof import NoProof
from provisioning.closing import dump, erasure
from provisioning.models.releases import SchemaRelease

if TYPE_CHECKING:
    from provisioning.models.closures import Closure

log = structlog.get_logger()


def tend(closure: "Closure") -> None:
    """Warn, dump, drop or let go, whatever is due; then see that Stripe agrees. Call unbound."""
    with public():
        closure.refresh_from_db()
        closure.warn()
        to_dump = closure.undone_at is None and closure.dump_verified_at is None and closure.is_over
        to_drop = closure.dropped_at is not None or type(closure).objects.proven().filter(pk=closure.pk).exists()
    if to_dump:
        dump.make(closure)
    elif to_drop:
        drop(closure)
    settle(closure)


def drop(closure: "Closure") -> None:
    """Take schema, role and files away and forget the people; the row stays as a tombstone."""
    if closure.dropped_at is None:
        _drop_schema(closure)
    if closure.dropped_at:
        default_storage.empty(closure.association_id)  # type: ignore[attr-defined]  # AssociationStorage
        with public():
            beside = erasure.attached(closure)
        with naming(None):
            for key in beside:
                default_storage.delete(key)
        with public():
            erasure.forget(closure)


def _drop_schema(closure: "Closure") -> None:
    """Schema, role and the note of it in one transaction. A dump found damaged keeps them, and is made anew."""
    try:
        with transaction.atomic():
            schemas.drop(closure.association_id)  # demands the proof from the database, whoever calls it
            exchange.drop_former(closure.association_id)  # what a restore that was killed has left
            with public():
                closure.note_drop()
                SchemaRelease.objects.filter(association=closure.association_id).delete()
    except NoProof:  # somebody has just undone the closure, or withdrawn an approval
        log.info("closure_proof_gone", closure=closure.pk)
    except dump.DamagedDump as error:
        log.error("closure_dump_damaged", closure=closure.pk, error=str(error))
        closure.dropped_at = None
        with public():
            closure.note_failed_dump(f"{type(error).__name__}: {error}")


def settle(closure: "Closure") -> None:
    """Charge nothing while closed, as before once undone, never again once dropped. Stripe away: next time."""
    try:
        with _one_at_a_time(closure) as alone:
            while alone and not _agreed(closure):
                pass
    except GatewayError as error:
        log.warning("closure_charges_waiting", closure=closure.pk, error=str(error))


def _agreed(closure: "Closure") -> bool:
    """Bring Stripe to where the closure stands; whether it still stands there afterwards."""
    with public():
        closure.refresh_from_db()
        stood = (closure.undone_at, closure.dropped_at)
        if closure.undone_at:
            Customer.release(closure.association)
        elif closure.dropped_at:
            Customer.end(closure.association)
        else:
            Customer.hold(closure.association)
        closure.refresh_from_db()
        if (closure.undone_at, closure.dropped_at) != stood:  # meanwhile, while Stripe was waited for
            return False
        if any(stood):
            type(closure).objects.filter(pk=closure.pk).update(settled_at=timezone.now())
    return True


@contextmanager
def _one_at_a_time(closure: "Closure") -> Iterator[bool]:
    """A hold that is slow must not come after the release that follows it. Whether we are the one.

    The other sees what has changed when it is through; should it have looked a moment too early, the beat comes again.
    The lock is the session's, so that it holds over several transactions.
    """
    with connection.cursor() as cursor:
        name = [f"closure:{closure.pk}:charges"]
        cursor.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", name)
        alone = cursor.fetchone()[0]
    try:
        yield alone
    finally:
        if alone:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", name)
