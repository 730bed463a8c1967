"""Letters, where `dispatch.Wakeup` says that their moment has come; what federations show, anew every night."""

from uuid import UUID

import structlog
from celery import shared_task
from django.utils import timezone

from controlplane.associations.models import Association, FederationCalendar
from controlplane.dispatch.models import Wakeup
from controlplane.tenancy import At, bound, public
from controlplane.tenancy.tasks import AssociationTask, PublicTask, SteppingTask
from tenants.calendar import reminders, sharing
from tenants.calendar.models import series
from tenants.calendar.models.telling import LOOK_AGAIN, Telling

log = structlog.get_logger()


@shared_task(base=AssociationTask)
def tell(telling_id: int) -> None:
    if Telling.go_on(telling_id):
        tell.on_commit(telling_id)


@shared_task(base=SteppingTask)
def remind_everywhere() -> None:
    """Nobody's moment has come: one query."""
    with public():
        due = Wakeup.objects.due(series.EVENTS)
    for uuid, rows in due.items():
        try:
            _visit(uuid, rows)
        except Exception:  # what is wrong at one place stops no other
            log.exception("reminders_failed", association=str(uuid))


@shared_task(base=PublicTask)
def visit_everybody() -> None:
    """Before the evening's reminders: every association is looked at once a day, whatever was noted."""
    Wakeup.objects.note_everywhere(series.EVENTS, series.this_evening())


@shared_task(base=SteppingTask)
def share_everywhere() -> None:
    """Time moves on, and a series with it: each federation that shows something does so anew, once a night."""
    with public():
        showing = FederationCalendar.objects.filter(federation__in=Association.objects.live())
        uuids = list(showing.values_list("pk", flat=True))
    for uuid in uuids:
        try:
            with bound(At(uuid)):
                sharing.share()
        except Exception:  # what is wrong at one place stops no other
            log.exception("calendar_not_shared", association=str(uuid))


def _visit(uuid: UUID, rows: list[int]) -> None:
    """The rows that led here go in the very transaction that reminds; what is due next has a row of its own."""
    with bound(At(uuid)):
        reminders.remind()
        goes_on = Telling.look()
        with public():
            Wakeup.objects.filter(pk__in=rows).delete()
        if goes_on:
            Wakeup.objects.note(uuid, series.EVENTS, timezone.now() + LOOK_AGAIN)
