"""Groups (組・班) and households (世帯)."""

from typing import TYPE_CHECKING, Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Count, Max, Q
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from controlplane.audit.models import record
from controlplane.tenancy import Purpose, check_letters
from controlplane.versioned import Versioned
from tenants.members.models.acts import Act, only

if TYPE_CHECKING:
    from tenants.members.models.members import Member

FAMILY_CODE_DAYS = 14
OWN = {"address", "postal_code", "channel"}  # what those who live in a home may correct of it
ERASED_HOME = "退会した世帯"  # its last person was erased, and its name was theirs


class BadFamilyCode(ValueError):
    """No household shows this code now."""


class GroupQuerySet(models.QuerySet["Group"]):
    def with_counts(self) -> "GroupQuerySet":
        """Each group with `household_count` and `registered_count` (households with an admitted member)."""
        admitted = Q(households__members__admitted_at__isnull=False, households__members__left_at=None)
        return self.annotate(
            household_count=Count("households", distinct=True),
            registered_count=Count("households", filter=admitted, distinct=True),
        )

    @transaction.atomic
    def add(self, name: str, *, by: object) -> "Group":
        """Put a new group at the end of the list."""
        only(by, Act.KEEP_GROUPS)
        last = self.aggregate(last=Max("position"))["last"] or 0
        group = Group(name=name.strip(), position=last + 1)
        group.check_name()
        group.save(force_insert=True)
        record("group.add", group, by=by, name=group.name)
        return group


class Group(Versioned):
    """A 組 or 班; in a federation, a member association (町内会・校区)."""

    name = models.CharField(max_length=40, unique=True)
    position = models.PositiveSmallIntegerField(default=0)

    objects = GroupQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["position", "pk"]

    def __str__(self) -> str:
        return self.name

    @transaction.atomic
    def rename(self, name: str, *, by: object, version: int | None = None) -> None:
        """Raises ValidationError by field, EditedMeanwhile when `version` is not the newest."""
        only(by, Act.KEEP_GROUPS, self)
        row = self.locked(version)
        before, row.name = row.name, name.strip()
        row.check_name()
        row.put("name")
        record("group.rename", row, by=by, before=before, after=row.name)
        self.follow(row)

    @transaction.atomic
    def move(self, *, up: bool, by: object) -> None:
        """Change places with the group above or below; at the end of the list nothing happens."""
        only(by, Act.KEEP_GROUPS, self)
        order = list(Group.objects.select_for_update())
        here = order.index(self)
        there = here - 1 if up else here + 1
        if not 0 <= there < len(order):
            return
        order[here], order[there] = order[there], order[here]
        for position, group in enumerate(order, start=1):
            group.position = position
        Group.objects.bulk_update(order, ["position"])
        record("group.move", self, by=by, up=up)

    def check_name(self) -> None:
        if not self.name:
            raise ValidationError({"name": _("組の名前を入れてください。例：7組")})
        if Group.objects.exclude(pk=self.pk).filter(name=self.name).exists():
            raise ValidationError({"name": _("「%(name)s」は、もうあります。") % {"name": self.name}})


