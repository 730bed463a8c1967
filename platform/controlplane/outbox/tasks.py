"""Sending, one task per message; a beat re-drives what a lost broker forgot."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial

import structlog
from celery import shared_task

from controlplane.associations.models import Association
from controlplane.outbox.models import Message
from controlplane.tenancy import bound, current, public
from controlplane.tenancy.tasks import AssociationTask, PublicTask, SteppingTask

Place = Callable[[], AbstractContextManager[None]]
log = structlog.get_logger()


def send(message_id: int) -> None:
    """Have the message sent after commit, under the binding it was written in."""
    (send_for_association if current().uuid else send_for_public).on_commit(message_id)


@shared_task(base=AssociationTask)
def send_for_association(message_id: int) -> None:
    _deliver(message_id)


@shared_task(base=PublicTask)
def send_for_public(message_id: int) -> None:
    _deliver(message_id)


@shared_task(base=SteppingTask)
def send_waiting_everywhere() -> None:
    with public():
        places: list[Place] = [public, *(partial(bound, each) for each in Association.objects.live())]
    for place in places:
        try:
            _deliver_waiting(place)
        except Exception:  # what is wrong at one place stops no other
            log.exception("waiting_messages_failed")


def _deliver(message_id: int) -> None:
    # Locked so that a duplicate of the task waits and then finds the message sent.
    message = Message.objects.select_for_update().filter(pk=message_id).first()
    if message:
        message.deliver()


def _deliver_waiting(place: Place) -> None:
    """Each message in a transaction of its own: what was sent stays sent, whatever becomes of the next."""
    with place():
        waiting = list(Message.objects.waiting().order_by("next_attempt_at").values_list("pk", flat=True)[:100])
    for message_id in waiting:
        with place():
            _deliver(message_id)
