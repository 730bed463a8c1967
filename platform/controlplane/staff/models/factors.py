"""What one person of the staff shows besides the code of their mail: an app's digits, a passkey, a recovery code."""

import hmac
import re
import secrets
import unicodedata
from datetime import datetime, timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from controlplane.accounts.models import User
from controlplane.audit.models import record
from controlplane.metering.models import Act, Count, key_of
from controlplane.staff import digits, letters
from controlplane.staff.ceremony import BadPasskey
from controlplane.staff.models.passkeys import Passkey
from controlplane.tenancy.tokens import LETTERS

TRIES = 5
PAUSE = timedelta(minutes=15)
WRONG_DIGITS = 30  # a day; three are good at once: 30 x 3 / 1,000,000 = 0.9 in 10,000 for an account and day
RECOVERY_CODES = 10


class WrongFactor(Exception):
    """Wrong, used already, or too late: the caller is not told which."""


class DigitsOff(WrongFactor):
    """Digits of the app were wrong too often in a day: a passkey or a recovery code opens, and no digits do."""


class Paused(Exception):
    """Tried too often; nothing is looked at until then."""

    def __init__(self, until: datetime) -> None:
        super().__init__(until)
        self.until = until


class SecondFactorQuerySet(models.QuerySet["SecondFactor"]):
    def of(self, user: User) -> "SecondFactor":
        """The person's row, locked until this transaction ends: two answers at once are two answers in turn."""
        self.get_or_create(user=user)
        return self.select_for_update().get(user=user)

    def is_asked_of(self, user: User) -> bool:
        """Of everybody in production, elsewhere of those who have one."""
        return bool(settings.STAFF_SECOND_FACTOR) or self.is_set_up(user)

    def is_set_up(self, user: User) -> bool:
        return self.exclude(app_secret="").filter(user=user).exists() or user.passkeys.exists()


