"""Associations and what the platform knows of them. Schema: public only."""

import uuid as uuid_module
from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from controlplane.associations.features import Feature
from controlplane.associations.slugs import validate_slug
from controlplane.audit.models import record
from controlplane.tenancy import routing


class AssociationQuerySet(models.QuerySet["Association"]):
    def not_suspended(self) -> "AssociationQuerySet":
        return self.exclude(_open_suspension())

    def in_state(self, state: str) -> "AssociationQuerySet":
        """Those that are preparing, live or suspended."""
        if state == "suspended":
            return self.filter(_open_suspension())
        return self.live() if state == "live" else self.not_suspended().filter(live_at=None)

    def search(self, words: str) -> "AssociationQuerySet":
        wanted = Q()
        for word in words.split()[:5]:
            wanted &= Q(name__icontains=word) | Q(kana__icontains=word) | Q(slug__icontains=word)
        return self.filter(wanted)

    def with_state(self) -> "AssociationQuerySet":
        """So that a list asks for every state at once."""
        return self.annotate(is_suspended=_open_suspension())

    def live(self) -> "AssociationQuerySet":
        return self.not_suspended().filter(live_at__isnull=False)

    def open_for_work(self, uuid: uuid_module.UUID) -> "Association | None":
        """The association a task may work for: known, live or being made, not suspended."""
        return self.not_suspended().filter(pk=uuid).first()


class Association(models.Model):
    """A 自治会・町内会 or a 自治連合会. Residents' data is not here but in the schema named after `uuid`."""

    class Kind(models.TextChoices):
        ASSOCIATION = "association", "自治会・町内会"
        FEDERATION = "federation", "自治連合会"

    uuid = models.UUIDField(primary_key=True, default=uuid_module.uuid4, editable=False)
    slug = models.CharField(max_length=40, unique=True, validators=[validate_slug])
    name = models.CharField(max_length=80)
    kana = models.CharField(max_length=120, blank=True)
    kind = models.CharField(max_length=12, choices=Kind, default=Kind.ASSOCIATION)
    city = models.ForeignKey("cities.City", on_delete=models.PROTECT, related_name="associations")
    ward = models.CharField(max_length=20, blank=True)
    postal_code = models.CharField(max_length=8, blank=True)
    address = models.CharField(max_length=200, blank=True)
    households = models.PositiveIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)
    live_at = models.DateTimeField(null=True, blank=True)

    objects = AssociationQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["kana", "name"]

    def __str__(self) -> str:
        return self.name

    @property
    def state(self) -> str:
        """preparing | live | suspended"""
        known = self.__dict__.get("is_suspended")
        if known or (known is None and self.suspension is not None):
            return "suspended"
        return "live" if self.live_at else "preparing"

    @property
    def suspension(self) -> "Suspension | None":
        return self.suspensions.filter(lifted_at=None).first()

    @property
    def host(self) -> str:
        """The primary host, whether or not its Domain row exists yet."""
        domain = self.domains.filter(is_primary=True).first()
        return domain.host if domain else f"{self.slug}.{settings.APEX_HOST}"

    def url(self, path: str = "/") -> str:
        return f"{settings.SCHEME}://{self.host}{settings.PUBLIC_PORT}{path}"

    @transaction.atomic
    def open(self) -> None:
        """Give the association its host: the last thing that happens before the first request."""
        Domain.objects.get_or_create(
            host=f"{self.slug}.{settings.APEX_HOST}", defaults={"association": self, "is_primary": True}
        )
        if self.live_at is None:
            self.live_at = timezone.now()
            self.save(update_fields=["live_at"])
        self.forget_snapshots()

    def has(self, feature: Feature) -> bool:
        return self.grants.alive().filter(feature=feature).exists()

    @transaction.atomic
    def grant(self, feature: Feature, *, source: str, until: datetime | None = None) -> "Grant":
        """Switch a paid feature on, until a moment or for good. Granting again from the same source moves the end."""
        grant, _created = Grant.objects.update_or_create(
            association=self, feature=feature, source=source, defaults={"until": until}
        )
        self.forget_snapshots()
        return grant

    @transaction.atomic
    def revoke(self, feature: Feature, *, source: str) -> None:
        """Take back what this source granted; what another source granted stays."""
        self.grants.filter(feature=feature, source=source).delete()
        self.forget_snapshots()

    @transaction.atomic
    def suspend(self, *, by: object, reason: str) -> "Suspension":
        """Close the site until it is resumed: pages answer 503, tasks are dropped, nothing is deleted."""
        if not reason.strip():
            raise ValidationError({"reason": _("理由を書いてください。")})
        existing = self.suspension
        if existing:
            return existing
        suspension = self.suspensions.create(by=str(by), reason=reason.strip())
        record("association.suspend", self, by=by, reason=suspension.reason)
        self.forget_snapshots()
        return suspension

    @transaction.atomic
    def resume(self, *, by: object) -> None:
        """Lift the suspension, if there is one."""
        if self.suspensions.filter(lifted_at=None).update(lifted_at=timezone.now(), lifted_by=str(by)):
            record("association.resume", self, by=by)
            self.forget_snapshots()

    def forget_snapshots(self) -> None:
        hosts = [*self.domains.values_list("host", flat=True), f"{self.slug}.{settings.APEX_HOST}"]
        transaction.on_commit(lambda: routing.forget(*hosts))

    def snapshot(self, host: str) -> routing.Site:
        return routing.Site(
            uuid=self.uuid,
            slug=self.slug,
            name=self.name,
            kind=self.kind,
            host=host,
            state=self.state,
            features=frozenset(self.grants.alive().values_list("feature", flat=True)),
        )


