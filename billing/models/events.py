"""The inbox of Stripe's events: verified, kept once, worked off by re-fetching what they are about."""

from datetime import timedelta
from typing import ClassVar

import structlog
from django.db import models, transaction
from django.utils import timezone

from billing import gateway
from billing.models.subscriptions import Subscription

MEMORY = timedelta(days=90)
log = structlog.get_logger()


class StripeEventQuerySet(models.QuerySet["StripeEvent"]):
    def waiting(self) -> "StripeEventQuerySet":
        return self.filter(processed_at=None, next_attempt_at__lte=timezone.now())

    def prune(self) -> None:
        """Remove events worked off long ago: Stripe sends none again after a month."""
        self.filter(processed_at__lt=timezone.now() - MEMORY).delete()


class StripeEvent(models.Model):
    """That something happened. Twice, late, out of order do no harm: only what Stripe says when asked again counts."""

    stripe_id = models.CharField(max_length=80, unique=True)
    type = models.CharField(max_length=80)
    about = models.CharField(max_length=80, blank=True)  # the id of the object; nothing else of it is kept
    created_at = models.DateTimeField()
    received_at = models.DateTimeField(auto_now_add=True)
    processed_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.TextField(blank=True)
    next_attempt_at = models.DateTimeField(default=timezone.now)

    objects = StripeEventQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["pk"]
        indexes: ClassVar = [
            models.Index(fields=["next_attempt_at"], name="stripe_event_waiting", condition=models.Q(processed_at=None))
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.stripe_id}"

    @classmethod
    @transaction.atomic
    def receive(cls, raw_body: bytes, signature: str) -> "StripeEvent":
        """Keep a webhook, once, and have it worked off after commit. BadSignature when it is not for us."""
        from billing.tasks import process_event

        notice = gateway.verify(raw_body, signature)
        sweep = timezone.now() + timedelta(seconds=30)  # should the task below be lost
        fields = {"type": notice.type, "about": notice.about, "created_at": notice.created_at, "next_attempt_at": sweep}
        event, _created = cls.objects.get_or_create(stripe_id=notice.id, defaults=fields)
        if event.processed_at is None:
            process_event.on_commit(event.pk)
        return event

    def process(self) -> None:
        """Bring what the event is about up to date. Failing is noted and tried again later; the event is never lost."""
        if self.processed_at:
            return
        self.attempts += 1
        try:
            self._bring_up_to_date()
        except gateway.Missing as error:  # gone at Stripe: there is nothing left to bring up to date
            self._done(str(error))
        except Exception as error:
            log.exception("stripe_event_failed", event_id=self.stripe_id, type=self.type, attempts=self.attempts)
            self._try_later(repr(error))
        else:
            self._done()

    def _bring_up_to_date(self) -> None:
        if not self.about:
            return
        if self.type.startswith("customer.subscription."):
            Subscription.refresh(self.about)
        elif self.type.startswith("invoice."):
            Subscription.refresh_invoice(self.about)
        elif self.type.startswith("checkout.session."):
            Subscription.refresh_checkout(self.about)

    def _done(self, error: str = "") -> None:
        self.processed_at, self.error = timezone.now(), error[:500]
        self.save(update_fields=["processed_at", "error", "attempts"])

    def _try_later(self, error: str) -> None:
        self.error = error[:500]
        self.next_attempt_at = timezone.now() + timedelta(seconds=min(15 * 2 ** min(self.attempts, 8), 3600))
        self.save(update_fields=["error", "attempts", "next_attempt_at"])
