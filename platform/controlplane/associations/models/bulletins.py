"""Bulletins: what a city or a federation tells associations. Each association's own code copies it into its feed.

Schema: public only. Counts come back, people do not.
"""

import uuid
from datetime import timedelta
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Count, F, Q, Sum
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from controlplane.associations.models.associations import Association, AssociationQuerySet
from controlplane.associations.models.federations import members_of
from controlplane.audit.models import record
from controlplane.cities.figures import Figure
from controlplane.cities.models import City

BODY_LENGTH = 20_000
PATIENCE = timedelta(minutes=1)  # doubled with every failure
COUNTED_FOR = timedelta(days=60)
FRESH = timedelta(days=3)  # counted every few minutes, later once a day


class BulletinQuerySet(models.QuerySet["Bulletin"]):
    def standing(self) -> "BulletinQuerySet":
        return self.filter(withdrawn_at=None)

    def with_counts(self) -> "BulletinQuerySet":
        """With `sent`, `arrived`, and of those that arrived `homes` and `read` households (hidden ones left out)."""
        told = Q(copies__read_households__gte=5) | Q(copies__read_households=0)
        counts: dict[str, Any] = {
            "sent": Count("copies"),
            "arrived": Count("copies", filter=Q(copies__received_at__isnull=False)),
            "homes": Sum("copies__households", default=0),
            "read": Sum("copies__read_households", filter=told, default=0),
            "few": Count("copies", filter=~told),
        }
        return self.annotate(**counts).order_by("-published_at")

    @transaction.atomic
    def publish(self, *, by: str, **fields: Any) -> "Bulletin":
        """Tell associations something; a beat hands it out. Raises ValidationError by field."""
        bulletin = Bulletin(by=by[:80], **fields)
        bulletin.check_words()
        bulletin.check_audience()
        bulletin.save(force_insert=True)
        record("bulletin.publish", bulletin, by=by, audience=bulletin.audience)
        return bulletin

    @transaction.atomic
    def address(self) -> None:
        """Give every new bulletin a row for each association it goes to. Two at once: one does, the other waits."""
        for bulletin in self.select_for_update().filter(addressed_at=None):
            recipients = bulletin.recipients().values_list("pk", flat=True)
            rows = (BulletinCopy(bulletin=bulletin, association_id=pk) for pk in recipients)
            BulletinCopy.objects.bulk_create(rows, ignore_conflicts=True, batch_size=1000)
            bulletin.addressed_at = timezone.now()
            bulletin.save(update_fields=["addressed_at"])


class Bulletin(models.Model):
    class Audience(models.TextChoices):
        ALL = "all", gettext_lazy("市全体")
        WARD = "ward", gettext_lazy("1つの区")
        FEDERATION = "federation", gettext_lazy("1つの自治連合会")
        MEMBERS = "members", gettext_lazy("加盟している団体")

    class Kind(models.TextChoices):
        NOTICE = "notice", pgettext_lazy("kind", "お知らせ")
        URGENT = "urgent", gettext_lazy("緊急")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    city = models.ForeignKey(City, on_delete=models.CASCADE, related_name="bulletins", null=True, blank=True)
    federation = models.ForeignKey(
        Association, on_delete=models.CASCADE, related_name="bulletins", null=True, blank=True
    )
    audience = models.CharField(max_length=10, choices=Audience)
    ward = models.CharField(max_length=20, blank=True)
    to_federation = models.ForeignKey(
        Association, on_delete=models.CASCADE, related_name="+", null=True, blank=True, db_index=False
    )
    chosen = models.JSONField(default=list, blank=True)  # uuids among the federation's members; none: all of them
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.NOTICE)
    title = models.CharField(max_length=120)
    body = models.TextField(max_length=BODY_LENGTH)
    by = models.CharField(max_length=80)
    published_at = models.DateTimeField(default=timezone.now)
    edited_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    addressed_at = models.DateTimeField(null=True, blank=True)

    objects = BulletinQuerySet.as_manager()

    # Set by with_counts().
    sent: int
    arrived: int
    homes: int
    read: int
    few: int

    class Meta:
        ordering: ClassVar = ["-published_at"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(city__isnull=False, federation=None) | Q(city=None, federation__isnull=False),
                name="bulletin_of_city_or_federation",
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["published_at"], name="bulletin_to_address", condition=Q(addressed_at=None))
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def source(self) -> str:
        """city | federation"""
        return "city" if self.city_id else "federation"

    @property
    def sender(self) -> str:
        return str(self.city or self.federation)

    @property
    def reads(self) -> Figure:
        """Households that have read it, rounded where a small count would show. Needs with_counts()."""
        return Figure.sum_of(self.read, hidden=self.few)

    def recipients(self) -> AssociationQuerySet:
        """Sites that are open, or will be again: a suspended one gets it later."""
        if self.city is None:
            found = members_of(self.federation) if self.federation else Association.objects.none()
            found = found.filter(pk__in=self.chosen) if self.chosen else found
        else:
            found = Association.objects.filter(city=self.city)
        if self.audience == self.Audience.WARD:
            found = found.filter(ward=self.ward)
        if self.audience == self.Audience.FEDERATION and self.to_federation:
            found = found.filter(Q(pk__in=members_of(self.to_federation).values("pk")) | Q(pk=self.to_federation_id))
        return found.not_closed().filter(live_at__isnull=False)

    @transaction.atomic
    def edit(self, *, by: str, title: str, body: str) -> None:
        """Correct it, here and in every feed."""
        row = self._standing()
        row.title, row.body, row.edited_at = title, body, timezone.now()
        row.check_words()
        row.save(update_fields=["title", "body", "edited_at"])
        row._again()
        record("bulletin.edit", row, by=by)
        self.refresh_from_db()

    @transaction.atomic
    def withdraw(self, *, by: str) -> None:
        """Take it back out of every feed. Twice is once."""
        row = Bulletin.objects.select_for_update(of=("self",)).get(pk=self.pk)
        if row.withdrawn_at is None:
            row.withdrawn_at = timezone.now()
            row.save(update_fields=["withdrawn_at"])
            row._again()
            record("bulletin.withdraw", row, by=by)
        self.refresh_from_db()

    def check_words(self) -> None:
        self.title, self.body = self.title.strip(), self.body.strip()
        errors: dict[str, str] = {}
        if not self.title:
            errors["title"] = _("題名が、まだ入っていません。")
        if not self.body:
            errors["body"] = _("本文が、まだ入っていません。")
        if len(self.title) > 120:
            errors["title"] = _("題名は120文字までです。")
        if len(self.body) > BODY_LENGTH:
            errors["body"] = _("本文は2万文字までです。")
        if errors:
            raise ValidationError(errors)

    def check_audience(self) -> None:
        if (self.audience == self.Audience.MEMBERS) != (self.city is None):
            raise ValidationError({"audience": _("届け先を選んでください。")})
        if self.audience == self.Audience.WARD and not self.ward:
            raise ValidationError({"ward": _("どの区に届けるか、選んでください。")})
        if self.audience == self.Audience.FEDERATION:
            to = self.to_federation
            if to is None or to.kind != Association.Kind.FEDERATION or to.city_id != self.city_id:
                raise ValidationError({"to_federation": _("どの自治連合会に届けるか、選んでください。")})
        if self.city is None and not self.recipients().exists():
            raise ValidationError({"audience": _("受け取る団体が、まだありません。加盟をお願いして、返事を待ちます。")})

    def _standing(self) -> "Bulletin":
        row = Bulletin.objects.select_for_update(of=("self",)).get(pk=self.pk)
        if row.withdrawn_at:
            raise ValidationError(_("取り下げたお知らせは、なおせません。"))
        return row

    def _again(self) -> None:
        """What it says has changed: hand it out once more."""
        self.copies.update(due_at=timezone.now(), tries=0)


