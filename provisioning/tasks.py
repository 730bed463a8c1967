"""Waking runs up and publishing counts. All state is in PostgreSQL; a lost task is found again by the beat."""

from uuid import UUID

from celery import shared_task

from controlplane.associations.models import Association
from controlplane.tenancy import public
from controlplane.tenancy.tasks import SteppingTask
from provisioning import adoption
from provisioning.models import Run, Spare


@shared_task(base=SteppingTask)
def drive_run(run_id: int) -> None:
    with public():
        run = Run.objects.select_related("association").filter(pk=run_id).first()
    if run:
        run.drive()


@shared_task(base=SteppingTask)
def drive_waiting_runs() -> None:
    with public():
        waiting = list(Run.objects.waiting().values_list("pk", flat=True))
    for run_id in waiting:
        drive_run.delay(run_id)


@shared_task(base=SteppingTask)
def publish_adoption(association_uuid: str) -> None:
    with public():
        association = Association.objects.open_for_work(UUID(association_uuid))
    if association:
        adoption.publish(association)


@shared_task(base=SteppingTask)
def publish_adoption_everywhere() -> None:
    adoption.publish_everywhere()


@shared_task(base=SteppingTask)
def refill_spares() -> None:
    Spare.objects.refill()
