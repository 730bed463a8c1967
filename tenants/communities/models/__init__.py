"""Communities, who is in them, and the records they and the seats hand on. Schema: every association's own."""

from tenants.communities.models.communities import Community
from tenants.communities.models.erasing import forget_communities
from tenants.communities.models.memberships import Membership
from tenants.communities.models.records import HandoverRecord, fiscal_year

__all__ = ["Community", "HandoverRecord", "Membership", "fiscal_year", "forget_communities"]