class HouseholdQuerySet(models.QuerySet["Household"]):
    def registered(self) -> "HouseholdQuerySet":
        """Households with at least one admitted member."""
        return self.filter(members__admitted_at__isnull=False, members__left_at=None).distinct()

    def on_paper(self) -> "HouseholdQuerySet":
        """Households that read on paper, and of whom nobody has an account."""
        return self.filter(channel=Household.Channel.PAPER).exclude(pk__in=self.registered().values("pk"))

    def known_to(self, viewer: "Member") -> "HouseholdQuerySet":
        """What this person may see in the roster: officers everything, leaders their own groups."""
        if viewer.is_officer:
            return self.all()
        return self.filter(group__in=viewer.led_groups()) if viewer.is_leader else self.none()

    def matching(self, text: str, *, addresses: bool) -> "HouseholdQuerySet":
        """Households whose name or whose people's names hold the text; officers search addresses too."""
        found = Q(name__says=text) | Q(
            pk__in=Household.objects.filter(
                Q(members__name__says=text) | Q(members__kana__says=text), members__left_at=None
            ).values("pk")
        )
        return self.filter(found | Q(address__says=text) if addresses else found)

    def of_family_code(self, code: str) -> "Household":
        """Return the household whose people see this code in their menu, or raise BadFamilyCode."""
        plain = "".join(letter for letter in code.upper() if letter.isalnum())
        number, letters = plain[:-8], plain[-8:]
        if not number.isdecimal() or len(number) > 12:
            raise BadFamilyCode
        home = self.registered().filter(pk=int(number)).first()
        if home is None or not home.knows_family_code(letters):
            raise BadFamilyCode
        return home

    @transaction.atomic
    def add(self, *, name: str, by: object, **details: Any) -> "Household":
        """Write down a home nobody has registered yet: by default one that is reached on paper."""
        only(by, Act.KEEP_HOME)
        details.setdefault("channel", Household.Channel.PAPER)
        home = self.create(name=name.strip(), **details)
        record("household.add", home, by=by)
        return home

    def by_channel(self) -> dict[str, int]:
        """How many households are reached in each way."""
        return dict(self.order_by().values_list("channel").annotate(n=Count("pk", distinct=True)))


class Household(Versioned):
    """A home. Its channel says how it is reached: a house on paper is reached by paper, not missed."""

    class Channel(models.TextChoices):
        APP = "app", gettext_lazy("スマホ・パソコン")
        MAIL = "mail", gettext_lazy("メール")
        SMS = "sms", gettext_lazy("ショートメール")
        PAPER = "paper", gettext_lazy("紙")
        NONE = "none", gettext_lazy("まだ分からない")

    group = models.ForeignKey(Group, on_delete=models.PROTECT, related_name="households", null=True, blank=True)
    name = models.CharField(max_length=60)  # 世帯主の姓 or a role
    address = models.CharField(max_length=200, blank=True)  # officers only
    postal_code = models.CharField(max_length=8, blank=True)
    channel = models.CharField(max_length=8, choices=Channel, default=Channel.NONE)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = HouseholdQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["group__position", "pk"]

    def __str__(self) -> str:
        return self.name if self.name == ERASED_HOME else _("%(name)sさんのお宅") % {"name": self.name}

    def shows_address_to(self, viewer: "Member") -> bool:
        """Officers, and who lives here; who waits to be admitted into somebody's home does not live there yet."""
        if viewer.is_officer or viewer.household_id != self.pk:
            return viewer.is_own_officer
        return viewer.is_admitted or not self.members.exclude(pk=viewer.pk).exists()

    @property
    def family_code(self) -> str:
        """What relatives type to join this home, `12-ABCD-EFGH`. It changes by itself and lives two to four weeks."""
        letters = self._family_letters(_fortnight())
        return f"{self.pk}-{letters[:4]}-{letters[4:]}"

    def knows_family_code(self, letters: str) -> bool:
        now = _fortnight()
        return any(constant_time_compare(letters, self._family_letters(period)) for period in (now, now - 1))

    def _family_letters(self, period: int) -> str:
        return check_letters(Purpose.FAMILY, f"{self.pk}:{period}")

    def forget(self) -> None:
        """The last person of this home was erased: what tells who lived here goes too."""
        row = self.locked()
        row.name, row.address, row.postal_code, row.channel = ERASED_HOME, "", "", self.Channel.NONE
        row.put("name", "address", "postal_code", "channel")
        self.follow(row)

    @transaction.atomic
    def correct(self, *, by: object, version: int | None = None, **changes: Any) -> None:
        """Write down what is true now: name, group, channel, address, postal_code. The trail says which, not what.

        Raises EditedMeanwhile when `version` is not the newest.
        """
        only(by, Act.MIND_HOME if changes.keys() <= OWN else Act.KEEP_HOME, self)
        row = self.locked(version, "group")
        changed = [field for field, value in changes.items() if getattr(row, field) != value]
        for field in changed:
            setattr(row, field, changes[field])
        if changed:
            row.put(*changed)
            record("household.correct", row, by=by, fields=changed)
        self.follow(row)


def _fortnight() -> int:
    return timezone.localdate().toordinal() // FAMILY_CODE_DAYS
