"""Communities and handover records as search finds them: through `visible_to` of each, like everywhere."""

from datetime import datetime

from django.db.models import Q, QuerySet

from tenants.communities.circles import circles_of
from tenants.communities.indexing import COMMUNITY, RECORD, entry, record_entry, record_said
from tenants.communities.models import Community, HandoverRecord
from tenants.communities.models.records import HandoverRecordQuerySet
from tenants.members.models import Member
from tenants.search.models import Kind
from tenants.search.question import Question
from tenants.search.shelves import Shelf, put_up


def communities(member: Member, question: Question) -> "QuerySet[Community]":
    """A community has no author and is for no single group."""
    narrowed = question.what not in ("", COMMUNITY) or question.author or question.group is not None
    return Community.objects.none() if narrowed else Community.objects.visible_to(member)


def records(member: Member, question: Question) -> HandoverRecordQuerySet:
    """A record is for no single group. A seat's own is the seat's word, whoever wrote it down."""
    if question.what not in ("", RECORD) or question.group is not None:
        return HandoverRecord.objects.none()
    known, author = HandoverRecord.objects.visible_to(member), question.author
    if author is None:
        return known
    if author.kind == "seat":
        return known.filter(seat=author.pk)
    return known.filter(seat=None, author=author.pk, as_seat="")


def _standing() -> HandoverRecordQuerySet:
    return HandoverRecord.objects.filter(corrects=None, removed_at=None).prefetch_related("notes")


def _touched(since: datetime) -> HandoverRecordQuerySet:
    noted = HandoverRecord.objects.filter(
        Q(created_at__gte=since) | Q(author__left_at__gte=since), corrects__isnull=False
    )
    return _standing().filter(Q(created_at__gte=since) | Q(edited_at__gte=since) | Q(pk__in=noted.values("corrects")))


put_up(
    Shelf(
        kind=Kind.COMMUNITY,
        visible=communities,
        ready=lambda member, found: found.with_standing(member),
        everything=Community.objects.all,
        lately=lambda since: Community.objects.all(),  # they are few, and do not say when they were changed
        entry=entry,
        said=lambda community: (community.name, community.description),
        circles=circles_of,
    )
)
put_up(
    Shelf(
        kind=Kind.RECORD,
        visible=records,
        ready=lambda member, found: found.for_reading(),
        everything=_standing,
        lately=_touched,
        entry=record_entry,
        said=record_said,
    )
)
