"""Counting an association from inside, and handing the numbers up. People never leave their schema."""

from datetime import timedelta

from django.utils import timezone

from controlplane.associations.models import Association
from controlplane.cities.models import Adoption, Counts
from controlplane.tenancy import bound, public
from tenants.feed.models import Post, ReadReceipt
from tenants.members.models import Household, Member


def publish(association: Association) -> Adoption:
    """Count inside the association's schema, then write today's row in `public`. Call unbound."""
    with bound(association):
        counts = _count(association)
    with public():
        return Adoption.objects.publish(association, counts)


def publish_everywhere() -> int:
    """Publish every live association; returns how many."""
    with public():
        associations = list(Association.objects.live())
    for association in associations:
        publish(association)
    return len(associations)


def _count(association: Association) -> Counts:
    month_ago = timezone.localdate() - timedelta(days=30)
    admitted = Member.objects.admitted()
    return Counts(
        households=association.households,
        registered_households=Household.objects.registered().count(),
        members=admitted.count(),
        active_members=admitted.filter(user__last_seen_on__gte=month_ago).count(),
        posts=Post.objects.published().count(),
        reads=ReadReceipt.objects.count(),
    )
