"""Waking runs, closures and rollouts up, publishing counts. All state is in PostgreSQL: a beat finds what is lost."""

from contextlib import suppress
from uuid import UUID

from celery import shared_task

from controlplane.associations.models import Association, CustomDomain
from controlplane.tenancy import public, template
from controlplane.tenancy.tasks import PublicTask, SteppingTask
from provisioning import adoption, custom_domains, indexing
from provisioning.models import Archive, Closure, Rollout, Run, Spare
from provisioning.models.rollouts import AlreadyRunning


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
def roll_out(by: str) -> None:
    """Bring up who is behind; one that is under way already goes on for us as well."""
    template.compile_release()
    with suppress(AlreadyRunning):
        Rollout(by=by).run()


@shared_task(base=SteppingTask)
def index_association(association_uuid: str) -> None:
    indexing.index(UUID(association_uuid))


@shared_task(base=SteppingTask)
def index_waiting_associations() -> None:
    for uuid in indexing.waiting():
        index_association.delay(str(uuid))


@shared_task(base=SteppingTask)
def catch_up_index(association_uuid: str) -> None:
    indexing.catch_up(UUID(association_uuid))


@shared_task(base=SteppingTask)
def catch_up_indexes() -> None:
    for uuid in indexing.lately_indexed():
        catch_up_index.delay(str(uuid))


@shared_task(base=SteppingTask)
def refill_spares() -> None:
    Spare.objects.refill()


@shared_task(base=SteppingTask)
def make_archive(archive_id: int) -> None:
    with public():
        archive = Archive.objects.select_related("association").filter(pk=archive_id).first()
    if archive:
        archive.make()


@shared_task(base=SteppingTask)
def make_waiting_archives() -> None:
    with public():
        waiting = list(Archive.objects.waiting().values_list("pk", flat=True))
    for archive_id in waiting:
        make_archive.delay(archive_id)


@shared_task(base=SteppingTask)
def remove_expired_archives() -> None:
    Archive.objects.remove_expired()


@shared_task(base=SteppingTask)
def tend_closure(closure_id: int) -> None:
    with public():
        closure = Closure.objects.select_related("association").filter(pk=closure_id).first()
    if closure:
        closure.tend()


@shared_task(base=SteppingTask)
def tend_closures() -> None:
    with public():
        waiting = list(Closure.objects.to_tend().values_list("pk", flat=True))
        for closure in Closure.objects.outlived():
            closure.forget_dump()
    for closure_id in waiting:
        tend_closure.delay(closure_id)


@shared_task(base=PublicTask)
def check_custom_domain(domain_id: int) -> None:
    custom_domains.watch(domain_id)


@shared_task(base=SteppingTask)
def check_custom_domains() -> None:
    with public():
        waiting = list(CustomDomain.objects.to_check().values_list("pk", flat=True))
    for domain_id in waiting:
        check_custom_domain.delay(domain_id)
