"""The association itself: its facts, its state, its hosts. Schema: public only."""

import uuid as uuid_module
from datetime import datetime
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from controlplane.associations.features import Feature, storage_gb
from controlplane.associations.models.domains import Domain, subdomain
from controlplane.associations.models.grants import Grant
from controlplane.associations.models.suspensions import Suspension, open_suspension
from controlplane.associations.slugs import names_a_place, validate_slug
from controlplane.audit.models import record
from controlplane.cities.models import City
from controlplane.tenancy import routing


class AssociationQuerySet(models.QuerySet["Association"]):
    def not_suspended(self) -> "AssociationQuerySet":
        return self.exclude(open_suspension())

    def not_closed(self) -> "AssociationQuerySet":
        return self.filter(closed_at=None)

    def in_state(self, state: str) -> "AssociationQuerySet":
        """Those that are preparing, live, suspended or closed."""
        if state == "closed":
            return self.filter(closed_at__isnull=False)
        if state == "suspended":
            return self.not_closed().filter(open_suspension())
        return self.live() if state == "live" else self.not_closed().not_suspended().filter(live_at=None)

    def search(self, words: str) -> "AssociationQuerySet":
        wanted = Q()
        for word in words.split()[:5]:
            wanted &= Q(name__says=word) | Q(kana__says=word) | Q(slug__icontains=word)
        return self.filter(wanted)

    def with_state(self) -> "AssociationQuerySet":
        """So that a list asks for every state at once."""
        return self.annotate(is_suspended=open_suspension())

    def live(self) -> "AssociationQuerySet":
        return self.not_closed().not_suspended().filter(live_at__isnull=False)

    def open_for_work(self, uuid: uuid_module.UUID) -> "Association | None":
        """The association a task may work for: known, live or being made, neither suspended nor closed."""
        return self.not_closed().not_suspended().filter(pk=uuid).first()

    def taken_slugs(self, start: str) -> set[str]:
        """The slugs beginning like this that are in use or ever were."""
        hosts = Domain.objects.under_apex().filter(host__startswith=start).values_list("host", flat=True)
        in_use = self.model.objects.filter(slug__startswith=start).values_list("slug", flat=True)
        return {*in_use, *(host.partition(".")[0] for host in hosts)}

    def must_be_free(self, slug: str, *, holder: "Association | None" = None, place: bool = False) -> None:
        """Raise ValidationError unless the slug is well-formed and nobody but `holder` has or ever had it.

        A city's, a ward's or a prefecture's name is given only to whoever says that it is meant (`place`).
        """
        try:
            validate_slug(slug)
        except ValidationError as error:
            raise ValidationError({"slug": error.messages}) from error
        if names_a_place(slug) and not place:
            raise ValidationError(
                {"slug": _("市・区・都道府県の名前です。役所のページと思われないか、たしかめてください。")}
            )
        owners = {
            *self.model.objects.filter(slug=slug).values_list("pk", flat=True),
            *Domain.objects.filter(host=subdomain(slug)).values_list("association", flat=True),
        }
        if owners - {holder and holder.pk}:
            raise _slug_taken()

    def reserve(self, slug: str, *, place: bool = False, **facts: Any) -> "Association":
        """Make the association of a slug that nobody has or ever had; its site is not live yet."""
        self.must_be_free(slug, place=place)
        try:
            with transaction.atomic():
                return self.create(slug=slug, **facts)
        except IntegrityError as error:
            raise _slug_taken() from error


def _slug_taken() -> ValidationError:
    return ValidationError({"slug": _("この名前は、もう使われています。ほかの名前にしてください。")})


class Association(models.Model):
    """A 自治会・町内会 or a 自治連合会. Residents' data is not here but in the schema named after `uuid`."""

    class Kind(models.TextChoices):
        ASSOCIATION = "association", gettext_lazy("自治会・町内会")
        FEDERATION = "federation", gettext_lazy("自治連合会")

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
    closed_at = models.DateTimeField(null=True, blank=True)  # who, why and until when: provisioning's Closure

    objects = AssociationQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["kana", "name"]

    def __str__(self) -> str:
        return self.name

    @property
    def state(self) -> str:
        """preparing | live | suspended | closed"""
        if self.closed_at:
            return "closed"
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
        return domain.host if domain else subdomain(self.slug)

    def url(self, path: str = "/") -> str:
        return routing.url_of(self.host, path)

    @transaction.atomic
    def open(self) -> None:
        """Give the association its host: the last thing that happens before the first request."""
        Domain.objects.get_or_create(host=subdomain(self.slug), defaults={"association": self, "is_primary": True})
        if self.live_at is None:
            self.live_at = timezone.now()
            self.save(update_fields=["live_at"])
            self._recount()
        self.forget_snapshots()

    @transaction.atomic
    def rename(self, slug: str, *, by: object, place: bool = False) -> None:
        """Move to another subdomain. The old host stays, leads to the new one, and is never anybody else's."""
        row = Association.objects.select_for_update().get(pk=self.pk)
        if row.slug != self.slug:
            raise ValidationError({"slug": _("たった今、ほかの人がアドレスを変えました。開きなおしてください。")})
        if row.state not in ("live", "suspended"):
            raise ValidationError({"slug": _("公開していないページのアドレスは、変えられません。")})
        if row.slug == slug:
            raise ValidationError({"slug": _("いまのアドレスと同じです。")})
        Association.objects.must_be_free(slug, holder=row, place=place)
        row._move_to(slug)
        meant = {"place": True} if names_a_place(slug) else {}
        record("association.rename", row, by=by, slug=slug, before=self.slug, **meant)
        self.slug = slug
        self.forget_snapshots()

    def _move_to(self, slug: str) -> None:
        try:
            with transaction.atomic():
                Association.objects.filter(pk=self.pk).update(slug=slug)
                domain, _new = Domain.objects.get_or_create(host=subdomain(slug), defaults={"association": self})
        except IntegrityError as error:
            raise _slug_taken() from error
        if domain.association_id != self.pk:
            raise _slug_taken()
        if not self.domains.filter(is_primary=True).exclude(pk__in=Domain.objects.under_apex()).exists():
            domain.become_primary()  # a host of the association's own stays the primary one

    def has(self, feature: Feature) -> bool:
        return self.grants.alive().filter(feature=feature).exists()

    @property
    def storage_bytes(self) -> int:
        """How much it may keep."""
        return storage_gb(set(self.grants.alive().values_list("feature", flat=True))) * 10**9

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
        self._recount()
        self.forget_snapshots()
        return suspension

    @transaction.atomic
    def resume(self, *, by: object) -> None:
        """Lift the suspension, if there is one."""
        if self.suspensions.filter(lifted_at=None).update(lifted_at=timezone.now(), lifted_by=str(by)):
            record("association.resume", self, by=by)
            self._recount()
            self.forget_snapshots()

    @transaction.atomic
    def shut(self, at: datetime | None) -> None:
        """Shut the site, or with None open it as it was. A Closure's doing: it alone knows until when, and why."""
        self.closed_at = at
        self.save(update_fields=["closed_at"])
        self._recount()
        self.forget_snapshots()

    def _recount(self) -> None:
        """Whether it counts in its city has changed."""
        City.objects.filter(pk=self.city_id).recount_soon()

    def forget_snapshots(self) -> None:
        hosts = [*self.domains.values_list("host", flat=True), subdomain(self.slug)]
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
            primary=self.host,
        )
