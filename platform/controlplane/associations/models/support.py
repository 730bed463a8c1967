"""Support access: operations look at a site, read only, because its representative let them. Schema: public only.

Operations may ask, never take. What was opened is written into the association's own log.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, ClassVar

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from controlplane.associations.models.operators import Operator
from controlplane.associations.models.suspensions import Suspension
from controlplane.audit.models import record
from controlplane.tenancy import BadToken, Purpose, bound, current_uuid, public, sign, unsign

if TYPE_CHECKING:
    from controlplane.associations.models.associations import Association

KEY_SECONDS = 60  # a key to the site opens it once, within a minute
VISIT = timedelta(hours=1)  # then the operator comes again from their desk


class SupportAccessQuerySet(models.QuerySet["SupportAccess"]):
    def waiting(self) -> "SupportAccessQuerySet":
        """Asked for, not answered yet."""
        return self.filter(granted_at=None, revoked_at=None)

    def open(self) -> "SupportAccessQuerySet":
        """Granted and not over. A suspension ends it for good, a closed site has none."""
        suspended = Suspension.objects.filter(
            models.Q(lifted_at=None) | models.Q(since__gte=models.OuterRef("granted_at")),
            association=models.OuterRef("association"),
        )
        live = self.filter(association__live_at__isnull=False, association__closed_at=None)
        now = timezone.now()
        return live.filter(~models.Exists(suspended), granted_at__lte=now, until__gt=now, revoked_at=None)

    def visit(self, pk: int, operator: int, proof: str, began: datetime) -> "Visit | None":
        """The visit of a session that came in then, unless it is over, or the operator's own way in is."""
        access = self.open().filter(pk=pk).first()
        row = Operator.objects.select_related("user").filter(pk=operator, user__is_active=True).first()
        if access is None or row is None or not constant_time_compare(proof, _proof(row)):
            return None
        visit = Visit(access, row, began)
        return visit if visit.until > timezone.now() else None


