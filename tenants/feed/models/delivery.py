"""The delivery ledger (paid): which households a post has reached, by screen or by paper, and which are unknown."""

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from django.db import models, transaction
from django.db.models import Count, Exists, OuterRef, Q

from controlplane.audit.models import record
from tenants.feed.models.posts import Post
from tenants.feed.models.responses import ReadReceipt
from tenants.members.models import Group, Household, Member


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


@dataclass(frozen=True)
class GroupReach:
    """One group's figures, in households. `unknown_homes` are the ones a leader may ask at the door."""

    group: Group | None
    reached: int
    paper: int
    unknown_homes: list[Household]

    @property
    def unknown(self) -> int:
        return len(self.unknown_homes)

    @property
    def total(self) -> int:
        return self.reached + self.paper + self.unknown


@dataclass(frozen=True)
class Delivery:
    """A post's reach. Three disjoint sets of households: reached by screen, by paper, not known."""

    post: Post

    @cached_property
    def homes(self) -> list[Household]:
        return list(self._homes().select_related("group"))

    @cached_property
    def figures(self) -> dict[str, int]:
        """`reached`, `paper`, `unknown` as counts alone: as cheap for 3,400 households as for three."""
        homes = Household.objects.filter(pk__in=self.post.audience_households().values("pk"))
        told = homes.annotate(**self._how()).aggregate(
            reached=Count("pk", filter=Q(has_read=True)),
            paper=Count("pk", filter=Q(has_read=False, has_paper=True)),
            unknown=Count("pk", filter=Q(has_read=False, has_paper=False)),
        )
        return dict(told)

    def _homes(self) -> models.QuerySet[Household]:
        return self.post.audience_households().annotate(**self._how())

    def _how(self) -> dict[str, Exists]:
        read = ReadReceipt.objects.filter(post=self.post, household=OuterRef("pk"))
        handed = PaperHandover.objects.filter(post=self.post, household=OuterRef("pk"))
        return {"has_read": Exists(read), "has_paper": Exists(handed)}

    @property
    def reached(self) -> list[Household]:
        return [home for home in self.homes if home.has_read]  # type: ignore[attr-defined]

    @property
    def paper(self) -> list[Household]:
        return [home for home in self.homes if home.has_paper and not home.has_read]  # type: ignore[attr-defined]

    @property
    def unknown(self) -> list[Household]:
        return [home for home in self.homes if not (home.has_read or home.has_paper)]  # type: ignore[attr-defined]

    def by_group(self) -> list[GroupReach]:
        reached, paper = _count(self.reached), _count(self.paper)
        unknown: dict[Group | None, list[Household]] = {}
        for home in self.unknown:
            unknown.setdefault(home.group, []).append(home)
        groups = sorted({home.group for home in self.homes}, key=lambda g: (g is None, g.position if g else 0))
        return [GroupReach(g, reached.get(g, 0), paper.get(g, 0), unknown.get(g, [])) for g in groups]

    @transaction.atomic
    def hand_paper(self, household: Household, *, by: Member) -> None:
        """An officer, or the leader of the home's group, notes that a printed copy was handed over; twice is once."""
        if not Household.objects.known_to(by).filter(pk=household.pk).exists():
            raise PermissionError("Only officers and the group's own leader note paper.")
        _row, created = PaperHandover.objects.get_or_create(post=self.post, household=household, defaults={"by": by})
        if created:
            record("post.paper", self.post, by=by, household=household.pk)


def _count(homes: list[Household]) -> dict[Group | None, int]:
    counts: dict[Group | None, int] = {}
    for home in homes:
        counts[home.group] = counts.get(home.group, 0) + 1
    return counts
