"""Subscriptions as Stripe last showed them. What is fetched comes in by one door, `take_in`, which sets grants too."""

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

import structlog
from django.core.exceptions import ValidationError
from django.db import connection, models, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing import gateway, plans
from billing.entitlement import grants_for, merged
from billing.models.customers import Customer
from billing.models.invoices import Invoice
from billing.plans import Plan, PlanCode
from billing.records import RUNNING, InvoiceState, SubscriptionState
from controlplane.associations.features import Feature
from controlplane.associations.models import Association, Grant
from controlplane.audit.models import record
from controlplane.tenancy import between_transactions

log = structlog.get_logger()


class SubscriptionQuerySet(models.QuerySet["Subscription"]):
    def running(self) -> "SubscriptionQuerySet":
        return self.filter(status__in=RUNNING)

    def associations_on(self, plan: str) -> models.QuerySet["Association"]:
        """The associations that use this plan; はじめて is what those without a subscription use."""
        paying = self.running().exclude(plan="")
        if plan == PlanCode.FREE:
            return Association.objects.exclude(pk__in=paying.values("association"))
        return Association.objects.filter(pk__in=paying.filter(plan=plan).values("association"))

    def keep(self, association: Association, state: SubscriptionState, *, as_of: datetime) -> None:
        """Set the subscription to what was fetched, unless something fetched later is known."""
        if self.filter(stripe_id=state.id, fetched_at__gte=as_of).exists():
            return
        fields = {
            "association": association,
            "plan": state.plan,
            "blocks": state.blocks,
            "monthly_price": state.monthly_price,
            "status": state.status,
            "started_at": state.started_at,
            "current_period_end": state.current_period_end,
            "ends_at": state.ends_at,
            "past_due_since": state.past_due_since,
            "fetched_at": as_of,
        }
        self.update_or_create(stripe_id=state.id, defaults=fields)

    def end_all_but(self, listed: Sequence[str], *, as_of: datetime) -> None:
        """What Stripe no longer lists has ended."""
        self.running().exclude(stripe_id__in=listed).filter(fetched_at__lt=as_of).update(
            status=Subscription.Status.CANCELED, fetched_at=as_of
        )


class Subscription(models.Model):
    class Status(models.TextChoices):
        INCOMPLETE = "incomplete", gettext_lazy("手続きの途中")
        INCOMPLETE_EXPIRED = "incomplete_expired", gettext_lazy("手続きの期限切れ")
        TRIALING = "trialing", gettext_lazy("おためし中")
        ACTIVE = "active", gettext_lazy("使っています")
        PAST_DUE = "past_due", gettext_lazy("お支払いを待っています")
        PAUSED = "paused", gettext_lazy("お休み中")
        CANCELED = "canceled", gettext_lazy("終わりました")
        UNPAID = "unpaid", gettext_lazy("お支払いがありません")

    association = models.ForeignKey(Association, on_delete=models.PROTECT, related_name="subscriptions")
    stripe_id = models.CharField(max_length=80, unique=True)
    plan = models.CharField(max_length=12, choices=PlanCode, blank=True)
    blocks = models.PositiveIntegerField(default=0)  # further blocks of 300 households
    monthly_price = models.PositiveIntegerField()  # yen without tax, as agreed: not what the list says today
    status = models.CharField(max_length=20, choices=Status)
    started_at = models.DateTimeField()
    current_period_end = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)
    past_due_since = models.DateTimeField(null=True, blank=True)
    fetched_at = models.DateTimeField()  # when the fetch began, by the database's clock

    objects = SubscriptionQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-started_at", "-pk"]

    def __str__(self) -> str:
        return self.stripe_id

    @property
    def cancel_at_period_end(self) -> bool:
        return self.ends_at is not None

    @classmethod
    def for_association(cls, association: Association) -> "Subscription | None":
        """The subscription in use, if the association has one."""
        return cls.objects.running().filter(association=association).exclude(plan="").first()

    @classmethod
    def plan_of(cls, association: Association) -> Plan:
        """The plan the association pays for: はじめて without a subscription."""
        subscription = cls.for_association(association)
        return plans.find(subscription.plan if subscription else PlanCode.FREE)

    @classmethod
    def start_checkout(
        cls, association: Association, plan: str, *, by: object, success_url: str, cancel_url: str
    ) -> str:
        """Return where to send the buyer: a page to pay on, or `success_url` when a running plan was changed."""
        wanted = _sellable(association, plan)
        customer = Customer.objects.of(association)
        with between_transactions():
            running = [each for each in gateway.subscriptions_of(customer.stripe_id) if each.is_running and each.plan]
            if any(each.plan == wanted.code for each in running):
                raise ValidationError({"plan": _("もう「%(plan)s」をお使いです。") % {"plan": wanted}})
            if running:
                gateway.change_plan(running[0].id, wanted, association.households)
                url = success_url
            else:
                urls = {"success_url": success_url, "cancel_url": cancel_url}
                url = gateway.start_checkout(customer.stripe_id, wanted, association, **urls)
        record("subscription.start_checkout", association, by=by, plan=wanted.code.value)
        if running:
            cls.refresh(running[0].id)
        return url

    @classmethod
    def open_portal(cls, association: Association, return_url: str) -> str:
        """Return the address of the page for cards, invoices and giving notice."""
        customer = Customer.objects.filter(association=association).first()
        if customer is None:
            raise ValidationError(_("まだお申し込みがありません。先にプランを選んでください。"))
        with between_transactions():
            return gateway.open_portal(customer.stripe_id, return_url=return_url)

    @classmethod
    def refresh(cls, stripe_id: str) -> None:
        """Fetch the subscription again and set what is known of it."""
        as_of = _database_clock()
        with between_transactions():
            state = gateway.fetch_subscription(stripe_id)
        take_in(state.customer, as_of, [state])

    @classmethod
    def refresh_invoice(cls, stripe_id: str) -> None:
        """Fetch the invoice again, and the subscription it is for."""
        as_of = _database_clock()
        with between_transactions():
            invoice = gateway.fetch_invoice(stripe_id)
            states = [gateway.fetch_subscription(invoice.subscription)] if invoice.subscription else []
        take_in(invoice.customer, as_of, states, [invoice])

    @classmethod
    def refresh_checkout(cls, session: str) -> None:
        """Fetch what was bought on a checkout page, once something was."""
        with between_transactions():
            bought = gateway.subscription_of_checkout(session)
        if bought:
            cls.refresh(bought)

    @classmethod
    def reconcile(cls, association: Association) -> None:
        """Make everything known of the association's payments equal to Stripe, whatever was lost before."""
        customer = Customer.objects.filter(association=association).first()
        if customer is None:
            return
        as_of = _database_clock()
        with between_transactions():
            states = gateway.subscriptions_of(customer.stripe_id)
            invoices = gateway.invoices_of(customer.stripe_id)
        take_in(customer.stripe_id, as_of, states, invoices, complete=True)


