"""Domains: the hosts that lead to a site. Schema: public only."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from controlplane.tenancy import routing


class DomainQuerySet(models.QuerySet["Domain"]):
    def site_for(self, host: str) -> routing.Site | None:
        """The site of a host; one still being made is known by its reserved slug alone."""
        domain = self.select_related("association").filter(host=host).first()
        if domain:
            return domain.association.snapshot(host)
        from controlplane.associations.models.associations import Association

        slug, _dot, rest = host.partition(".")
        if rest != settings.APEX_HOST:
            return None
        reserved = Association.objects.filter(slug=slug).first()
        return reserved.snapshot(host) if reserved else None

    def under_apex(self) -> "DomainQuerySet":
        """Subdomains of ours, as against hosts that associations bring themselves."""
        return self.filter(host__endswith=f".{settings.APEX_HOST}")


class Domain(models.Model):
    """A host that leads to an association. All but the primary one redirect to it.

    Rows under the apex are never deleted: a slug that was ever live is not given away. A host an association brought
    itself goes again with its proof (see CustomDomain).
    """

    host = models.CharField(max_length=253, unique=True)
    association = models.ForeignKey("Association", on_delete=models.PROTECT, related_name="domains")
    is_primary = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = DomainQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["association"], condition=Q(is_primary=True), name="domain_one_primary")
        ]

    def __str__(self) -> str:
        return self.host

    def become_primary(self) -> None:
        """Take the place of the primary host, which redirects here from now on. Call with the association locked."""
        Domain.objects.filter(association=self.association_id, is_primary=True).exclude(pk=self.pk).update(
            is_primary=False
        )
        Domain.objects.filter(pk=self.pk).update(is_primary=True)
        self.is_primary = True


def subdomain(slug: str) -> str:
    """The host of a slug."""
    return f"{slug}.{settings.APEX_HOST}"
