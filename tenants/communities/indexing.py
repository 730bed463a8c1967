"""What of a community the search index holds."""

from typing import TYPE_CHECKING

from tenants.search.circles import EVERYONE
from tenants.search.models import Entry, Kind, put

if TYPE_CHECKING:
    from tenants.communities.models import Community

COMMUNITY = "community"


def index(*communities: "Community") -> None:
    """Have search find these as they are now."""
    put(*map(entry, communities))


def entry(community: "Community") -> Entry:
    text = f"{community.name}\n{community.description}"
    return Entry.of(Kind.COMMUNITY, community.pk, at=community.created_at, text=text, tags=(COMMUNITY, EVERYONE))
