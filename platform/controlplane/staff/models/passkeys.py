"""Passkeys of the staff's devices. Schema: public only."""

from typing import ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _

from controlplane.accounts.models import User
from controlplane.staff import ceremony

MOST = 10  # of one person


class PasskeyQuerySet(models.QuerySet["Passkey"]):
    def keep(self, user: User, answer: str, challenge: str, *, name: str) -> "Passkey":
        """Keep the key a browser made for the challenge. Raises ValidationError."""
        try:
            key = ceremony.made(answer, challenge)
        except ceremony.BadPasskey as error:
            raise ValidationError(_("パスキーを作れませんでした。もう一度おためしください。")) from error
        if self.filter(user=user).count() >= MOST:
            raise ValidationError(_("パスキーは10個までです。使わないものを外してください。"))
        if self.filter(credential_id=key.credential_id).exists():
            raise ValidationError(_("このパスキーは、もう登録されています。"))
        return self.create(
            user=user,
            name=name.strip()[:40] or _("パスキー"),
            credential_id=key.credential_id,
            public_key=key.credential_public_key,
            uses=key.sign_count,
        )

    def shown(self, user: User, answer: str, challenge: str) -> "Passkey":
        """The person's key that answers the challenge. Raises BadPasskey."""
        key = self.filter(user=user, credential_id=ceremony.credential_of(answer)).first()
        if key is None or not challenge:
            raise ceremony.BadPasskey("Not one of this person's keys.")
        key.uses = ceremony.shown(answer, challenge, public_key=bytes(key.public_key), uses=key.uses)
        key.last_used_at = timezone.now()
        key.save(update_fields=["uses", "last_used_at"])
        return key


class Passkey(models.Model):
    """A key in a phone, a computer or on a stick. The secret half never leaves it."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="passkeys")
    name = models.CharField(max_length=40)
    credential_id = models.BinaryField(max_length=1023, unique=True)
    public_key = models.BinaryField()
    uses = models.BigIntegerField(default=0)  # as the key counts them; a copied key falls behind
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    objects = PasskeyQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["pk"]

    def __str__(self) -> str:
        return self.name
