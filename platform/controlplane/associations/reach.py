"""How far a bulletin would reach, before it is sent: associations and households, in counts that point at nobody."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, Q, Sum

from controlplane.associations.models.associations import AssociationQuerySet
from controlplane.cities.figures import ROUND_TO, SUPPRESS_BELOW, Figure

SCREEN, PAPER = (f"standing__newest__{name}_households" for name in ("registered", "paper"))


@dataclass(frozen=True)
class Reach:
    """Households as the associations say, and of them who reads on a screen, who on paper, and of whom nobody knows."""

    associations: int
    households: Figure
    screen: Figure
    paper: Figure
    unknown: Figure

    @classmethod
    def of(cls, recipients: AssociationQuerySet) -> "Reach":
        sums = recipients.aggregate(
            associations=Count("pk"),
            households=Sum("households", default=0),
            **_parts("s", SCREEN),
            **_parts("p", PAPER),
        )
        screen = Figure.sum_of(sums["s_told"], hidden=sums["s_few"])
        paper = Figure.sum_of(sums["p_told"], hidden=sums["p_few"])
        unknown = _rest(sums["households"], screen, paper)
        exact = not any(figure.is_hidden or figure.about for figure in (screen, paper, unknown))
        total = Figure(sums["households"]) if exact else _rounded(sums["households"])
        return cls(sums["associations"], total, screen, paper, unknown)

    @property
    def bars(self) -> dict[str, int]:
        """The three for a picture; a hidden one is not drawn."""
        return {name: getattr(self, name).value or 0 for name in ("screen", "paper", "unknown")}


def _parts(name: str, field: str) -> dict[str, Any]:
    """The sum of an association's counts that may be told, and how many may not."""
    few = Q(**{f"{field}__gt": 0, f"{field}__lt": SUPPRESS_BELOW})
    return {f"{name}_told": Sum(F(field), filter=~few, default=0), f"{name}_few": Count("pk", filter=few)}


def _rest(households: int, *known: Figure) -> Figure:
    """Made from what is shown alone, so that no subtraction leads back to what is hidden."""
    rest = max(0, households - sum(figure.value or 0 for figure in known))
    if 0 < rest < SUPPRESS_BELOW:
        return Figure(None)
    return _rounded(rest) if any(figure.is_hidden or figure.about for figure in known) else Figure(rest)


def _rounded(count: int) -> Figure:
    return Figure(max(ROUND_TO, round(count / ROUND_TO) * ROUND_TO), about=True) if count else Figure(0)
