"""Changed contacts: a contact opens an account, so whoever had it before is told, and may put the old one back.

For three days. Until then the contact that was replaced opens nobody else's account, so that it can be put back.
"""

from datetime import datetime, timedelta
from typing import ClassVar
from uuid import UUID, uuid4

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from controlplane.accounts import letters
from controlplane.accounts.browsers import LONGEST, Browser
from controlplane.accounts.contacts import Channel, Contact
from controlplane.accounts.login_codes import LoginCode
from controlplane.accounts.ways import Way
from controlplane.audit.models import record
from controlplane.tenancy import BadToken, Purpose, sign, unsign

OBJECTION = timedelta(hours=72)
MEMORY = timedelta(days=90)


class TooLate(Exception):
    """The three days are over."""


class ContactChangeQuerySet(models.QuerySet["ContactChange"]):
    def open(self) -> "ContactChangeQuerySet":
        """Those somebody may still object to."""
        return self.filter(undone_at=None, at__gt=timezone.now() - OBJECTION)

    def holding(self, contact: Contact) -> "ContactChange | None":
        """The change by which this contact was replaced, while it may be put back."""
        return self.open().filter(channel=contact.channel, old=contact.value).order_by("-at").first()

    def opened_by(self, token: str) -> "ContactChange":
        """The change that a letter told of. Raises BadToken, and TooLate where nothing is kept of it any more."""
        value = unsign(Purpose.OBJECTION, token)
        try:
            row = self.select_related("user").filter(pk=UUID(value)).first()
        except (TypeError, ValueError, AttributeError) as error:
            raise BadToken("This names no change.") from error
        if row is None:
            raise TooLate
        return row

    def prune(self) -> None:
        """Remove old ones, and those of accounts that the release before this one has deleted."""
        self.filter(at__lt=timezone.now() - MEMORY).delete()
        self.exclude(user__in=get_user_model().objects.all()).delete()


class ContactChange(models.Model):
    """One change of one account. It goes with the account, and by itself after three months."""

    id = models.UUIDField(primary_key=True, default=uuid4)
    # Without a constraint: the release before this one deletes accounts and knows nothing of changes.
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="contact_changes", db_constraint=False
    )
    channel = models.CharField(max_length=8, choices=[(c.value, c.name) for c in Channel])
    old = models.CharField(max_length=254, blank=True)  # "": there was none of this kind
    new = models.CharField(max_length=254)
    system = models.CharField(max_length=LONGEST, blank=True)  # of the device it was done at
    browser = models.CharField(max_length=LONGEST, blank=True)  # or the program that did it
    at = models.DateTimeField(default=timezone.now)
    undone_at = models.DateTimeField(null=True, blank=True)

    objects = ContactChangeQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["channel", "old"], name="contact_change_old")]

    def __str__(self) -> str:
        return f"{self.channel} of {self.user_id}"

    @property
    def field(self) -> str:
        """The account's field that holds contacts of this kind."""
        return Contact(Channel(self.channel), self.new).field

    @property
    def kind_shown(self) -> str:
        return _("メールアドレス") if self.channel == Channel.MAIL else _("携帯電話の番号")

    @property
    def old_hinted(self) -> str:
        return Contact(Channel(self.channel), self.old).hinted if self.old else _("なし")

    @property
    def new_hinted(self) -> str:
        return Contact(Channel(self.channel), self.new).hinted

    @property
    def device_shown(self) -> str:
        return Browser(self.system, self.browser).shown

    @property
    def until(self) -> datetime:
        return self.at + OBJECTION

    @property
    def is_undone(self) -> bool:
        return self.undone_at is not None

    @property
    def is_too_late(self) -> bool:
        return self.until <= timezone.now()

    @property
    def token(self) -> str:
        return sign(Purpose.OBJECTION, str(self.pk))

    @property
    def path(self) -> str:
        """Of the page where it is objected to, on whichever host it was done at."""
        return f"/objection/{self.token}/"

    def tell(self, *, way: Way) -> None:
        """Write to every contact that is the account's until now, or was replaced within the last days."""
        earlier = self.user.contact_changes.open().exclude(pk=self.pk).exclude(old="").values_list("channel", "old")
        known = self.user.contacts | {Contact(Channel(channel), old) for channel, old in earlier}
        known.discard(Contact(Channel(self.channel), self.new))
        for contact in sorted(known, key=lambda each: each.value):
            letters.contact_changed(self.user, contact, self, site_name=way.site_name, url=way.url(self.path))

    @transaction.atomic
    def undo(self) -> bool:
        """Put the contacts back as they were before, shut everybody out; False when that was done already.

        What was changed after it is put back too: whoever did this may have done that. Raises TooLate.
        """
        user = type(self.user).objects.select_for_update().get(pk=self.user_id)
        this = user.contact_changes.get(pk=self.pk)
        if this.is_undone:
            return False
        if this.is_too_late:
            raise TooLate
        since = list(user.contact_changes.filter(undone_at=None, at__gte=this.at).order_by("-at"))
        user.put_contacts_back({change.field: change.old or None for change in since})
        LoginCode.objects.filter(destination__in=[change.new for change in since]).delete()
        user.contact_changes.filter(pk__in=[change.pk for change in since]).update(undone_at=timezone.now())
        user.shut_out()
        record("account.put_contact_back", user, by=_("前の連絡先の方"), channel=self.channel)
        return True
