"""Associations and what the platform knows of them. Schema: public only."""

from controlplane.associations.models.associations import Association, AssociationQuerySet
from controlplane.associations.models.bulletin_copies import BulletinCopy
from controlplane.associations.models.bulletin_drafts import BulletinDraft
from controlplane.associations.models.bulletin_files import BulletinFile
from controlplane.associations.models.bulletins import Bulletin
from controlplane.associations.models.custom_domains import CustomDomain
from controlplane.associations.models.domains import Domain
from controlplane.associations.models.federation_dates import FederationCalendar, FederationDate, federation_dates_for
from controlplane.associations.models.federations import FederationMembership, members_of
from controlplane.associations.models.grants import Grant
from controlplane.associations.models.operators import Operator
from controlplane.associations.models.support import SupportAccess
from controlplane.associations.models.suspensions import Suspension

__all__ = [
    "Association",
    "AssociationQuerySet",
    "Bulletin",
    "BulletinCopy",
    "BulletinDraft",
    "BulletinFile",
    "CustomDomain",
    "Domain",
    "FederationCalendar",
    "FederationDate",
    "FederationMembership",
    "Grant",
    "Operator",
    "SupportAccess",
    "Suspension",
    "federation_dates_for",
    "members_of",
]
