"""What communities let go of when a person is erased: their places, and what they recorded as themselves."""

from django.db.models import Q
from django.db.models.functions import Coalesce, Now

from controlplane.audit.models import Entry
from tenants.communities.indexing import index_record
from tenants.communities.models.memberships import Membership
from tenants.communities.models.records import HandoverRecord
from tenants.members.models import Member, part_of_erasing

GONE = "消えた記録"


@part_of_erasing
def forget_communities(member: Member, by: object) -> None:
    """Who is erased is in no community, and was in none. What a seat recorded is the seat's, and stays."""
    Membership.objects.filter(member=member).delete()
    own = HandoverRecord.objects.filter(author=member, as_seat="")
    keys = map(str, own.values_list("pk", flat=True))
    Entry.objects.filter(object_type=HandoverRecord._meta.label_lower, object_id__in=list(keys)).update(data={})
    gone = {"problem": GONE, "handling": "", "result": "", "removed_at": Coalesce("removed_at", Now())}
    noted = list(own.filter(corrects__isnull=False).values_list("corrects", flat=True))
    written = list(own.values_list("pk", flat=True))
    own.update(**gone)
    for row in HandoverRecord.objects.filter(Q(pk__in=written, corrects=None) | Q(pk__in=noted)):
        index_record(row)
