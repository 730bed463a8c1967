"""The delivery ledger (paid): which households a post has reached, by screen or by paper, and which are unknown."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

from django.db import models, transaction
from django.db.models import Count, Exists, F, OuterRef, Q

from controlplane.audit.models import record
from controlplane.outbox.models import Message
from tenants.feed import letters
from tenants.feed.models.posts import Post
from tenants.feed.models.responses import ReadReceipt
from tenants.members.models import Act, Household, HouseholdQuerySet, Member, only


class PaperHandover(models.Model):
    """A printed copy was handed to a household, by somebody, at a moment."""

    # Not indexed by itself: handover_once begins with it.
    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="handovers", db_index=False)
    household = models.ForeignKey(Household, on_delete=models.CASCADE, related_name="handovers")
    by = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="handovers")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["post", "household"], name="handover_once")]

    def __str__(self) -> str:
        return f"{self.household} got {self.post_id} on paper"


READ, HANDED = Q(has_read=True), Q(has_read=False, has_paper=True)
UNKNOWN = Q(has_read=False, has_paper=False)
FIGURES = {
    "total": Count("pk"),
    "reached": Count("pk", filter=READ),
    "paper": Count("pk", filter=HANDED),
    "unknown": Count("pk", filter=UNKNOWN),
}


@dataclass(frozen=True)
class Delivery:
    """A post's reach. Three disjoint sets of households: reached by screen, by paper, not known.

    Counted in the database, and listed by the page: as cheap for 3,400 households as for three.
    """

    post: Post

    @cached_property
    def figures(self) -> dict[str, int]:
        """`total`, and the three that make it up: `reached`, `paper`, `unknown`."""
        return dict(self._homes().aggregate(**FIGURES))

    def by_group(self) -> "models.QuerySet[Household, Any]":
        """The same for each `group`, with its `group_name`, in the order of the groups; who has none comes last."""
        grouped = self._homes().values("group", "group__position", group_name=F("group__name")).annotate(**FIGURES)
        return grouped.order_by("group__position", "group")

    def reached(self) -> HouseholdQuerySet:
        return self._homes().filter(READ)

    def paper(self) -> HouseholdQuerySet:
        return self._homes().filter(HANDED)

    def unknown(self) -> HouseholdQuerySet:
        """Those that a leader may ask at the door."""
        return self._homes().filter(UNKNOWN).select_related("group")

    @cached_property
    def stopped_sms(self) -> int:
        """How many were not told by short message, because a limit stopped it: whoever of them has not read is told
        by nobody else, and stands among the unknown."""
        return Message.objects.stopped().filter(about=letters.about(self.post)).count()

    def _homes(self) -> HouseholdQuerySet:
        read = ReadReceipt.objects.filter(post=self.post, household=OuterRef("pk"))
        handed = PaperHandover.objects.filter(post=self.post, household=OuterRef("pk"))
        homes = Household.objects.filter(pk__in=self.post.audience_households().order_by().values("pk"))
        return homes.annotate(has_read=Exists(read), has_paper=Exists(handed))

    @transaction.atomic
    def hand_paper(self, household: Household, *, by: Member) -> None:
        """An officer, or the leader of the home's group, notes that a printed copy was handed over; twice is once."""
        only(by, Act.HAND_PAPER, household)
        _row, created = PaperHandover.objects.get_or_create(post=self.post, household=household, defaults={"by": by})
        if created:
            record("post.paper", self.post, by=by, household=household.pk)
