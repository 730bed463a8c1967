"""The account: whose contact was proven, how they are told, and what ends the ways they are in by."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from controlplane import languages
from controlplane.accounts.code_answers import JustReplaced, wrong_code
from controlplane.accounts.contacts import Channel, Contact, show_phone
from controlplane.accounts.login_codes import LoginCode
from controlplane.accounts.models.changes import ContactChange
from controlplane.accounts.ways import Way
from controlplane.outbox.models import Message


class UserManager(BaseUserManager["User"]):
    def for_contact(self, contact: Contact) -> "User | None":
        return self.filter(**{contact.field: contact.value}, is_active=True).first()

    def staff(self) -> "models.QuerySet[User]":
        """Operators and city staff: who may sign in at the apex host. In `public` only."""
        staff = Q(operator__isnull=False) | Q(city_staff__isnull=False)
        return self.filter(staff, is_active=True).select_related("operator", "city_staff__city")

    def staff_for(self, contact: Contact) -> "User | None":
        return self.staff().filter(**{contact.field: contact.value}).first()

    def proven(self, contact: Contact) -> "User":
        """Return the account of a contact whose code was just redeemed, making it when it is new.

        Raises JustReplaced where the contact may still be put back into somebody's account.
        """
        fields: dict[str, Any] = {contact.field: contact.value}
        if ContactChange.objects.holding(contact) and not self.filter(**fields).exists():
            raise JustReplaced
        user, _created = self.get_or_create(**fields)
        return user


class User(AbstractBaseUser):
    """Somebody who has proven a contact. Signs in by code; there are no passwords."""

    email = models.EmailField(max_length=254, unique=True, null=True, blank=True)
    phone = models.CharField(max_length=16, unique=True, null=True, blank=True)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    last_seen_on = models.DateField(null=True, blank=True)
    language = models.CharField(max_length=12, blank=True, default="", db_default="")  # "": not chosen yet

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(email__isnull=False) | Q(phone__isnull=False), name="user_has_contact")
        ]

    def __str__(self) -> str:
        return self.email or self.phone or f"user {self.pk}"

    @property
    def contact(self) -> Contact | None:
        """Where messages for this person go: the mail address, else the mobile number."""
        if self.email:
            return Contact(Channel.MAIL, self.email)
        return Contact(Channel.SMS, self.phone) if self.phone else None

    @property
    def shown_phone(self) -> str:
        """090-1234-5678, or nothing."""
        return show_phone(self.phone) if self.phone else ""

    @property
    def contacts(self) -> set[Contact]:
        """Every way to reach this person."""
        both = ((Channel.MAIL, self.email), (Channel.SMS, self.phone))
        return {Contact(channel, value) for channel, value in both if value}

    @transaction.atomic
    def take_contact(self, contact: Contact, *, way: Way) -> None:
        """Note one more contact that was just proven; it replaces an older one of the same kind.

        The one door by which a contact changes: whoever had the others is told and may object, and every other way in
        than the one it was done by ends. Raises ValidationError where it may still be put back to somebody else.
        """
        row = User.objects.select_for_update().get(pk=self.pk)
        self.email, self.phone, self.password = row.email, row.phone, row.password
        old = getattr(row, contact.field) or ""
        if old == contact.value:
            return
        held = ContactChange.objects.holding(contact)
        if held and held.user_id != self.pk:
            raise ValidationError(wrong_code(JustReplaced()))
        at = {"system": way.browser.system, "browser": way.browser.name}
        change = self.contact_changes.create(channel=contact.channel, old=old, new=contact.value, **at)
        change.tell(way=way)
        self._write_contacts({contact.field: contact.value})
        self.shut_out(but=way)

    def put_contacts_back(self, fields: Mapping[str, str | None]) -> None:
        """As they were. Raises ValidationError when somebody else has one of them by now."""
        for field, value in fields.items():
            if value and User.objects.filter(**{field: value}).exclude(pk=self.pk).exists():
                raise ValidationError(
                    _("前の連絡先は、いま、ほかの登録に使われています。役員か運営事務局に知らせてください。")
                )
        self._write_contacts(fields)

    def _write_contacts(self, fields: Mapping[str, str | None]) -> None:
        User.objects.filter(pk=self.pk).update(**fields)
        for name, value in fields.items():
            setattr(self, name, value)

    # --- the ways somebody is in ---

    def shut_out(self, *, but: Way | None = None) -> None:
        """End every session and token of this person, except the way they ask by."""
        self.end_devices(but=but)
        self.end_tokens(but=but)

    def end_devices(self, *, but: Way | None = None) -> None:
        """Sessions carry a digest of a password nobody has: a new one ends them all, noted as devices or not."""
        self.set_unusable_password()
        User.objects.filter(pk=self.pk).update(password=self.password)
        self.devices.all().but(but).end()
        if but is not None and but.session is not None:
            but.session[HASH_SESSION_KEY] = self.get_session_auth_hash()

    def end_tokens(self, *, but: Way | None = None) -> None:
        spared = [but.token_id] if but and but.token_id else []
        self.tokens.exclude(pk__in=spared).delete()

    def saw_today(self) -> None:
        """Note that this person was here today: one write a day, the source of 'active in 30 days'."""
        today = timezone.localdate()
        if self.last_seen_on != today:
            self.last_seen_on = today
            User.objects.filter(pk=self.pk).update(last_seen_on=today)

    def speak(self, code: str) -> None:
        """Note the language that pages and messages for this person are in."""
        if self.language != code:
            self.language = code
            User.objects.filter(pk=self.pk).update(language=code)

    def begin_speaking(self, code: str) -> None:
        """On signing in: whoever has not chosen yet, and reads another language than Japanese, has chosen by that."""
        if not self.language and code != settings.LANGUAGE_CODE:
            self.speak(code)

    def spoken_to(self) -> AbstractContextManager[None]:
        """Texts made inside are in this person's language."""
        return languages.spoken(self.language)

    @transaction.atomic
    def erase(self) -> None:
        """Remove the account of somebody who has left, and whatever was kept for it or sent to its contacts."""
        contacts = {contact.value for contact in self.contacts} | self._former_contacts()
        LoginCode.objects.filter(destination__in=contacts).delete()
        Message.objects.filter(to__in=contacts).discard()
        self.give_way()

    def _former_contacts(self) -> set[str]:
        """As far as they are kept, and nobody else's by now."""
        found = {each for pair in self.contact_changes.values_list("old", "new") for each in pair if each}
        others = User.objects.exclude(pk=self.pk).filter(Q(email__in=found) | Q(phone__in=found))
        return found - {contact.value for other in others for contact in other.contacts}

    @transaction.atomic
    def give_way(self) -> None:
        """Remove the account, with every way in."""
        self.devices.all().end()
        self.tokens.all().delete()
        self.contact_changes.all().delete()
        # Not delete(), which would look for operators and city staff, whose tables an association's schema has not.
        User.objects.filter(pk=self.pk)._raw_delete(User.objects.db)