@transaction.atomic
def take_in(
    customer_id: str,
    as_of: datetime,
    subscriptions: Sequence[SubscriptionState] = (),
    invoices: Sequence[InvoiceState] = (),
    *,
    complete: bool = False,
) -> None:
    """Set absolute state, then the grants that follow from it. All was fetched before: the lock holds over no HTTP."""
    customer = Customer.objects.select_for_update().filter(stripe_id=customer_id).first()
    if customer is None:
        log.info("stripe_customer_unknown", customer=customer_id)
        return
    association = customer.association
    before = Subscription.plan_of(association)
    for subscription in subscriptions:
        Subscription.objects.keep(association, subscription, as_of=as_of)
    for invoice in invoices:
        Invoice.objects.keep(association, invoice, as_of=as_of)
    if complete:
        association.subscriptions.all().end_all_but([each.id for each in subscriptions], as_of=as_of)
    _set_grants(association)
    _note_change(association, before, Subscription.plan_of(association))


def _set_grants(association: Association) -> None:
    """Grants from subscriptions become what all its subscriptions together say; other sources' stay."""
    source = Grant.Source.SUBSCRIPTION
    wanted = merged(map(grants_for, association.subscriptions.all()))
    held = dict(association.grants.filter(source=source).values_list("feature", "until"))
    for feature in held.keys() - wanted.keys():
        association.revoke(Feature(feature), source=source)
    for feature, until in wanted.items():
        if held.get(feature) != until:
            association.grant(feature, source=source, until=until)


def _note_change(association: Association, before: Plan, after: Plan) -> None:
    if before != after:
        codes = {"before": before.code.value, "after": after.code.value}
        record("subscription.change_plan", association, by="Stripe", **codes)


def _sellable(association: Association, code: str) -> Plan:
    plan = next((plan for plan in plans.PLANS if plan.code == code), None)
    if plan is None or not plan.is_sold_online:
        raise ValidationError({"plan": _("このプランは、ここでは申し込めません。")})
    if not plan.is_available:
        raise ValidationError({"plan": _("「%(plan)s」は、まだ申し込めません。") % {"plan": plan}})
    if association.kind not in plan.kinds:
        raise ValidationError({"plan": _("「%(plan)s」は自治連合会のためのプランです。") % {"plan": plan}})
    return plan


def _database_clock() -> datetime:
    """One clock for all workers. Taken before a fetch, so that of two fetches the one that began later is the newer."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        moment: datetime = cursor.fetchone()[0]
    return moment
