"""What of a community, and of a handover record, the search index holds."""

from datetime import datetime, time
from typing import TYPE_CHECKING

from django.utils import timezone

from tenants.search.circles import EVERYONE, circle
from tenants.search.models import Entry, Kind, put, remove

if TYPE_CHECKING:
    from tenants.communities.models import Community, HandoverRecord

COMMUNITY, RECORD = "community", "record"


def index(*communities: "Community") -> None:
    """Have search find these as they are now."""
    put(*map(entry, communities))


def entry(community: "Community") -> Entry:
    text = f"{community.name}\n{community.description}"
    return Entry.of(Kind.COMMUNITY, community.pk, at=community.created_at, text=text, tags=(COMMUNITY, EVERYONE))


def index_record(record: "HandoverRecord") -> None:
    """Have search find it, with its notes, as it is now; not at all when it was taken back."""
    if record.removed_at:
        remove(Kind.RECORD, record.pk)
    else:
        put(record_entry(record))


def record_entry(record: "HandoverRecord") -> Entry:
    """To whom: the seat's holder and the officers, or those inside the community. And who speaks."""
    at = timezone.make_aware(datetime.combine(record.happened_on, time.min))
    if record.seat_id:
        tags = [circle("seat", record.seat_id), circle("officers"), f"seat:{record.seat_id}"]
    else:
        tags = [circle("community", record.community_id), *([] if record.as_seat else [f"member:{record.author_id}"])]
    return Entry.of(Kind.RECORD, record.pk, at=at, text="\n".join(record_said(record)), tags=(RECORD, *tags))


def record_said(record: "HandoverRecord") -> tuple[str, str]:
    """What stands in it, and what was added later."""
    notes = [note.handling for note in record.notes.all()]
    return record.problem, "\n".join(filter(None, (record.handling, record.result, *notes)))
