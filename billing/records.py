"""What Kairan knows of Stripe's objects: plain records, and how they are read. None of Stripe's own pass on."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from billing.plans import plan_of_product

RUNNING = frozenset({"active", "trialing", "past_due"})  # statuses of a subscription that is in use

LONGEST = 80  # letters of an id or of an event's type
SINCE, UNTIL = 1, 4_102_444_800  # until 2099, in seconds


@dataclass(frozen=True, slots=True)
class Notice:
    """What a webhook says: something happened to `about`. Its picture of the object is not kept; it may be old."""

    id: str
    type: str
    about: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class SubscriptionState:
    """A subscription as Stripe has it now."""

    id: str
    customer: str
    plan: str  # "" when the product is none of ours
    blocks: int
    monthly_price: int  # without tax; of an old buyer not what our list says today
    status: str
    started_at: datetime
    current_period_end: datetime
    ends_at: datetime | None  # given notice to end then
    past_due_since: datetime | None
    is_held: bool = False  # nothing is charged until it is released

    @property
    def is_running(self) -> bool:
        return self.status in RUNNING


@dataclass(frozen=True, slots=True)
class InvoiceState:
    """An invoice as Stripe has it now. `amount_due` includes tax."""

    id: str
    customer: str
    subscription: str
    number: str
    status: str
    subtotal: int
    tax: int
    amount_due: int
    hosted_url: str
    pdf_url: str
    period_start: datetime
    period_end: datetime
    issued_at: datetime | None  # None while a draft
    due_at: datetime | None
    paid_at: datetime | None


def read_notice(event: dict[str, Any]) -> Notice:
    """Read an event as Stripe writes it; ValueError when its names or its moment are none we could keep."""
    about = event["data"]["object"].get("id") or ""  # a preview of an invoice has none
    created = event["created"]
    if type(created) is not int or not SINCE <= created < UNTIL:
        raise ValueError("The event is of no time of ours.")
    return Notice(_name(event["id"]), _name(event["type"]), _name(about), moment(created))


def _name(value: Any) -> str:
    name = str(value)
    if len(name) > LONGEST or not name.isprintable():
        raise ValueError("The event has a name that Stripe would not give.")
    return name


def read_subscription(found: Any, *, past_due_since: datetime | None) -> SubscriptionState:
    items = found["items"].data
    plans = [plan for item in items if (plan := plan_of_product(id_of(item.price.product)))]
    block = f"{plans[0].product}_extra" if plans else None
    period_end = moment(max(item.current_period_end for item in items))
    return SubscriptionState(
        id=found.id,
        customer=id_of(found.customer),
        plan=plans[0].code.value if plans else "",
        blocks=sum(item.quantity for item in items if id_of(item.price.product) == block),
        monthly_price=sum((item.price.unit_amount or 0) * item.quantity for item in items),
        status=found.status,
        started_at=moment(found.created),
        current_period_end=period_end,
        ends_at=moment_or_none(found.cancel_at) or (period_end if found.cancel_at_period_end else None),
        past_due_since=past_due_since,
        is_held=bool(found.pause_collection),
    )


def read_invoice(found: Any) -> InvoiceState:
    untaxed = found.total if found.total_excluding_tax is None else found.total_excluding_tax
    details = found.parent.subscription_details if found.parent else None
    periods = [line.period for line in found.lines.data]
    return InvoiceState(
        id=found.id,
        customer=id_of(found.customer),
        subscription=id_of(details.subscription) if details else "",
        number=found.number or "",
        status=found.status,
        subtotal=untaxed,
        tax=found.total - untaxed,
        amount_due=found.amount_due,
        hosted_url=found.hosted_invoice_url or "",
        pdf_url=found.invoice_pdf or "",
        period_start=moment(min((period.start for period in periods), default=found.period_start)),
        period_end=moment(max((period.end for period in periods), default=found.period_end)),
        issued_at=moment_or_none(found.status_transitions.finalized_at),
        due_at=moment_or_none(found.due_date),
        paid_at=moment_or_none(found.status_transitions.paid_at),
    )


def id_of(reference: Any) -> str:
    """Stripe refers by id or, when expanded, by the object; "" for none."""
    return str(getattr(reference, "id", reference) or "")


def moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def moment_or_none(seconds: int | None) -> datetime | None:
    return moment(seconds) if seconds else None
