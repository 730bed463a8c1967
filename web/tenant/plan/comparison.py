"""The plans side by side, from the price list alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.plans import Plan
from controlplane.associations.features import Feature

FREE_FOR_ALL = (gettext_lazy("お知らせ・カレンダー・出欠"), gettext_lazy("紙の回覧・回覧チラシ"))
PAID: tuple[tuple["str | Promise", frozenset[Feature]], ...] = (
    (gettext_lazy("どの世帯に届いたか"), frozenset({Feature.DELIVERY_LEDGER})),
    (gettext_lazy("アンケート・書類・話"), frozenset({Feature.SURVEYS, Feature.FOLDERS, Feature.TALK})),
    (gettext_lazy("安否確認・集会所の予約"), frozenset({Feature.SAFETY_CHECK, Feature.HALL_BOOKING})),
    (gettext_lazy("総会（書面の議決も）"), frozenset({Feature.ASSEMBLY_PACK})),
    (gettext_lazy("加盟する自治会へのお知らせ"), frozenset({Feature.MEMBER_ASSOCIATIONS})),
    (gettext_lazy("提出物の受付"), frozenset({Feature.DOCUMENT_DESK})),
)


@dataclass(frozen=True)
class Offer:
    plan: Plan
    price: int
    is_current: bool


@dataclass(frozen=True)
class Row:
    """One thing one can do, and for each plan: yes, no, or how much."""

    name: "str | Promise"
    cells: list[Any]


@dataclass(frozen=True)
class Comparison:
    offers: list[Offer]
    rows: list[Row]


def comparison(plans: Sequence[Plan], current: Plan, households: int) -> Comparison:
    offers = [Offer(plan, plan.monthly_price(households), plan == current) for plan in plans]
    rows = [Row(name, [True] * len(plans)) for name in FREE_FOR_ALL]
    rows += [Row(name, [wanted <= plan.offers for plan in plans]) for name, wanted in PAID]
    rows.append(Row(_("ショートメール（緊急・中止の連絡）"), [_sms(plan) for plan in plans]))
    rows.append(Row(_("ショートメール（入るための番号）"), [_("0円")] * len(plans)))
    rows.append(Row(_("写真と書類の置き場"), [f"{plan.storage_gb} GB" for plan in plans]))
    return Comparison(offers, [row for row in rows if any(row.cells)])


def _sms(plan: Plan) -> "str | bool":
    return _("月%(n)s通") % {"n": plan.sms_per_month} if plan.sms_per_month else False
