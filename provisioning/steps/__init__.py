"""The steps of a run, in order. Each looks at the database for its own result, never at a memory of having run.

A step is called unbound and binds for itself; doing it twice is doing it once.
"""

from typing import TYPE_CHECKING, Protocol

from django.utils.functional import Promise

from provisioning.steps.handing_over import GiveDomain, Notify
from provisioning.steps.people import FirstOfficer, Seed
from provisioning.steps.structure import MakeRole, MakeSchema, MakeTables, PrepareStorage, ReserveSlug

if TYPE_CHECKING:
    from provisioning.models.runs import Run


class Work(Protocol):
    name: str

    @property
    def label(self) -> str | Promise: ...

    def done(self, run: "Run") -> bool:
        """Whether the database shows the step's result."""

    def do(self, run: "Run") -> None:
        """Bring the result about."""


STEPS: tuple[Work, ...] = (
    ReserveSlug(),
    MakeRole(),
    MakeSchema(),
    MakeTables(),
    Seed(),
    FirstOfficer(),
    PrepareStorage(),
    GiveDomain(),
    Notify(),
)
LABELS = {work.name: work.label for work in STEPS}
