"""Sending, one task per message; a beat re-drives what a lost broker forgot."""

from celery import shared_task

from controlplane.associations.models import Association
from controlplane.outbox.models import Message
from controlplane.tenancy import bound, current, public
from controlplane.tenancy.tasks import AssociationTask, PublicTask, SteppingTask


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
        associations = list(Association.objects.live())
        _deliver_waiting()
    for association in associations:
        with bound(association):
            _deliver_waiting()


def _deliver(message_id: int) -> None:
    # Locked so that a duplicate of the task waits and then finds the message sent.
    message = Message.objects.select_for_update().filter(pk=message_id).first()
    if message:
        message.deliver()


def _deliver_waiting() -> None:
    for message_id in list(Message.objects.waiting().values_list("pk", flat=True)[:100]):
        _deliver(message_id)
