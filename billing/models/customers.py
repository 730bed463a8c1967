"""Who pays: the only thing that says which association a Stripe object belongs to."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import ClassVar

from django.db import models, transaction

from billing import gateway
from billing.records import SubscriptionState
from controlplane.associations.models import Association
from controlplane.tenancy import between_transactions


class CustomerQuerySet(models.QuerySet["Customer"]):
    def of(self, association: Association) -> "Customer":
        """The association's customer, made at Stripe the first time.

        Of two who ask at once the first one's counts for both, and the other's is taken back.
        """
        known = self.filter(association=association).first()
        with between_transactions():
            if known and not gateway.is_deleted(known.stripe_id):
                return known
            made = gateway.create_customer(association)
        customer = self._noted(association, made, instead_of=known)
        if customer.stripe_id != made:
            with between_transactions(), suppress(gateway.GatewayError):
                gateway.delete_customer(made)
        return customer

    @transaction.atomic
    def _noted(self, association: Association, made: str, *, instead_of: "Customer | None") -> "Customer":
        Association.objects.select_for_update(no_key=True).get(pk=association.pk)
        meanwhile = self.filter(association=association).first()
        if meanwhile and meanwhile.stripe_id != (instead_of and instead_of.stripe_id):
            return meanwhile
        customer, _created = self.update_or_create(association=association, defaults={"stripe_id": made})
        return customer


class Customer(models.Model):
    association = models.OneToOneField(Association, on_delete=models.PROTECT, related_name="customer")
    stripe_id = models.CharField(max_length=80, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = CustomerQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["pk"]

    def __str__(self) -> str:
        return self.stripe_id

    @classmethod
    def hold(cls, association: Association) -> None:
        """See to it that nothing is charged until `release`. Called again, it holds what was bought meanwhile too."""
        with cls._at_stripe(association) as customers:
            for customer in customers:
                gateway.close_checkouts(customer.stripe_id)
                for subscription in customer._running():
                    if not subscription.is_held:
                        gateway.hold(subscription.id, held=True)

    @classmethod
    def release(cls, association: Association) -> None:
        """Let what was held go on as it was, from the next period."""
        with cls._at_stripe(association) as customers:
            for customer in customers:
                for subscription in customer._running():
                    if subscription.is_held:
                        gateway.hold(subscription.id, held=False)

    @classmethod
    def end(cls, association: Association) -> None:
        """End everything at once and for good."""
        with cls._at_stripe(association) as customers:
            for customer in customers:
                gateway.close_checkouts(customer.stripe_id)
                for subscription in customer._running():
                    gateway.end(subscription.id)

    @classmethod
    @contextmanager
    def _at_stripe(cls, association: Association) -> "Iterator[list[Customer]]":
        """Its customer, if it ever had one and Stripe still has it, with no transaction open; known anew afterwards."""
        from billing.models.subscriptions import Subscription

        known = cls.objects.filter(association=association).first()
        with between_transactions():
            found = [known] if known and not gateway.is_deleted(known.stripe_id) else []
            yield found
        if found:
            Subscription.reconcile(association)

    def _running(self) -> list[SubscriptionState]:
        return [each for each in gateway.subscriptions_of(self.stripe_id) if each.is_running]
