"""Seats (役職): the work belongs to the seat; holders come and go by date."""

from datetime import date
from typing import TYPE_CHECKING, ClassVar

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import F, Max, Q
from django.db.models.expressions import Combinable
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from controlplane.audit.models import record
from controlplane.versioned import Versioned
from tenants.members.models.acts import Act, only
from tenants.members.models.groups import Group

if TYPE_CHECKING:
    from tenants.members.models.members import Member


class SeatQuerySet(models.QuerySet["Seat"]):
    def with_terms(self) -> "SeatQuerySet":
        """Ready to say who holds them and who comes next, in three statements whatever their number."""
        return self.select_related("group").prefetch_related("terms__member")

    def handed_over_by(self, member: "Member") -> "SeatQuerySet":
        """Those this person may give to somebody: officers all but the representative's, which is its holder's."""
        if not member.is_officer:
            return self.none()
        return self if member.is_representative else self.exclude(kind=Seat.Kind.REPRESENTATIVE)

    @transaction.atomic
    def add(self, *, title: str, kind: str, group: Group | None = None, by: object) -> "Seat":
        """Make a new seat at the end of the list. There is one representative, so that kind is never added."""
        only(by, Act.MAKE_SEAT)
        title = title.strip()
        if kind == Seat.Kind.REPRESENTATIVE:
            raise ValidationError({"kind": _("代表者の役職は、ひとつだけです。引き継ぎで次の方に渡せます。")})
        if self.filter(title=title).exists():
            raise ValidationError({"title": _("「%(title)s」は、もうあります。") % {"title": title}})
        last = self.aggregate(last=Max("position"))["last"] or 0
        seat = self.create(title=title, kind=kind, group=group, position=last + 1)
        record("seat.add", seat, by=by, title=title)
        return seat


class Seat(Versioned):
    """会長, 会計, 3組 組長 … What it may do follows from its kind."""

    class Kind(models.TextChoices):
        REPRESENTATIVE = "representative", gettext_lazy("代表者")
        OFFICER = "officer", gettext_lazy("役員")
        LEADER = "leader", gettext_lazy("組長")

    title = models.CharField(max_length=40, unique=True)
    kind = models.CharField(max_length=16, choices=Kind)
    group = models.ForeignKey(Group, on_delete=models.PROTECT, related_name="seats", null=True, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    objects = SeatQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["position", "pk"]

    def __str__(self) -> str:
        return self.title

    @property
    def holder(self) -> "Member | None":
        return self.holder_on(timezone.localdate())

    def holder_on(self, day: date) -> "Member | None":
        return next((term.member for term in self.terms.all() if term.covers(day)), None)

    @property
    def planned(self) -> "SeatTerm | None":
        """The next handover that is already decided."""
        today = timezone.localdate()
        coming = [term for term in self.terms.all() if term.starts_on > today and term.ends_on != term.starts_on]
        return min(coming, key=lambda term: term.starts_on, default=None)

    @transaction.atomic
    def hand_over(self, to: "Member", *, by: object, on: date | None = None, version: int | None = None) -> "SeatTerm":
        """End that day's holder's term and begin `to`'s; a handover planned for later still happens on its day.

        Everything the seat wrote stays the seat's. Raises PermissionError when `by` is a member who may not, and
        EditedMeanwhile when `version` is not the newest: somebody else has handed it over.
        """
        only(by, Act.HAND_OVER, self)
        day = on or timezone.localdate()
        row = self.locked(version)  # two handovers at once would leave two holders
        current = self.terms.current(day)
        existing = current.filter(member=to).first()
        if existing:
            return existing
        later = self.terms.filter(starts_on__gt=day).exclude(ends_on=F("starts_on")).order_by("starts_on").first()
        current.update(ends_on=day)
        for invitation in self.invitations.still_open():  # of whoever had the seat to give away until now
            invitation.withdraw(by=by)
        term = self.terms.create(member=to, starts_on=day, ends_on=later.starts_on if later else None)
        row.put()
        self.version = row.version
        record("seat.hand_over", self, by=by, member=to.pk, on=str(day))
        return term


def held(on: date | Combinable | None = None, *, through: str = "") -> Q:
    """The one definition of a term that holds on a day (today), for a query that reaches terms `through` a relation."""
    day = on or timezone.localdate()
    begun, not_over = f"{through}starts_on__lte", f"{through}ends_on"
    return Q(**{begun: day}) & (Q(**{not_over: None}) | Q(**{f"{not_over}__gt": day}))


class SeatTermQuerySet(models.QuerySet["SeatTerm"]):
    def current(self, on: date | None = None) -> "SeatTermQuerySet":
        return self.filter(held(on))


class SeatTerm(models.Model):
    """Who holds a seat from when to when (the end day no longer counts)."""

    seat = models.ForeignKey(Seat, on_delete=models.CASCADE, related_name="terms")
    member = models.ForeignKey("members.Member", on_delete=models.CASCADE, related_name="terms")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)

    objects = SeatTermQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-starts_on"]

    def __str__(self) -> str:
        return f"{self.seat} {self.member}"

    def covers(self, day: date) -> bool:
        return self.starts_on <= day and (self.ends_on is None or self.ends_on > day)
