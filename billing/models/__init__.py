"""Customers, subscriptions, invoices as Stripe last showed them, and the inbox of its events. Schema: public only."""

from billing.models.customers import Customer
from billing.models.events import StripeEvent
from billing.models.invoices import Invoice
from billing.models.subscriptions import Subscription

__all__ = ["Customer", "Invoice", "StripeEvent", "Subscription"]
