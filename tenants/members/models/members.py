"""Members (会員): from a proven contact, through registration, to admission by an officer."""

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from controlplane.accounts.contacts import Contact
from controlplane.accounts.models import ContactChange, User
from controlplane.accounts.ways import Way
from controlplane.audit.models import record
from controlplane.languages import spoken
from controlplane.tenancy import Purpose, sign
from controlplane.versioned import EditedMeanwhile, Versioned
from tenants.members import letters
from tenants.members.models import erasing
from tenants.members.models.acts import Act, Empowered, only
from tenants.members.models.groups import Group, Household
from tenants.members.models.invitations import Invitation
from tenants.members.models.roster import OFFICERS, MemberQuerySet
from tenants.members.models.seats import Seat


class Member(Empowered, Versioned):
    """A person of a household. Nothing is visible to them until `admitted_at` is set."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="member", null=True, blank=True
    )
    household = models.ForeignKey(Household, on_delete=models.PROTECT, related_name="members")
    name = models.CharField(max_length=60)
    kana = models.CharField(max_length=80, blank=True)
    registered_at = models.DateTimeField(auto_now_add=True)
    admitted_at = models.DateTimeField(null=True, blank=True)
    left_at = models.DateTimeField(null=True, blank=True)
    calendar_revision = models.PositiveSmallIntegerField(default=1)  # part of the feed's token: raising it revokes
    calendar_without = models.CharField(
        max_length=40, blank=True, default="", db_default=""
    )  # layers, with dots between

    objects = MemberQuerySet.as_manager()

    visiting = False  # True only for what visitor() makes

    class Meta:
        ordering: ClassVar = ["household__group__position", "kana", "name"]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def visitor(cls, name: str) -> "Member":
        """Operations' support, let in by the representative: reads as officers do, and is never written down.

        Has no home, no seat and no community here; contacts, addresses and communities' talk stay closed.
        """
        visitor = cls(pk=0, name=name, household=Household(pk=0, name=name), admitted_at=timezone.now())
        visitor.__dict__["seat_kinds"] = [Seat.Kind.OFFICER.value]
        visitor.visiting = True
        return visitor

    @property
    def is_admitted(self) -> bool:
        return self.admitted_at is not None and self.left_at is None

    @cached_property
    def kinds(self) -> frozenset[str]:
        """The kinds of seat held today: from with_seats(), or asked for once."""
        if "seat_kinds" in self.__dict__:
            return frozenset(self.__dict__["seat_kinds"])
        return frozenset(self.terms.current().values_list("seat__kind", flat=True))

    @property
    def is_officer(self) -> bool:
        return self.is_admitted and bool(self.kinds & OFFICERS)

    @property
    def is_own_officer(self) -> bool:
        """An officer of this association, and not somebody who only reads like one: knows contacts and every room."""
        return self.is_officer and not self.visiting

    @property
    def is_representative(self) -> bool:
        return self.is_admitted and Seat.Kind.REPRESENTATIVE.value in self.kinds

    @property
    def is_leader(self) -> bool:
        """Holds any seat: an officer or a group leader."""
        return self.is_admitted and bool(self.kinds)

    def seats(self) -> models.QuerySet[Seat]:
        return Seat.objects.filter(pk__in=self.terms.current().values("seat_id"))

    def led_groups(self) -> models.QuerySet[Group]:
        """The groups whose homes this person looks after: an officer's are all, a leader's those of the seats."""
        return Group.objects.all() if self.is_officer else Group.objects.filter(seats__in=self.seats()).distinct()

    @property
    def contact(self) -> Contact | None:
        """Where messages for this person go; None for somebody written down by an officer."""
        return self.user.contact if self.user else None

    def spoken_to(self) -> AbstractContextManager[None]:
        """Texts made inside are in this person's language."""
        return spoken(self.user.language if self.user else "")

    @property
    def called(self) -> str:
        """How officers are named, seat first: 会長 山本."""
        seat = self.seats().first()
        return f"{seat.title} {self.name}" if seat else self.name

    @transaction.atomic
    def admit(self, *, by: object, invitation: Invitation | None = None) -> None:
        """Let a registered person in; twice is once. An invitation may carry a seat."""
        only(by, Act.ADMIT, self)
        if self.admitted_at is None:
            self.admitted_at = timezone.now()
            self.save(update_fields=["admitted_at"])
            record("member.admit", self, by=by)
        if invitation and invitation.seat:
            invitation.seat.hand_over(self, by=by)

    @transaction.atomic
    def accept(self, invitation: Invitation) -> None:
        """Come in by an invitation, or take the seat it carries. Raises BadInvitation when it is used up."""
        invitation.use()
        self.admit(by=_("招待"), invitation=invitation)

    def invite(self, *, group: Group | None = None, seat: Seat | None = None, **terms: int) -> tuple[Invitation, str]:
        """Invite in one's own name (uses, days): officers to any group and seat, leaders into their own groups."""
        only(self, Act.INVITE, Invitation(group=group, seat=seat))
        if seat and terms.get("uses", 1) != 1:
            raise ValidationError({"uses": _("役職への招待は、1人分だけにしてください。")})
        invitation, code = Invitation.objects.invite(by=self.called, inviter=self, group=group, seat=seat, **terms)
        record("invitation.make", invitation, by=self, uses=invitation.max_uses)
        return invitation, code

    @transaction.atomic
    def correct(
        self, *, by: object, name: str | None = None, kana: str | None = None, version: int | None = None
    ) -> None:
        """Write the name as it is; what is not given stays. EditedMeanwhile when `version` is not the newest."""
        only(by, Act.CORRECT_PERSON, self)
        row = self.locked(version)
        said = {"name": name, "kana": kana}
        changed = {part: text.strip() for part, text in said.items() if text not in (None, getattr(row, part))}
        if not changed.get("name", row.name):
            raise ValidationError({"name": _("お名前を入れてください。")})
        for part, text in changed.items():
            setattr(row, part, text)
        if changed:
            row.put(*changed)
            record("member.correct", row, by=by)
        self.name, self.kana, self.version = row.name, row.kana, row.version

    @property
    def version_at_home(self) -> int:
        """Of oneself and one's home as one thing, as one corrects them together: it rises with either."""
        return self.version + self.household.version

    @transaction.atomic
    def correct_at_home(
        self, *, name: str | None = None, kana: str | None = None, version: int | None = None, **home: Any
    ) -> None:
        """One's own name, and what is written of the home one lives in. Raises EditedMeanwhile as `correct` does."""
        row = self.locked()
        row.household = self.household.locked()
        if version is not None and version != row.version_at_home:
            raise EditedMeanwhile(row, row, row.household)
        self.correct(by=self, name=name, kana=kana)
        self.household.correct(by=self, **home)

    @transaction.atomic
    def add_contact(self, contact: Contact, *, way: Way) -> None:
        """Add a second way in: an address or number that was just proven by a code. Raises ValidationError if taken."""
        user, other = self.user, User.objects.for_contact(contact)
        if user is None:
            raise PermissionError("Who has left has no way in.")
        if other and other != user:
            if Member.objects.filter(user=other).exists():
                raise ValidationError(_("この連絡先は、ほかの方の登録に使われています。"))
            other.give_way()  # an empty account: somebody tried the address and did not register
        user.take_contact(contact, way=way)
        record("member.add_contact", self, by=self, channel=contact.channel.value)

    @staticmethod
    def put_contact_back(change: ContactChange, *, site_name: str, url: Callable[[str], str]) -> None:
        """Whoever had a contact before objects to its change: undo it and tell the officers; twice is once.

        Raises TooLate. `url` makes links to this site.
        """
        if not change.undo():
            return
        person = Member.objects.filter(user=change.user_id).first()
        if person is None:
            return
        person.revoke_calendar()
        home = url(f"/members/households/{person.household_id}/")
        for officer in Member.objects.officers().select_related("user"):
            if officer.contact:
                letters.contact_put_back(officer, officer.contact, name=person.name, site_name=site_name, url=home)

    def send_welcome(self, *, site_name: str, url: str) -> None:
        """Tell an admitted person that the page is open now, where their codes go."""
        if self.contact:
            letters.welcome(self, self.contact, name=self.name, site_name=site_name, url=url)

    def ask_for_admission(self, *, site_name: str, url: str) -> None:
        """Tell the officers that somebody waits for them; `url` leads to the waiting list."""
        if self.is_admitted:
            return
        for officer in Member.objects.officers().select_related("user"):
            if officer.contact:
                letters.somebody_waits(officer, officer.contact, name=self.name, site_name=site_name, url=url)

    @transaction.atomic
    def decline(self, *, by: object) -> None:
        """Turn a registration down. The row stays for the record; the person may register again."""
        only(by, Act.ADMIT, self)
        if self.admitted_at is not None:
            raise ValidationError(_("もう承認された方です。"))
        record("member.decline", self, by=by)
        self.leave(by=by)

    @transaction.atomic
    def leave(self, *, by: object) -> None:
        """Take the person out of the roster: seats end today, the account is let go, what they wrote stays."""
        only(by, Act.TAKE_OUT, self)
        if self.is_representative:
            raise ValidationError(_("代表者の役職を次の方に引き継いでから、もう一度お願いします。"))
        today, user = timezone.localdate(), self.user
        self.terms.filter(starts_on__gt=today).delete()
        self.terms.current(today).update(ends_on=today)
        self.left_at, self.user = timezone.now(), None
        self.save(update_fields=["left_at", "user"])
        if user:
            user.shut_out()
        record("member.leave", self, by=by)

    @transaction.atomic
    def erase(self, *, by: object) -> None:
        """Leave for good, and take everything that tells of this person along. It cannot be undone."""
        only(by, Act.ERASE, self)
        if self.is_representative:
            raise ValidationError(_("代表者の役職を次の方に引き継いでから、もう一度お願いします。"))
        self.forget(by=by)

    def forget(self, *, by: object) -> None:
        """Erase without asking whether it may be: what a restored archive brought back. Twice is once."""
        erasing.forget(self, by)

    @property
    def is_last_at_home(self) -> bool:
        """Whether nobody else of this household is in the roster."""
        return not self.household.members.filter(left_at=None).exclude(pk=self.pk).exists()

    @property
    def is_erased(self) -> bool:
        return self.left_at is not None and self.name == erasing.ERASED

    @property
    def calendar_token(self) -> str:
        """The key of this person's calendar feed, until revoke_calendar."""
        return sign(Purpose.CALENDAR, [self.pk, self.calendar_revision])

    def leave_out_of_calendar(self, layers: Iterable[str]) -> None:
        """What this person's calendar feed is to come without; the phone's own calendar follows by itself."""
        self.calendar_without = ".".join(sorted(layers))
        self.save(update_fields=["calendar_without"])

    def revoke_calendar(self) -> None:
        Member.objects.filter(pk=self.pk).update(calendar_revision=F("calendar_revision") + 1)
        self.refresh_from_db(fields=["calendar_revision"])
