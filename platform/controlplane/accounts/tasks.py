"""What has run out is removed every night, in `public` and at every association: sessions, codes, tokens,
and what was kept of forms."""

import structlog
from celery import shared_task

from controlplane.accounts.models import prune
from controlplane.associations.models import Association
from controlplane.sending.models import prune as prune_sent
from controlplane.tenancy import bound, public
from controlplane.tenancy.tasks import SteppingTask

log = structlog.get_logger()


@shared_task(base=SteppingTask)
def prune_everywhere() -> None:
    with public():
        associations = list(Association.objects.live())
        prune()
        prune_sent()
    for association in associations:
        try:
            with bound(association):
                prune()
                prune_sent()
        except Exception:  # what is wrong at one place stops no other
            log.exception("prune_failed", uuid=str(association.pk))
