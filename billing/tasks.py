"""Working off Stripe's events, and the hourly comparison that repairs what was lost. All state is in PostgreSQL."""

from collections.abc import Callable

import structlog
from celery import shared_task

from billing.models import Customer, StripeEvent, Subscription
from controlplane.tenancy import public
from controlplane.tenancy.tasks import PublicTask, SteppingTask

log = structlog.get_logger()


@shared_task(base=PublicTask)
def process_event(event_id: int) -> None:
    StripeEvent.objects.get(pk=event_id).process()


@shared_task(base=SteppingTask)
def process_waiting_events() -> None:
    with public():
        waiting = list(StripeEvent.objects.waiting().values_list("pk", flat=True)[:200])
    _each_alone(waiting, lambda event_id: StripeEvent.objects.get(pk=event_id).process())


@shared_task(base=SteppingTask)
def reconcile_all() -> None:
    with public():
        customers = list(Customer.objects.values_list("pk", flat=True))
    _each_alone(customers, lambda pk: Subscription.reconcile(Customer.objects.get(pk=pk).association))


@shared_task(base=PublicTask)
def prune_events() -> None:
    StripeEvent.objects.prune()


def _each_alone(keys: list[int], act: Callable[[int], None]) -> None:
    """Each in a transaction of its own; one that fails is logged and stops no other."""
    for key in keys:
        try:
            with public():
                act(key)
        except Exception:
            log.exception("billing_step_failed", key=key)