class SecondFactor(models.Model):
    """What one person of the staff shows besides the code in their mail, and how often they were wrong."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="second_factor")
    app_secret = models.CharField(max_length=200, blank=True)  # sealed
    app_since = models.DateTimeField(null=True, blank=True)
    app_step = models.BigIntegerField(default=0)  # the last step whose digits were used: none is used twice
    recovery = models.JSONField(default=list, blank=True)  # digests of the codes that are left
    tries = models.PositiveSmallIntegerField(default=0)  # wrong ones in a row
    paused_until = models.DateTimeField(null=True, blank=True)

    objects = SecondFactorQuerySet.as_manager()

    def __str__(self) -> str:
        return staff_name(self.user)

    @property
    def has_app(self) -> bool:
        return bool(self.app_secret)

    @property
    def is_set_up(self) -> bool:
        return self.has_app or self.user.passkeys.exists()

    @property
    def is_paused(self) -> bool:
        return self.paused_until is not None and self.paused_until > timezone.now()

    # --- showing it ---

    def check_code(self, typed: str) -> str:
        """Take six digits of the app, or a recovery code; return which it was. Raises WrongFactor, Paused.

        Not atomic: a wrong try must stay counted when the caller is refused.
        """
        if self.paused_until and self.is_paused:
            raise Paused(self.paused_until)
        plain = "".join(letter for letter in unicodedata.normalize("NFKC", typed).upper() if letter.isalnum())
        factor = self._take_digits(plain) if re.fullmatch(r"[0-9]{6}", plain) else self._take_recovery(plain)
        if not factor:
            self._count_wrong()
            raise WrongFactor
        self.tries, self.paused_until = 0, None
        self.save(update_fields=["app_step", "recovery", "tries", "paused_until"])
        return factor

    def check_passkey(self, answer: str, challenge: str) -> str:
        """Take a browser's answer to the challenge it was given. Raises WrongFactor."""
        try:
            Passkey.objects.shown(self.user, answer, challenge)
        except BadPasskey as error:
            record("staff.wrong_passkey", self.user, by=self)
            raise WrongFactor from error
        return "passkey"

    def _take_digits(self, typed: str) -> str:
        key = key_of("factor", self.user_id)
        if Count.objects.add(key, Act.FACTOR) > WRONG_DIGITS:
            raise DigitsOff
        step = digits.used_step(self.app_secret, typed, after=self.app_step)
        if step is None:
            return ""
        Count.objects.add(key, Act.FACTOR, -1)  # it was right
        self.app_step = step
        return "app"

    def _take_recovery(self, code: str) -> str:
        digest = self._recovery_digest(code)
        left = [each for each in self.recovery if not hmac.compare_digest(each, digest)]
        if len(left) == len(self.recovery):
            return ""
        self.recovery = left
        record("staff.use_recovery_code", self.user, by=self, left=len(left))
        letters.recovery_used(self.user, len(left))
        return "recovery"

    def _count_wrong(self) -> None:
        self.tries += 1
        record("staff.wrong_code", self.user, by=self, tries=self.tries)
        if self.tries % TRIES == 0:
            self.paused_until = timezone.now() + PAUSE
            record("staff.pause", self.user, by=self, until=self.paused_until.isoformat())
            letters.paused(self.user)
        self.save(update_fields=["tries", "paused_until"])

    # --- setting it up ---

    @transaction.atomic
    def add_app(self, sealed: str, typed: str) -> list[str]:
        """Keep the app whose first digits were typed, instead of an older one. Raises ValidationError by field.

        With the first factor everything that was open before ends, and recovery codes are returned, this once.
        """
        step = digits.used_step(sealed, typed, after=0)
        if step is None:
            raise ValidationError({"code": _("番号が合いません。アプリに出ている、いまの6けたを入れてください。")})
        first = not self.is_set_up
        self.app_secret, self.app_since, self.app_step = sealed, timezone.now(), step
        self.save(update_fields=["app_secret", "app_since", "app_step"])
        return self._added("app", _("認証アプリ"), first=first)

    @transaction.atomic
    def add_passkey(self, answer: str, challenge: str, *, name: str) -> list[str]:
        """Keep the key a browser made for the challenge. As with add_app; raises ValidationError."""
        first = not self.is_set_up
        key = Passkey.objects.keep(self.user, answer, challenge, name=name)
        return self._added("passkey", key.name, first=first)

    def _added(self, kind: str, name: str, *, first: bool) -> list[str]:
        record("staff.add_factor", self.user, by=self, kind=kind, name=name)
        letters.factor_added(self.user, name)
        if not first:
            return []
        self.user.shut_out()
        return self.make_recovery_codes()

    @transaction.atomic
    def make_recovery_codes(self) -> list[str]:
        """Ten new codes, the older ones are worth nothing; only digests are kept."""
        codes = ["".join(secrets.choice(LETTERS) for _i in range(10)) for _j in range(RECOVERY_CODES)]
        self.recovery = [self._recovery_digest(code) for code in codes]
        self.save(update_fields=["recovery"])
        record("staff.make_recovery_codes", self.user, by=self)
        return [f"{code[:5]}-{code[5:]}" for code in codes]

    def _recovery_digest(self, code: str) -> str:
        return salted_hmac("kairan.staff.recovery", f"{self.user_id}:{code}", algorithm="sha256").hexdigest()

    # --- taking it away ---

    @transaction.atomic
    def remove_app(self) -> None:
        if self.has_app:
            self._may_remove(others=self.user.passkeys.exists())
            self.app_secret, self.app_since = "", None
            self.save(update_fields=["app_secret", "app_since"])
            self._removed("app", _("認証アプリ"))

    @transaction.atomic
    def remove_passkey(self, pk: int) -> None:
        key = self.user.passkeys.filter(pk=pk).first()
        if key:
            self._may_remove(others=self.has_app or self.user.passkeys.exclude(pk=pk).exists())
            key.delete()
            self._removed("passkey", key.name)

    def _may_remove(self, *, others: bool) -> None:
        if settings.STAFF_SECOND_FACTOR and not others:
            raise ValidationError(_("さいごの1つは外せません。先に、ほかのものを足してください。"))

    def _removed(self, kind: str, name: str) -> None:
        record("staff.remove_factor", self.user, by=self, kind=kind, name=name)
        letters.factor_removed(self.user, name)
        if not self.is_set_up:
            self.recovery = []
            self.save(update_fields=["recovery"])

    @transaction.atomic
    def reset(self, *, by: object) -> None:
        """Another operator helps somebody who has lost everything: they set it up anew at their next sign-in."""
        if getattr(by, "user_id", None) == self.user_id:
            raise PermissionError("One's own factors are reset by another operator.")
        self.user.passkeys.all().delete()
        self.app_secret, self.app_since, self.app_step, self.recovery = "", None, 0, []
        self.tries, self.paused_until = 0, None
        self.save(update_fields=["app_secret", "app_since", "app_step", "recovery", "tries", "paused_until"])
        self.user.shut_out()
        record("staff.reset_factors", self.user, by=by)
        letters.reset(self.user, str(by))

    @transaction.atomic
    def sign_out_everywhere(self) -> None:
        """End every session and token of this person, the caller's too."""
        self.user.shut_out()
        record("staff.sign_out_everywhere", self.user, by=self)


def staff_name(user: User) -> str:
    """How the log calls them: 運営 1, 京都市 職員 1."""
    return str(getattr(user, "operator", None) or getattr(user, "city_staff", None) or user)