class BulletinCopyQuerySet(models.QuerySet["BulletinCopy"]):
    def due(self) -> "BulletinCopyQuerySet":
        """To be copied into a feed now; suspended and closed sites wait."""
        return self.filter(due_at__lte=timezone.now(), association__in=Association.objects.live())

    def to_count(self) -> "BulletinCopyQuerySet":
        """Whose readers should be counted again."""
        now = timezone.now()
        stale = Q(counted_at__lte=now - timedelta(days=1)) | Q(
            counted_at__lte=now - timedelta(minutes=10), bulletin__published_at__gte=now - FRESH
        )
        lately = Q(bulletin__published_at__gte=now - COUNTED_FOR, bulletin__withdrawn_at=None)
        return self.filter(lately & stale, association__in=Association.objects.live())

    def whose(self) -> list[uuid.UUID]:
        """The associations of these, those that wait longest first."""
        return list(dict.fromkeys(self.order_by("due_at", "pk").values_list("association_id", flat=True)))


class BulletinCopy(models.Model):
    """A bulletin at one association: when it arrived, and how many households have read it."""

    # Not indexed by itself: bulletin_once begins with it.
    bulletin = models.ForeignKey(Bulletin, on_delete=models.CASCADE, related_name="copies", db_index=False)
    association = models.ForeignKey(Association, on_delete=models.CASCADE, related_name="bulletin_copies")
    due_at = models.DateTimeField(null=True, blank=True, default=timezone.now)  # None: nothing to hand out
    tries = models.PositiveSmallIntegerField(default=0)
    received_at = models.DateTimeField(null=True, blank=True)
    counted_at = models.DateTimeField(null=True, blank=True)
    households = models.PositiveIntegerField(default=0)
    read_households = models.PositiveIntegerField(default=0)

    objects = BulletinCopyQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "bulletin copies"
        constraints: ClassVar = [models.UniqueConstraint(fields=["bulletin", "association"], name="bulletin_once")]
        indexes: ClassVar = [
            models.Index(fields=["due_at"], name="bulletin_copy_due", condition=Q(due_at__isnull=False))
        ]

    def __str__(self) -> str:
        return f"{self.bulletin} at {self.association}"

    @property
    def reads(self) -> Figure:
        return Figure.of(self.read_households)

    def received(self, *, households: int, read: int) -> None:
        """It stands in the feed as it is now: written in the very transaction that puts it there."""
        now = timezone.now()
        BulletinCopy.objects.filter(pk=self.pk).update(due_at=None, tries=0, received_at=self.received_at or now)
        self.counted(households=households, read=read)

    def counted(self, *, households: int, read: int) -> None:
        counts = {"households": households, "read_households": min(read, households)}
        BulletinCopy.objects.filter(pk=self.pk).update(counted_at=timezone.now(), **counts)

    def failed(self) -> None:
        """Try again later, and later each time: one association's trouble stops nobody."""
        wait = PATIENCE * 2 ** min(self.tries, 8)
        BulletinCopy.objects.filter(pk=self.pk).update(tries=F("tries") + 1, due_at=timezone.now() + wait)
