"""Sending, one task per message; a beat re-drives what a lost broker forgot, where `dispatch.Waiting` says so."""

import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from functools import partial
from uuid import UUID

import structlog
from celery import shared_task
from django.db.models import Min

from controlplane.dispatch.models import Waiting
from controlplane.outbox.models import Message
from controlplane.tenancy import At, bound, current, public
from controlplane.tenancy.tasks import AssociationTask, PublicTask, SteppingTask

Place = Callable[[], AbstractContextManager[None]]
A_VISIT = 100  # messages; the rest wait for the next beat
A_VISIT_LASTS = 60  # seconds
log = structlog.get_logger()


def send(message_id: int) -> None:
    """Have the message sent after commit, under the binding it was written in; noted so that it is not forgotten."""
    uuid = current().uuid
    Waiting.objects.note(uuid)
    (send_for_association if uuid else send_for_public).on_commit(message_id)


@shared_task(base=AssociationTask)
def send_for_association(message_id: int) -> None:
    _deliver(message_id)


@shared_task(base=PublicTask)
def send_for_public(message_id: int) -> None:
    _deliver(message_id)


@shared_task(base=SteppingTask)
def send_waiting_everywhere() -> None:
    """Visit those that have something to send. Nobody has: one query."""
    with public():
        due = Waiting.objects.due()
    for uuid, rows in due.items():
        try:
            _visit(uuid, rows)
        except Exception:  # what is wrong at one place stops no other
            log.exception("waiting_messages_failed")


@shared_task(base=SteppingTask)
def sweep() -> None:
    with public():
        Waiting.objects.sweep()


def _deliver(message_id: int) -> None:
    message = Message.objects.filter(pk=message_id).first()
    if message:
        message.deliver()


def _visit(uuid: UUID | None, rows: Sequence[int]) -> None:
    """Send what waits, then forget the rows that led here; what is left to try again gets a row for its time.

    Messages written meanwhile have a row of their own, which is not among these.
    """
    place: Place = partial(bound, At(uuid)) if uuid else public
    _deliver_waiting(place)
    with place():
        again = Message.objects.queued().aggregate(at=Min("next_attempt_at"))["at"]
    with public():
        Waiting.objects.filter(pk__in=rows).delete()
        if again:
            Waiting.objects.note(uuid, due_at=again)


def _deliver_waiting(place: Place) -> None:
    """Each message by itself: what was sent stays sent, whatever becomes of the next.

    A gateway that is silent costs its patience with each message: after a minute the rest waits for the next beat.
    """
    until = time.monotonic() + A_VISIT_LASTS
    with place():
        waiting = list(Message.objects.waiting().order_by("next_attempt_at").values_list("pk", flat=True)[:A_VISIT])
    for message_id in waiting:
        if time.monotonic() > until:
            return
        with place():
            _deliver(message_id)