class DomainQuerySet(models.QuerySet["Domain"]):
    def site_for(self, host: str) -> routing.Site | None:
        """The site of a host; one still being made is known by its reserved slug alone."""
        domain = self.select_related("association").filter(host=host).first()
        if domain:
            return domain.association.snapshot(host)
        slug, _dot, rest = host.partition(".")
        if rest != settings.APEX_HOST:
            return None
        reserved = Association.objects.filter(slug=slug).first()
        return reserved.snapshot(host) if reserved else None


class Domain(models.Model):
    """A host that leads to an association. Rows are never deleted: a host that was ever live is not given away."""

    host = models.CharField(max_length=253, unique=True)
    association = models.ForeignKey(Association, on_delete=models.PROTECT, related_name="domains")
    is_primary = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = DomainQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["association"], condition=Q(is_primary=True), name="domain_one_primary")
        ]

    def __str__(self) -> str:
        return self.host


class GrantQuerySet(models.QuerySet["Grant"]):
    def alive(self) -> "GrantQuerySet":
        return self.filter(Q(until=None) | Q(until__gt=timezone.now()))


class Grant(models.Model):
    """A paid feature switched on, and by whom: a subscription, the city, a self-hoster."""

    class Source(models.TextChoices):
        SUBSCRIPTION = "subscription", "お申し込み"
        CITY = "city", "市の負担"
        SELF_HOSTED = "self_hosted", "自主運用"

    association = models.ForeignKey(Association, on_delete=models.CASCADE, related_name="grants")
    feature = models.CharField(max_length=30, choices=Feature)
    source = models.CharField(max_length=20, choices=Source)
    until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = GrantQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["association", "feature", "source"], name="grant_once_per_source")
        ]

    def __str__(self) -> str:
        return f"{self.feature} for {self.association_id}"


class Suspension(models.Model):
    """The site is closed for a reason, by somebody, until lifted."""

    association = models.ForeignKey(Association, on_delete=models.CASCADE, related_name="suspensions")
    reason = models.TextField()
    by = models.CharField(max_length=200)
    since = models.DateTimeField(auto_now_add=True)
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_by = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["association"], condition=Q(lifted_at=None), name="suspension_one_open")
        ]

    def __str__(self) -> str:
        return f"{self.association}: {self.reason}"


def _open_suspension() -> models.Exists:
    return models.Exists(Suspension.objects.filter(association=models.OuterRef("pk"), lifted_at=None))


class Operator(models.Model):
    """A user of the apex host who works for operations (運営事務局)."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="operator")
    name = models.CharField(max_length=80)
    since = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name
