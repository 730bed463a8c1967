"""Circulars (回覧) ask every household to confirm: one row a household, pressed at home or by its leader for it."""

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from controlplane.audit.models import record
from tenants.feed.models.posts import Post
from tenants.members.models import Act, Household, HouseholdQuerySet, Member, only


class Confirmation(models.Model):
    """A household has seen a circular: its own seal, or its group leader's word for it."""

    # Not indexed by itself: confirmation_once begins with it.
    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="confirmations", db_index=False)
    household = models.ForeignKey(Household, on_delete=models.CASCADE, related_name="confirmations", db_index=False)
    by = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["post", "household"], name="confirmation_once")]

    def __str__(self) -> str:
        return f"{self.household} confirmed {self.post_id}"

    @property
    def for_another(self) -> bool:
        return self.by.household_id != self.household_id


@dataclass(frozen=True)
class Round:
    """A circular on its way through the households it is meant for."""

    post: Post

    @cached_property
    def total(self) -> int:
        return self.post.audience_households().count()

    @cached_property
    def confirmed(self) -> int:
        homes = self.post.audience_households().values("pk")
        return Confirmation.objects.filter(post=self.post, household__in=homes).count()

    @property
    def open(self) -> int:
        return self.total - self.confirmed

    def of_home(self, household: Household) -> Confirmation | None:
        found = Confirmation.objects.filter(post=self.post, household=household)
        return found.select_related("by").first()

    def open_homes(self, who: Member) -> HouseholdQuerySet:
        """Households that have not confirmed, for who may ask there: their own leader, and officers."""
        pressed = Confirmation.objects.filter(post=self.post, household=OuterRef("pk"))
        homes = Household.objects.known_to(who).filter(pk__in=self.post.audience_households().values("pk"))
        return homes.exclude(Exists(pressed)).select_related("group")

    def pressed(self, who: Member) -> models.QuerySet[Confirmation]:
        """Those that have, for the same people; the newest first."""
        homes = Household.objects.known_to(who).values("pk")
        found = Confirmation.objects.filter(post=self.post, household__in=homes)
        return found.select_related("household__group", "by").order_by("-pk")

    @transaction.atomic
    def confirm(self, household: Household, *, by: Member) -> None:
        """Press the seal: one's own household's, or as leader (or officer) another's. Twice is once."""
        if self.post.kind != Post.Kind.CIRCULAR:
            raise ValidationError(_("はんこを押すのは、回覧だけです。"))
        own = household.pk == by.household_id
        only(by, *((Act.MIND_HOME, household) if own else (Act.CONFIRM_FOR, household)))
        if not self.post.audience_households().filter(pk=household.pk).exists():
            raise ValidationError(_("この回覧は、そのお宅には回っていません。"))
        if own:
            only(by, Act.ANSWER_POST, self.post)
        _row, created = Confirmation.objects.get_or_create(post=self.post, household=household, defaults={"by": by})
        if created and not own:
            record("post.confirm", self.post, by=by, household=household.pk)

    @transaction.atomic
    def take_back(self, household: Household, *, by: Member) -> None:
        """Undo a seal pressed by mistake: the home's own, or one that the leader pressed for it."""
        pressed = Confirmation.objects.filter(post=self.post, household=household).select_related("by").first()
        only(by, Act.TAKE_SEAL_BACK, pressed)
        if pressed is None:
            return
        pressed.delete()
        record("post.unconfirm", self.post, by=by, household=household.pk)
