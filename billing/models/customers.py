"""Who pays: the only thing that says which association a Stripe object belongs to."""

from typing import ClassVar

from django.db import models, transaction

from billing import gateway
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