class SupportAccess(models.Model):
    """One time that operations may look in: asked for by an operator or not, granted by a seat, until a moment."""

    class Length(models.IntegerChoices):
        HOUR = 1, gettext_lazy("1時間")
        DAY = 24, gettext_lazy("1日")
        WEEK = 168, gettext_lazy("7日間")

    association = models.ForeignKey("Association", on_delete=models.CASCADE, related_name="support")
    asked_by = models.CharField(max_length=80, blank=True)
    asked_at = models.DateTimeField(null=True, blank=True)
    why = models.CharField(max_length=300, blank=True)
    granted_by = models.CharField(max_length=80, blank=True)  # a seat: no resident is named outside their own schema
    granted_at = models.DateTimeField(null=True, blank=True)
    until = models.DateTimeField(null=True, blank=True)
    what_for = models.CharField(max_length=300, blank=True)
    revoked_by = models.CharField(max_length=80, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    key = models.CharField(max_length=32, blank=True)  # of the key handed out last, until it is used

    objects = SupportAccessQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-pk"]

    def __str__(self) -> str:
        return f"{self.association} {self.granted_by or self.asked_by}"

    @property
    def is_waiting(self) -> bool:
        return self.granted_at is None and self.revoked_at is None

    @classmethod
    @transaction.atomic
    def ask(cls, association: "Association", *, by: Operator, why: str) -> "SupportAccess":
        """Ask to be let in. Raises ValidationError without a reason, or while an earlier question waits."""
        if not why.strip():
            raise ValidationError({"why": _("わけを書いてください。代表者が読みます。")})
        _one_at_a_time(association)
        if association.support.waiting().exists():
            raise ValidationError(_("もう、お願いしてあります。お返事を待っています。"))
        access = cls(association=association, asked_by=by.name, asked_at=timezone.now(), why=why.strip()[:300])
        access.save(force_insert=True)
        access._log("support.ask", by=by, why=access.why)
        return access

    @classmethod
    @transaction.atomic
    def grant(cls, association: "Association", *, by: str, hours: int, what_for: str = "") -> "SupportAccess":
        """Let operations in from now on; answers a question that waits, and takes the place of what was open."""
        if hours not in cls.Length.values:
            raise ValidationError({"hours": _("1時間・1日・7日間から選んでください。")})
        _one_at_a_time(association)
        for former in association.support.open():
            former.revoke(by=by)
        now = timezone.now()
        access = association.support.waiting().first() or cls.objects.create(association=association)
        access.granted_by, access.granted_at, access.until = by[:80], now, now + timedelta(hours=hours)
        access.what_for = what_for.strip()[:300]
        access.save(update_fields=["granted_by", "granted_at", "until", "what_for"])
        access._log("support.grant", by=by, hours=hours, what_for=access.what_for)
        return access

    @transaction.atomic
    def revoke(self, *, by: str) -> None:
        """End it now, or turn down a question. Twice is once."""
        now, verb = timezone.now(), "support.revoke" if self.granted_at else "support.decline"
        if SupportAccess.objects.filter(pk=self.pk, revoked_at=None).update(revoked_at=now, revoked_by=by[:80], key=""):
            self._log(verb, by=by)

    @transaction.atomic
    def hand_key(self, *, by: Operator) -> str:
        """A key to the site for this operator: good there only, once, within a minute. Raises PermissionError."""
        if not SupportAccess.objects.open().filter(pk=self.pk).exists():
            raise PermissionError("Nobody has let operations in.")
        self.key = secrets.token_urlsafe(16)
        self.save(update_fields=["key"])
        with bound(self.association):
            return sign(Purpose.SUPPORT, [self.pk, by.pk, self.key])

    @classmethod
    def come_in(cls, token: str) -> "Visit":
        """Use a key at the bound site. Raises BadToken for one that is used, late, foreign, or of no avail by now."""
        try:
            pk, operator, key = unsign(Purpose.SUPPORT, token, max_age=KEY_SECONDS)
        except (TypeError, ValueError) as error:
            raise BadToken("Not a key.") from error
        uuid = current_uuid()
        with public():
            access = cls.objects.select_for_update().filter(pk=pk, association=uuid).first()
            row = Operator.objects.select_related("user").filter(pk=operator, user__is_active=True).first()
            if access is None or row is None or not access._turn(key):
                raise BadToken("Used, or over.")
            access._log("support.come_in", by=row)
            return Visit(access, row, timezone.now())

    def _turn(self, key: str) -> bool:
        fits = bool(self.key) and constant_time_compare(self.key, key)
        if not fits or not SupportAccess.objects.open().filter(pk=self.pk).exists():
            return False
        self.key = ""
        self.save(update_fields=["key"])
        return True

    def _log(self, verb: str, *, by: object, **data: object) -> None:
        """Into both logs: the platform's, about the association, and the association's own."""
        record(verb, self.association, by=by, **data)
        with bound(self.association):
            record(verb, self, by=by, **data)


@dataclass(frozen=True)
class Visit:
    """An operator at a site. Whoever is called `viewer` there is decided above this floor."""

    access: SupportAccess
    operator: Operator
    began: datetime

    @property
    def name(self) -> str:
        return _("運営事務局 %(name)s") % {"name": self.operator.name}

    @property
    def until(self) -> datetime:
        """When the operator has to come again from their desk, or the leave ends."""
        assert self.access.until is not None  # noqa: S101  # granted, or there would be no visit
        return min(self.access.until, self.began + VISIT)

    @property
    def proof(self) -> str:
        """Changes when the operator signs out everywhere, or their factors are reset: that ends the visit too."""
        return _proof(self.operator)

    def note(self, path: str) -> None:
        """A page is opened: into the association's own log, before it is shown. Call under its binding."""
        record("support.read", self.access, by=self.name, path=f"/{path.lstrip('/')}"[:500])

    def leave(self) -> None:
        record("support.leave", self.access, by=self.name)


def _proof(operator: Operator) -> str:
    """A digest of a digest: an association's sessions hold nothing of those at the apex host."""
    return salted_hmac("kairan.support.proof", operator.user.get_session_auth_hash(), algorithm="sha256").hexdigest()


def _one_at_a_time(association: "Association") -> None:
    """Who asks or grants at the same moment waits, and then sees what was done."""
    type(association).objects.select_for_update().only("pk").get(pk=association.pk)
