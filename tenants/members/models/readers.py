"""Who reads, said in SQL: one definition of what somebody sees serves a member at hand and a bare token alike."""

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from django.db.models import BigIntegerField, BooleanField, Exists, Expression, F, OuterRef, Q, Value
from django.db.models.functions import Now, TruncDate

from tenants.members.models.roster import OFFICERS
from tenants.members.models.seats import SeatTerm, held

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from tenants.members.models.members import Member

VIEWER = "viewer"  # the common table expression a token's reader is taken from


@dataclass(frozen=True, slots=True)
class Reader:
    """What decides which rows somebody sees. Each part is an expression: a value at hand, or a column of `viewer`."""

    member: Any
    household: Any
    group: Any
    admitted: Any
    leader: Any  # holds any seat
    officer: Any
    own_officer: Any  # and not somebody who only reads like one

    @classmethod
    def of(cls, who: "Member | Reader") -> "Reader":
        if isinstance(who, Reader):
            return who
        return cls(
            member=_number(who.pk),
            household=_number(who.household_id),
            group=_number(who.household.group_id),
            admitted=_flag(who.is_admitted),
            leader=_flag(who.is_leader),
            officer=_flag(who.is_officer),
            own_officer=_flag(who.is_own_officer),
        )

    @classmethod
    def of_viewer(cls) -> "Reader":
        """Whoever stands in the one row of `WITH viewer AS (…)`, which `viewers` makes."""
        return cls(**{part.name: _ViewerColumn(part.name) for part in fields(cls)})


def viewers(members: "QuerySet[Member]") -> "QuerySet[Member, Any]":
    """These members as rows of what a Reader is made of, with their account and when it was last seen."""
    terms = SeatTerm.objects.filter(held(TruncDate(Now())), member=OuterRef("pk"))
    present = Q(admitted_at__isnull=False, left_at=None)
    serves = present & Exists(terms.filter(seat__kind__in=OFFICERS))
    return members.values(
        as_member=F("pk"),
        as_account=F("user_id"),
        as_seen=F("user__last_seen_on"),
        as_household=F("household_id"),
        as_group=F("household__group_id"),
        as_admitted=present,
        as_leader=present & Exists(terms),
        as_officer=serves,
        as_own_officer=serves,
    )


class _ViewerColumn(Expression):
    """A column of the viewer's row, as a scalar: PostgreSQL looks it up once per statement."""

    def __init__(self, name: str) -> None:
        flag = name in {"admitted", "leader", "officer", "own_officer"}
        super().__init__(output_field=BooleanField() if flag else BigIntegerField())
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        return f"(SELECT as_{self.name} FROM {VIEWER})", []  # noqa: S608  names of our own


def _number(value: int | None) -> Value:
    return Value(value, BigIntegerField())


def _flag(value: bool) -> Value:
    return Value(value, BooleanField())
