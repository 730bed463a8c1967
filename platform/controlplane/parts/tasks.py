"""Looking at the parts, for operations."""

from celery import shared_task

from controlplane.parts import probes
from controlplane.parts.models import Part
from controlplane.tenancy import public
from controlplane.tenancy.tasks import SteppingTask


@shared_task(base=SteppingTask, expires=60)
def look() -> None:
    """The network is waited for outside any transaction."""
    states = probes.look()
    with public():
        Part.objects.note(states)
