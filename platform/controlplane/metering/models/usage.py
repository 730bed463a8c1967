"""An association's month of short messages, as its officers and operations see it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import Sum

from controlplane.associations.models import Association
from controlplane.metering.models.spending import FREE, PLANNED, Allowance, Kind, SmsUse, month_begins


@dataclass(frozen=True)
class Line:
    """A kind's share of the month."""

    kind: Kind
    messages: int
    parts: int
    yen: int
    stopped: int


@dataclass(frozen=True)
class Usage:
    """An association's month, for its officers and for operations."""

    month: datetime
    allowance: Allowance
    lines: list[Line]

    @classmethod
    def of(cls, association: Association) -> "Usage":
        """Call under `public`."""
        rows = SmsUse.objects.this_month().filter(association=association).order_by().values_list("kind")
        found = {kind: sums for kind, *sums in rows.annotate(*map(Sum, ("messages", "parts", "yen", "stopped")))}
        lines = [Line(kind, *found.get(kind, (0, 0, 0, 0))) for kind in Kind]
        return cls(month_begins(), Allowance.of(association), lines)

    @property
    def news_used(self) -> int:
        return self._sum("parts", PLANNED)

    @property
    def news_left(self) -> int:
        return max(0, self.allowance.news - self.news_used)

    @property
    def codes_used(self) -> int:
        return self._sum("parts", FREE)

    @property
    def codes_left(self) -> int:
        return max(0, self.allowance.codes - self.codes_used)

    @property
    def yen(self) -> int:
        return self._sum("yen", tuple(Kind))

    @property
    def budget_yen(self) -> int:
        """What the month can cost at most."""
        return (self.allowance.news + self.allowance.codes) * int(settings.SMS_YEN)

    @property
    def stopped(self) -> int:
        return self._sum("stopped", tuple(Kind))

    @property
    def news_stopped(self) -> int:
        return self._sum("stopped", PLANNED)

    def _sum(self, name: str, kinds: Collection[Kind]) -> int:
        return sum(getattr(line, name) for line in self.lines if line.kind in kinds)
