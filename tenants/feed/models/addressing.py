"""Whom a post is for: its audience, who may write to it, and which households that is."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy

from tenants.communities.models import Community
from tenants.members.models import Group, Household, Member


class Addressed(models.Model):
    """The part of a post that says to whom it goes."""

    class Audience(models.TextChoices):
        EVERYONE = "everyone", gettext_lazy("全世帯")
        GROUP = "group", gettext_lazy("1つの組")
        COMMUNITY = "community", gettext_lazy("コミュニティ")
        SEATS = "seats", gettext_lazy("役員と組長")
        OFFICERS = "officers", gettext_lazy("役員だけ")

    audience = models.CharField(max_length=10, choices=Audience, default=Audience.EVERYONE)
    group = models.ForeignKey(Group, on_delete=models.PROTECT, null=True, blank=True, related_name="posts")
    # Not indexed by itself: post_community begins with it.
    community = models.ForeignKey(
        Community, on_delete=models.CASCADE, null=True, blank=True, related_name="posts", db_index=False
    )

    class Meta:
        abstract: ClassVar = True

    @property
    def addressee(self) -> str:
        """Whom it is for, by name."""
        return str(self.group or self.community or self.get_audience_display())

    def audience_households(self) -> models.QuerySet[Household]:
        """The households this post is meant for."""
        homes = Household.objects.all()
        if self.audience == self.Audience.GROUP:
            return homes.filter(group=self.group)
        if self.audience == self.Audience.COMMUNITY:
            people = self.community.people() if self.community else Member.objects.none()
            return homes.filter(members__in=people).distinct()
        if self.audience == self.Audience.EVERYONE:
            return homes
        officers_only = self.audience == self.Audience.OFFICERS
        holders = Member.objects.officers() if officers_only else Member.objects.leaders()
        return homes.filter(members__in=holders).distinct()

    def audience_members(self) -> models.QuerySet[Member]:
        """Those with an account among whom its readers are; whether each sees it, `visible_to` says."""
        people = Member.objects.admitted().filter(user__isnull=False)
        if self.audience == self.Audience.GROUP:
            return people.filter(Q(household__group=self.group) | Q(pk__in=Member.objects.officers().values("pk")))
        if self.audience in {self.Audience.SEATS, self.Audience.OFFICERS}:
            return people.filter(pk__in=Member.objects.leaders().values("pk"))
        return people
