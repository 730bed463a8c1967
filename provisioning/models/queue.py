"""The queue of applications as operations see it: taking in, searching, stages. Schema: public only."""

from datetime import timedelta
from statistics import median
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, models, transaction
from django.db.models import Count, Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from controlplane.audit.models import record
from controlplane.cities.models import City
from controlplane.outbox.models import Message

if TYPE_CHECKING:
    from provisioning.models.applications import Application

UNDECIDED = ("received", "asked")


class Stage(models.TextChoices):
    """Where an application stands, from the entry form to the live site."""

    RECEIVED = "received", _("たしかめる")
    UNREACHABLE = "unreachable", _("連絡できない")
    ASKED = "asked", _("返事を待っている")
    PREPARING = "preparing", _("作成中")
    LIVE = "live", _("公開した")
    REJECTED = "rejected", _("お断りした")


class ApplicationQuerySet(models.QuerySet["Application"]):
    def undecided(self) -> "ApplicationQuerySet":
        return self.filter(status__in=UNDECIDED)

    def of_city(self, city: City, ward: str = "") -> "ApplicationQuerySet":
        return self.filter(city=city, ward=ward) if ward else self.filter(city=city)

    def search(self, words: str) -> "ApplicationQuerySet":
        found = self
        for word in words.split()[:5]:
            person = Q(representative_name__says=word) | Q(representative_email__icontains=word)
            found = found.filter(Q(name__says=word) | person)
        return found

    def in_stage(self, stage: str) -> "ApplicationQuerySet":
        return self.with_reach().filter(_IN_STAGE[Stage(stage)])

    def counts_by_stage(self) -> dict[str, int]:
        """How many there are in all (under "") and in each stage."""
        counts = {f"in_{stage.value}": Count("pk", filter=_IN_STAGE[stage]) for stage in Stage}
        found = self.with_reach().order_by().aggregate(every=Count("pk"), **counts)
        return {"": found["every"]} | {stage.value: found[f"in_{stage.value}"] for stage in Stage}

    def with_reach(self) -> "ApplicationQuerySet":
        """Whether a mail to the representative came back (`is_unreachable`)."""
        came_back = Message.objects.bounced().filter(to=OuterRef("representative_email"))
        return self.annotate(is_unreachable=Exists(came_back))

    def resembling(self, application: "Application") -> "ApplicationQuerySet":
        """Others of the same name, mail or telephone: perhaps the same association twice."""
        same = (
            Q(name__same=application.name, city_id=application.city_id)
            | Q(representative_email=application.representative_email)
            | Q(representative_phone=application.representative_phone)
        )
        return self.filter(same).exclude(pk=application.pk)

    def median_minutes_to_live(self) -> int | None:
        """From receipt to the live site, the middle of the last thirty days; None when none went live."""
        recent = self.filter(association__live_at__gt=timezone.now() - timedelta(days=30))
        both = recent.values_list("created_at", "association__live_at")
        times = [live - received for received, live in both if live]
        return round(median(time.total_seconds() / 60 for time in times)) if times else None

    @transaction.atomic
    def submit(self, *, idempotency_key: str = "", **fields: Any) -> tuple["Application", bool]:
        """Take an application in, once: the same key, or the same name and address still undecided, is the same one.

        Returns the application and whether it is new. The fields are already validated in shape.
        """
        if idempotency_key:
            again = self.filter(idempotency_key=idempotency_key).first()
            if again:
                return again, False
        fields["ward"] = fields.get("ward") or fields["city"].ward_in(fields["address"])
        same = {"name": fields["name"], "representative_email": fields["representative_email"]}
        try:
            with transaction.atomic():
                application = self.create(idempotency_key=idempotency_key or None, **fields)
        except IntegrityError:
            twin = self.undecided().filter(**same).first() or self.get(idempotency_key=idempotency_key)
            return twin, False
        record("application.submit", application, by=application.representative_name)
        application.thank()
        return application, True


_IN_STAGE = {
    Stage.RECEIVED: Q(status="received"),
    Stage.UNREACHABLE: Q(status__in=UNDECIDED, is_unreachable=True),
    Stage.ASKED: Q(status="asked"),
    Stage.PREPARING: Q(status="approved", association__live_at=None),
    Stage.LIVE: Q(status="approved", association__live_at__isnull=False),
    Stage.REJECTED: Q(status="rejected"),
}
