"""Communities as search finds them: through `Community.objects.visible_to`, like everywhere."""

from django.db.models import QuerySet

from tenants.communities.circles import circles_of
from tenants.communities.indexing import COMMUNITY, entry
from tenants.communities.models import Community
from tenants.members.models import Member
from tenants.search.models import Kind
from tenants.search.question import Question
from tenants.search.shelves import Shelf, put_up


def communities(member: Member, question: Question) -> "QuerySet[Community]":
    """A community has no author and is for no single group."""
    narrowed = question.what not in ("", COMMUNITY) or question.author or question.group is not None
    return Community.objects.none() if narrowed else Community.objects.visible_to(member)


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
