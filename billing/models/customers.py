"""Who pays: the only thing that says which association a Stripe object belongs to."""

from collections.abc import Iterable
from typing import ClassVar

from django.db import models, transaction

from billing import gateway
from billing.records import SubscriptionState
from controlplane.associations.models import Association


class CustomerQuerySet(models.QuerySet["Customer"]):
    @transaction.atomic
    def of(self, association: Association) -> "Customer":
        """The association's customer, made at Stripe the first time. Two who ask at once wait for each other."""
        known = self.filter(association=association).first()
        if known and not gateway.is_deleted(known.stripe_id):
            return known
        Association.objects.select_for_update(no_key=True).get(pk=association.pk)
        meanwhile = self.filter(association=association).first()
        if meanwhile and meanwhile.stripe_id != (known and known.stripe_id):
            return meanwhile
        new = {"stripe_id": gateway.create_customer(association)}
        customer, _created = self.update_or_create(association=association, defaults=new)
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
        for customer in cls._of(association):
            gateway.close_checkouts(customer.stripe_id)
            for subscription in customer._running():
                if not subscription.is_held:
                    gateway.hold(subscription.id, held=True)
            customer._bring_up_to_date()

    @classmethod
    def release(cls, association: Association) -> None:
        """Let what was held go on as it was, from the next period."""
        for customer in cls._of(association):
            for subscription in customer._running():
                if subscription.is_held:
                    gateway.hold(subscription.id, held=False)
            customer._bring_up_to_date()

    @classmethod
    def end(cls, association: Association) -> None:
        """End everything at once and for good."""
        for customer in cls._of(association):
            gateway.close_checkouts(customer.stripe_id)
            for subscription in customer._running():
                gateway.end(subscription.id)
            customer._bring_up_to_date()

    @classmethod
    def _of(cls, association: Association) -> "Iterable[Customer]":
        """The association's customer, if it ever had one and Stripe still has it."""
        known = cls.objects.filter(association=association).first()
        return [known] if known and not gateway.is_deleted(known.stripe_id) else []

    def _running(self) -> list[SubscriptionState]:
        return [each for each in gateway.subscriptions_of(self.stripe_id) if each.is_running]

    def _bring_up_to_date(self) -> None:
        from billing.models.subscriptions import Subscription

        Subscription.reconcile(self.association)
