"""Invoices (請求書) as Stripe last showed them: to list and to link, never to reckon with."""

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from billing.records import InvoiceState
from controlplane.associations.models import Association


class InvoiceQuerySet(models.QuerySet["Invoice"]):
    def keep(self, association: Association, state: InvoiceState, *, as_of: datetime) -> None:
        """Set the invoice to what was fetched, unless something fetched later is known. Drafts are not invoices yet."""
        if state.issued_at is None or self.filter(stripe_id=state.id, fetched_at__gte=as_of).exists():
            return
        fields = {
            "association": association,
            "number": state.number,
            "status": state.status,
            "subtotal": state.subtotal,
            "tax": state.tax,
            "amount_due": state.amount_due,
            "hosted_url": state.hosted_url,
            "pdf_url": state.pdf_url,
            "period_start": state.period_start,
            "period_end": state.period_end,
            "issued_at": state.issued_at,
            "due_at": state.due_at,
            "paid_at": state.paid_at,
            "fetched_at": as_of,
        }
        self.update_or_create(stripe_id=state.id, defaults=fields)


class Invoice(models.Model):
    """In yen. `amount_due` includes tax."""

    class Status(models.TextChoices):
        OPEN = "open", _("お支払い待ち")
        PAID = "paid", _("お支払いずみ")
        VOID = "void", _("取り消し")
        UNCOLLECTIBLE = "uncollectible", _("お支払いなし")

    association = models.ForeignKey(Association, on_delete=models.PROTECT, related_name="invoices")
    stripe_id = models.CharField(max_length=80, unique=True)
    number = models.CharField(max_length=80, blank=True)
    status = models.CharField(max_length=20, choices=Status)
    subtotal = models.IntegerField()
    tax = models.IntegerField()
    amount_due = models.IntegerField()
    hosted_url = models.URLField(max_length=1000, blank=True)
    pdf_url = models.URLField(max_length=1000, blank=True)
    period_start = models.DateTimeField()
    period_end = models.DateTimeField()
    issued_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True, blank=True)
    paid_at = models.DateTimeField(null=True, blank=True)
    fetched_at = models.DateTimeField()

    objects = InvoiceQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-issued_at", "-pk"]

    def __str__(self) -> str:
        return self.number
