"""Whether people comment and react here at all: the association's own rule, each change a row of who and when."""

from typing import ClassVar

from django.db import models, transaction

from controlplane.audit.models import record
from controlplane.versioned import EditedMeanwhile
from tenants.members.models import Act, Member, only


class FeedRules(models.Model):
    """The newest row holds; none means that both are open."""

    comments = models.BooleanField(default=True)
    reactions = models.BooleanField(default=True)
    by = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural: ClassVar = "feed rules"

    def __str__(self) -> str:
        return f"comments {self.comments}, reactions {self.reactions}"

    @property
    def version(self) -> int:
        """Each rule is a row of its own, so its number is its version; 0 before the first."""
        return self.pk or 0

    @classmethod
    def now(cls) -> "FeedRules":
        return cls.objects.select_related("by").order_by("-pk").first() or cls()

    @classmethod
    @transaction.atomic
    def lay_down(cls, *, by: Member, comments: bool, reactions: bool, version: int | None = None) -> "FeedRules":
        """Officers open or close comments and reactions for every post at once.

        Raises EditedMeanwhile when `version` is not that of the rule that holds.
        """
        only(by, Act.RULE_TALK)
        rules = cls.now()
        if version is not None and version != rules.version:
            raise EditedMeanwhile(rules)
        if rules.pk and (rules.comments, rules.reactions) == (comments, reactions):
            return rules
        rules = cls.objects.create(comments=comments, reactions=reactions, by=by)
        record("feed.rules", rules, by=by, comments=comments, reactions=reactions)
        return rules
