"""What a federation shows on its members' calendars, written by its own code when it changes. Schema: public only."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from django.core.cache import cache
from django.db import models
from django.utils import timezone

from controlplane.associations.models.associations import Association
from controlplane.associations.models.federations import FederationMembership
from controlplane.dates import day_before
from controlplane.tenancy import public

KEY = "federation-dates"
SHOWN_FOR = 60  # seconds a site may show what a federation has changed since
MOST = 400  # of one federation


@dataclass(frozen=True)
class FederationDate:
    """One time of an event of a federation: what a neighbour needs to go there, and nothing of people."""

    uid: str  # of the federation, the event, and the day its rule gives it
    federation: str
    title: str
    place: str
    starts_at: datetime
    ends_at: datetime
    all_day: bool
    called_off: bool

    @property
    def day(self) -> date:
        return timezone.localdate(self.starts_at)

    @property
    def last_day(self) -> date:
        return day_before(self.ends_at)


class FederationCalendarQuerySet(models.QuerySet["FederationCalendar"]):
    def hold(self, uuid: UUID) -> "FederationCalendar | None":
        """This federation's, locked until the transaction ends; of an association that is none, None.

        Whoever changes what is shown holds it before looking, so that of two at once the later one sees both changes.
        """
        if not Association.objects.filter(pk=uuid, kind=Association.Kind.FEDERATION).exists():
            return None
        self.get_or_create(federation_id=uuid)
        return self.select_for_update().get(pk=uuid)

    def told_to(self, uuid: UUID) -> "FederationCalendarQuerySet":
        """Those of the open federations that this association has accepted."""
        accepted = FederationMembership.objects.accepted().filter(association=uuid).values("federation")
        return self.filter(federation__in=Association.objects.live().filter(pk__in=accepted))


class FederationCalendar(models.Model):
    federation = models.OneToOneField(
        Association, on_delete=models.CASCADE, primary_key=True, related_name="shown_calendar"
    )
    entries = models.JSONField(default=list)
    changed_at = models.DateTimeField(auto_now=True)

    objects: ClassVar[FederationCalendarQuerySet] = FederationCalendarQuerySet.as_manager()  # type: ignore[assignment]

    def __str__(self) -> str:
        return f"{self.federation_id}"

    def show(self, dates: Iterable[FederationDate]) -> None:
        self.entries = [_written(each) for each in dates][:MOST]
        self.save(update_fields=["entries", "changed_at"])

    @property
    def dates(self) -> list[FederationDate]:
        return [_read(entry, self.federation.name) for entry in self.entries]


def _written(each: FederationDate) -> dict[str, Any]:
    told = asdict(each)
    del told["federation"]  # it may take another name
    return told | {"starts_at": each.starts_at.isoformat(), "ends_at": each.ends_at.isoformat()}


def _read(entry: dict[str, Any], federation: str) -> FederationDate:
    times = {name: datetime.fromisoformat(entry[name]) for name in ("starts_at", "ends_at")}
    return FederationDate(**(entry | times), federation=federation)


def federation_dates_for(uuid: UUID) -> list[FederationDate] | None:
    """What its federations show this association, in order; None when it is in none. Looked up once a minute."""
    known: tuple[list[FederationDate] | None] | None = cache.get(KEY)
    if known is None:
        known = (_dates_for(uuid),)
        cache.set(KEY, known, SHOWN_FOR)
    return known[0]


def _dates_for(uuid: UUID) -> list[FederationDate] | None:
    with public():
        if not FederationMembership.objects.accepted().filter(association=uuid).exists():
            return None
        shown = FederationCalendar.objects.told_to(uuid).select_related("federation")
        every = [each for calendar in shown for each in calendar.dates]
    return sorted(every, key=lambda each: (each.starts_at, each.uid))


def touching(dates: Iterable[FederationDate], since: date, until: date) -> list[FederationDate]:
    """Those that touch these days, both included."""
    return [each for each in dates if each.day <= until and each.last_day >= since]
