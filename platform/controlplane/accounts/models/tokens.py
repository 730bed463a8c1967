"""Tokens of the HTTP API."""

import hashlib
import secrets
from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from controlplane.accounts.models.users import User

TOKEN_LIFE = timedelta(days=90)
LONGEST_NAME = 60


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    def alive_now(self) -> "ApiTokenQuerySet":
        return self.filter(expires_at__gt=timezone.now()).order_by("-pk")

    def issue(self, user: "User", *, name: str = "", life: timedelta = TOKEN_LIFE) -> tuple["ApiToken", str]:
        """Return a new token's row and its secret, which is shown once and kept only as a digest."""
        secret = secrets.token_urlsafe(32)
        digest, until = token_digest(secret), timezone.now() + life
        row = self.create(user=user, name=name[:LONGEST_NAME], digest=digest, expires_at=until)
        return row, secret

    def alive(self, secret: str) -> "ApiToken | None":
        live = self.alive_now().filter(digest=token_digest(secret), user__is_active=True)
        return live.select_related("user").first()

    def prune(self) -> None:
        """Remove tokens that have run out."""
        self.filter(expires_at__lt=timezone.now()).delete()


class ApiToken(models.Model):
    """A bearer token of the HTTP API, valid only on the site whose schema holds it."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=LONGEST_NAME, blank=True, default="", db_default="")  # as the program said
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_on = models.DateField(null=True, blank=True)  # one write a day
    expires_at = models.DateTimeField()

    objects = ApiTokenQuerySet.as_manager()

    def __str__(self) -> str:
        return f"token of {self.user}"

    def used_today(self) -> None:
        """Note that it was shown today: one write a day."""
        today = timezone.localdate()
        if self.last_used_on != today:
            self.last_used_on = today
            ApiToken.objects.filter(pk=self.pk).update(last_used_on=today)

    @property
    def shown(self) -> str:
        return self.name or _("名前のないプログラム")


def token_digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
