"""The price list (料金). Priced per households, never per user; in yen a month, without tax unless said otherwise."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from controlplane.associations.features import BUILT, Feature, sms_a_month, storage_gb
from controlplane.associations.models import Association

if TYPE_CHECKING:
    Text = str | Promise

BLOCK = 300  # households the base price covers, and each further block
TAX_PERCENT = 10


class PlanCode(models.TextChoices):
    FREE = "free", gettext_lazy("はじめて")
    STANDARD = "standard", gettext_lazy("標準")
    PREMIUM = "premium", gettext_lazy("あんしん")
    FEDERATION = "federation", gettext_lazy("連合会")
    CITY = "city", gettext_lazy("自治体")


@dataclass(frozen=True, slots=True)
class Tag:
    """One price of a plan as Stripe knows it. The product's id stays when the amount changes."""

    product: str
    name: str
    yen: int

    @property
    def lookup_key(self) -> str:
        return f"{self.product}_monthly"


@dataclass(frozen=True, slots=True)
class Plan:
    code: PlanCode
    base: int
    extra: int  # for each further block of households
    features: frozenset[Feature]
    points: "Sequence[Text]"  # the lines of the price list
    kinds: frozenset[str] = frozenset(Association.Kind.values)
    by_quote: bool = False

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return str(self.code.label)

    @property
    def storage_gb(self) -> int:
        return storage_gb(self.features)

    @property
    def sms_per_month(self) -> int:
        """Short messages of news, each up to 70 letters; codes to come in by are free in every plan."""
        return sms_a_month(self.features)

    @property
    def is_sold_online(self) -> bool:
        return self.base > 0 and not self.by_quote

    @property
    def is_available(self) -> bool:
        """Whether it adds something this release can do to the plans before it in the list."""
        return self in on_show(PLANS)

    @property
    def offers(self) -> frozenset[Feature]:
        """The paid features of the plan that exist today."""
        return self.features & BUILT

    def extra_blocks(self, households: int) -> int:
        """How many blocks beyond the first, which the base price covers."""
        return max(0, -(-households // BLOCK) - 1) if self.extra else 0

    def monthly_price(self, households: int) -> int:
        """Yen a month without tax. The city's plan has no list price: `by_quote` says so, and this raises."""
        if self.by_quote:
            raise ValueError(f"{self.code.value} is sold by quote.")
        return self.base + self.extra * self.extra_blocks(households)

    @property
    def product(self) -> str:
        """The id of the plan's product at Stripe."""
        return f"kairan_{self.code.value}"

    @property
    def tags(self) -> tuple[Tag, ...]:
        """The base price and, where households count, the price of a further block. Named as invoices show it."""
        with override(settings.LANGUAGE_CODE):
            name = _("回覧 %(plan)s") % {"plan": self.name}
            block = _("%(name)s（%(count)s世帯ごとの追加）") % {"name": name, "count": BLOCK}
        base, extra = Tag(self.product, name, self.base), Tag(f"{self.product}_extra", block, self.extra)
        return (base, extra) if self.extra else (base,)


def with_tax(yen: int) -> int:
    """The amount with 10 % consumption tax, fractions dropped."""
    return yen * (100 + TAX_PERCENT) // 100


_STANDARD = frozenset(
    {
        Feature.DELIVERY_LEDGER,
        Feature.SURVEYS,
        Feature.FOLDERS,
        Feature.TALK,
        Feature.STORAGE_20,
        Feature.SMS_50,
    }
)
_PREMIUM = _STANDARD | {
    Feature.STORAGE_100,
    Feature.SMS_300,
    Feature.SAFETY_CHECK,
    Feature.HALL_BOOKING,
    Feature.ASSEMBLY_PACK,
}

PLANS = (
    Plan(
        code=PlanCode.FREE,
        base=0,
        extra=0,
        features=frozenset(),
        points=(
            gettext_lazy("お知らせ・カレンダー・出欠"),
            gettext_lazy("コミュニティ・引き継ぎ"),
            gettext_lazy("紙の回覧・回覧チラシ"),
            gettext_lazy("写真と書類の置き場 2 GB"),
        ),
    ),
    Plan(
        code=PlanCode.STANDARD,
        base=2_000,
        extra=1_000,
        features=_STANDARD,
        points=(
            gettext_lazy("どの世帯に届いたか"),
            gettext_lazy("ショートメール 月50通"),
            gettext_lazy("写真と書類の置き場 20 GB"),
        ),
    ),
    Plan(
        code=PlanCode.PREMIUM,
        base=5_000,
        extra=2_500,
        features=_PREMIUM,
        points=(
            gettext_lazy("安否確認"),
            gettext_lazy("集会所の予約"),
            gettext_lazy("総会の書面議決"),
            gettext_lazy("ショートメール 月300通"),
            gettext_lazy("写真と書類の置き場 100 GB"),
        ),
    ),
    Plan(
        code=PlanCode.FEDERATION,
        base=3_000,
        extra=0,
        features=frozenset({Feature.MEMBER_ASSOCIATIONS, Feature.DOCUMENT_DESK, Feature.STORAGE_20}),
        kinds=frozenset({Association.Kind.FEDERATION.value}),
        points=(
            gettext_lazy("加盟する自治会へのお知らせ"),
            gettext_lazy("委員会の集まり"),
            gettext_lazy("提出物の受付"),
            gettext_lazy("写真と書類の置き場 20 GB"),
        ),
    ),
    Plan(
        code=PlanCode.CITY,
        base=0,
        extra=0,
        features=_STANDARD | {Feature.DOCUMENT_DESK},
        kinds=frozenset(),
        by_quote=True,
        points=(
            gettext_lazy("市からのお知らせ・提出物の受付"),
            gettext_lazy("広がりが分かる集計"),
            gettext_lazy("市内のすべての自治会に「標準」"),
        ),
    ),
)


def find(code: str) -> Plan:
    """Return the plan of this code; KeyError when there is none."""
    return _BY_CODE[code]


def plans_for(association: Association) -> list[Plan]:
    """The plans this kind of association may have, as they stand in the list."""
    return [plan for plan in PLANS if association.kind in plan.kinds]


def on_show(plans: Iterable[Plan]) -> list[Plan]:
    """The plans of a list that add something to the ones before: nobody is offered what is still being built."""
    shown: list[Plan] = []
    for plan in plans:
        had = frozenset[Feature]().union(*(cheaper.offers for cheaper in shown))
        if not (plan.base or plan.by_quote) or plan.offers - had:
            shown.append(plan)
    return shown


def plan_with(feature: Feature) -> Plan:
    """The cheapest plan with the feature among those sold online: what a 402 answer names."""
    return min((plan for plan in PLANS if plan.is_sold_online and feature in plan.features), key=lambda plan: plan.base)


def plan_of_product(product: str) -> Plan | None:
    """The plan whose base price belongs to this product of Stripe's."""
    return _BY_PRODUCT.get(product)


_BY_CODE = {plan.code.value: plan for plan in PLANS}
_BY_PRODUCT = {plan.product: plan for plan in PLANS if plan.is_sold_online}
