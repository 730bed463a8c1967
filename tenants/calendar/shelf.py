"""Events as search finds them: through `Event.objects.visible_to`, like everywhere."""

from django.db.models import Q, QuerySet

from tenants.calendar.indexing import EVENT, entry
from tenants.calendar.models import Event
from tenants.members.models import Member
from tenants.search.models import Kind
from tenants.search.question import Question
from tenants.search.shelves import Shelf, put_up


def events(member: Member, question: Question) -> "QuerySet[Event]":
    """Events are for no single group, and nobody is told who planned one."""
    narrowed = question.what not in ("", EVENT) or question.author or question.group is not None
    return Event.objects.none() if narrowed else Event.objects.visible_to(member)


put_up(
    Shelf(
        kind=Kind.EVENT,
        visible=events,
        ready=lambda member, found: found.select_related("community"),
        everything=Event.objects.all,
        lately=lambda since: Event.objects.filter(Q(edited_at__gte=since) | Q(author__left_at__gte=since)),
        entry=entry,
        said=lambda event: (event.title, f"{event.place}\n{event.description}".strip()),
    )
)
