"""Counts of people as a city may see them: exact, hidden below five, or rounded where a total would give one away.

A total is made from the shown counts and the number of hidden ones alone: no subtraction leads back to a person.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

SUPPRESS_BELOW = 5  # people: a smaller cell could be a person
MIDDLE_OF_HIDDEN = SUPPRESS_BELOW / 2  # what a hidden count adds to a rounded total, whatever it is
ROUND_TO = 10


@dataclass(frozen=True, slots=True)
class Figure:
    """A count of people. `value` is None when it is hidden; `about` says that it is rounded."""

    value: int | None
    about: bool = False

    @classmethod
    def of(cls, count: int) -> "Figure":
        return cls(suppressed(count))

    @classmethod
    def total(cls, figures: Iterable["Figure"]) -> "Figure":
        """The sum of figures that may be hidden."""
        known = [figure.value for figure in figures]
        shown = [value for value in known if value is not None]
        return cls.sum_of(sum(shown), hidden=len(known) - len(shown))

    @classmethod
    def sum_of(cls, shown: int, *, hidden: int) -> "Figure":
        """A total of which `hidden` parts are below five and not in `shown`."""
        if not hidden:
            return cls(shown)
        estimate = shown + hidden * MIDDLE_OF_HIDDEN
        if estimate < SUPPRESS_BELOW:
            return cls(None)
        return cls(max(ROUND_TO, round(estimate / ROUND_TO) * ROUND_TO), about=True)

    @property
    def is_hidden(self) -> bool:
        return self.value is None

    def share_of(self, whole: int) -> float | None:
        """The figure ÷ the whole, or None where that would tell a hidden figure."""
        return self.value / whole if self.value is not None and whole else None

    def __str__(self) -> str:
        """6,870, 約108,110 or 5未満."""
        if self.value is None:
            return _("%(count)s未満") % {"count": SUPPRESS_BELOW}
        return _("約%(count)s") % {"count": f"{self.value:,}"} if self.about else f"{self.value:,}"


def suppressed(count: int) -> int | None:
    """Return the count, or None (shown as 5未満) where it could point at a person."""
    return None if 0 < count < SUPPRESS_BELOW else count
