"""Base classes of every Celery task. A task without one of them is refused by the invariant tests.

The association's uuid travels in the message's headers, taken from the caller's binding; without it the task raises.
"""

from functools import partial
from typing import Any
from uuid import UUID

import structlog
from celery import Task
from celery.exceptions import Ignore
from django.db import transaction
from kombu.exceptions import OperationalError

from controlplane.tenancy import sender
from controlplane.tenancy.binding import Unbound, bound, current_uuid, public

HEADER = "kairan_association"
log = structlog.get_logger()


class KairanTask(Task[Any, Any]):
    """What all tasks share: enqueued by ids, after the commit that made the work real."""

    abstract = True
    acks_late = True
    reject_on_worker_lost = True

    def on_commit(self, *args: Any, **kwargs: Any) -> None:
        """Enqueue once the current transaction has committed, without waiting for the broker.

        One that is down loses nothing as long as a beat finds the row that the task is about.
        """
        headers = self.association_headers()
        transaction.on_commit(lambda: self._enqueue(args, kwargs, headers))

    def association_headers(self) -> dict[str, str]:
        return {}

    def _enqueue(self, args: Any, kwargs: Any, headers: dict[str, str]) -> None:
        if self.app.conf.task_always_eager:  # there is no broker
            self._hand_over(args, kwargs, headers)
        else:
            sender.put(partial(self._hand_over, args, kwargs, headers), name=str(self.name))

    def _hand_over(self, args: Any, kwargs: Any, headers: dict[str, str]) -> None:
        try:
            self.apply_async(args, kwargs, headers=headers, retry=False)
        except self._broker_errors() as error:  # a beat finds the row
            log.warning("broker_unreachable", task=self.name, error=str(error))

    def _broker_errors(self) -> tuple[type[BaseException], ...]:
        """The transport's own, and Kombu's, in which enqueueing wraps them."""
        return (OperationalError, *self.app.connection().recoverable_connection_errors)


class AssociationTask(KairanTask):
    """Runs inside one association's binding and transaction. Fails closed when the association is missing."""

    abstract = True

    def association_headers(self) -> dict[str, str]:
        return {HEADER: str(current_uuid())}

    def apply_async(self, args: Any = None, kwargs: Any = None, **options: Any) -> Any:  # type: ignore[override]
        headers = dict(options.pop("headers", None) or {})
        if HEADER not in headers:
            headers |= self.association_headers()
        return super().apply_async(args, kwargs, headers=headers, **options)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        from controlplane.associations.models import Association

        uuid = self._association_uuid()
        with public():
            association = Association.objects.open_for_work(uuid)
        if association is None:
            log.warning("task_dropped", task=self.name, association=str(uuid), reason="unknown or suspended")
            raise Ignore
        with bound(association):
            return super().__call__(*args, **kwargs)

    def _association_uuid(self) -> UUID:
        value = (self.request.headers or {}).get(HEADER) or self.request.get(HEADER)
        if not value:
            raise Unbound(f"{self.name} was called without an association.")
        return UUID(str(value))


class PublicTask(KairanTask):
    """Runs inside one transaction bound to `public`."""

    abstract = True

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        with public():
            return super().__call__(*args, **kwargs)


class SteppingTask(KairanTask):
    """Starts unbound and binds for itself, step by step, each in a transaction of its own (provisioning, rollups)."""

    abstract = True
