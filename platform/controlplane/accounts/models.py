"""Accounts, in every schema: operators and city staff in `public`, members in their own association's schema."""

import hashlib
import secrets
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.sessions.models import Session
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from controlplane import languages
from controlplane.accounts.contacts import Channel, Contact, show_phone
from controlplane.accounts.login_codes import LoginCode as LoginCode
from controlplane.accounts.login_codes import TooManyCodes as TooManyCodes
from controlplane.accounts.login_codes import WrongCode as WrongCode
from controlplane.outbox.models import Message

TOKEN_LIFE = timedelta(days=90)


class UserManager(BaseUserManager["User"]):
    def for_contact(self, contact: Contact) -> "User | None":
        return self.filter(**_contact_field(contact), is_active=True).first()

    def staff(self) -> "models.QuerySet[User]":
        """Operators and city staff: who may sign in at the apex host. In `public` only."""
        staff = Q(operator__isnull=False) | Q(city_staff__isnull=False)
        return self.filter(staff, is_active=True).select_related("operator", "city_staff__city")

    def staff_for(self, contact: Contact) -> "User | None":
        return self.staff().filter(**_contact_field(contact)).first()

    def proven(self, contact: Contact) -> "User":
        """Return the account of a contact whose code was just redeemed, making it when it is new."""
        user, _created = self.get_or_create(**_contact_field(contact))
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

    def take_contact(self, contact: Contact) -> None:
        """Note one more contact that was just proven; it replaces an older one of the same kind."""
        field = _contact_field(contact)
        User.objects.filter(pk=self.pk).update(**field)
        for name, value in field.items():
            setattr(self, name, value)

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
        contacts = [contact for contact in (self.email, self.phone) if contact]
        LoginCode.objects.filter(destination__in=contacts).delete()
        Message.objects.filter(to__in=contacts).discard()
        self.tokens.all().delete()
        for session in Session.objects.iterator():
            if session.get_decoded().get(SESSION_KEY) == str(self.pk):
                session.delete()
        # Not delete(), which would look for operators and city staff, whose tables an association's schema has not.
        User.objects.filter(pk=self.pk)._raw_delete(User.objects.db)


class ApiTokenManager(models.Manager["ApiToken"]):
    def issue(self, user: User) -> tuple["ApiToken", str]:
        """Return a new token's row and its secret, which is shown once and kept only as a digest."""
        secret = secrets.token_urlsafe(32)
        row = self.create(user=user, digest=token_digest(secret), expires_at=timezone.now() + TOKEN_LIFE)
        return row, secret

    def alive(self, secret: str) -> "ApiToken | None":
        live = self.filter(digest=token_digest(secret), expires_at__gt=timezone.now(), user__is_active=True)
        return live.select_related("user").first()

    def prune(self) -> None:
        """Remove tokens that have run out."""
        self.filter(expires_at__lt=timezone.now()).delete()


class ApiToken(models.Model):
    """A bearer token of the HTTP API, valid only on the site whose schema holds it."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="tokens")
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()

    objects: ClassVar[ApiTokenManager] = ApiTokenManager()

    def __str__(self) -> str:
        return f"token of {self.user}"


def prune() -> None:
    """Remove what has run out under the current binding: sessions, codes, tokens."""
    Session.objects.filter(expire_date__lt=timezone.now()).delete()
    LoginCode.objects.prune()
    ApiToken.objects.prune()


def _contact_field(contact: Contact) -> dict[str, Any]:
    return {"email" if contact.channel == Channel.MAIL else "phone": contact.value}


def token_digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
