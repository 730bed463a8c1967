"""Counting an association from inside, and handing the numbers up. People never leave their schema."""

from datetime import date, timedelta

import structlog
from django.db.models import Max
from django.utils import timezone

from controlplane.associations.models import Association
from controlplane.cities.models import Adoption, Counts
from controlplane.cities.tasks import recount_cities
from controlplane.dispatch.models import TALLY_AGAIN, DeliveryCount
from controlplane.outbox.models import Message
from controlplane.tenancy import bound, public
from tenants.feed.models import Attachment, Post, ReadReceipt
from tenants.members.models import Household, Member

log = structlog.get_logger()


def publish(association: Association, *, recount: bool = True) -> Adoption:
    """Count inside the association's schema, then write today's row in `public`. Call unbound."""
    with bound(association):
        counts, tallies = _count(association), Message.objects.tally(_lately())
    with public():
        DeliveryCount.objects.publish(association.uuid, tallies)
        return Adoption.objects.publish(association, counts, recount=recount)


def publish_everywhere() -> int:
    """Publish every live association, then count the cities once; returns how many. One that fails stops no other."""
    with public():
        associations = list(Association.objects.live())
    for association in associations:
        try:
            publish(association, recount=False)
        except Exception:
            log.exception("adoption_not_published", association=str(association.pk))
    with public():
        DeliveryCount.objects.publish(None, Message.objects.tally(_lately()))
    recount_cities()
    return len(associations)


def _lately() -> date:
    return timezone.localdate() - TALLY_AGAIN


def _count(association: Association) -> Counts:
    month_ago = timezone.localdate() - timedelta(days=30)
    admitted = Member.objects.admitted()
    return Counts(
        households=association.households,
        registered_households=Household.objects.registered().count(),
        paper_households=Household.objects.on_paper().count(),
        members=admitted.count(),
        active_members=admitted.filter(user__last_seen_on__gte=month_ago).count(),
        posts=Post.objects.published().count(),
        reads=ReadReceipt.objects.count(),
        storage_bytes=Attachment.objects.total_size(),
        last_active_on=admitted.aggregate(last=Max("user__last_seen_on"))["last"],
    )
