"""Hosts that associations bring themselves, proven by a TXT record and watched from then on. Schema: public only."""

import secrets
from datetime import datetime, timedelta
from typing import ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from controlplane.associations import lookup
from controlplane.associations.hosts import parse_host, shown_host
from controlplane.associations.models.associations import Association
from controlplane.associations.models.domains import Domain, subdomain
from controlplane.audit.models import record
from controlplane.tenancy import between_transactions

AT_MOST = 5  # for one association
PATIENCE = timedelta(days=14)  # how long we ask of ourselves for a record that was promised


class CustomDomainQuerySet(models.QuerySet["CustomDomain"]):
    def on(self) -> "CustomDomainQuerySet":
        """Asked for or proven; neither given up nor switched off."""
        return self.filter(off_at=None)

    def to_check(self) -> "CustomDomainQuerySet":
        recent = Q(proven_at__isnull=False) | Q(asked_at__gte=timezone.now() - PATIENCE)
        return self.on().filter(recent)

    @transaction.atomic
    def ask(self, association: Association, host: str, *, by: object) -> "CustomDomain":
        """Note the wish for a host and make the token that proves it. One that went off needs a new proof."""
        try:
            name = parse_host(host)
        except ValidationError as error:
            raise ValidationError({"host": error.messages}) from error
        Association.objects.select_for_update().get(pk=association.pk)
        _must_be_nobody_elses(name, association)
        mine = self.filter(association=association)
        known = mine.on().filter(host=name).first()
        if known:
            return known
        if mine.on().count() >= AT_MOST:
            raise ValidationError({"host": _("アドレスは、%(count)sつまでです。") % {"count": AT_MOST}})
        new = {"token": secrets.token_hex(16), "asked_by": str(by), "asked_at": timezone.now(), **_FRESH}
        domain, _new = mine.update_or_create(host=name, defaults={"association": association, **new})
        record("domain.ask", association, by=by, host=name)
        return domain


_FRESH = {"proven_at": None, "missing_since": None, "off_at": None, "checked_at": None}


def _must_be_nobody_elses(host: str, association: Association) -> None:
    if Domain.objects.filter(host=host).exclude(association=association).exists():
        raise ValidationError({"host": _("このアドレスは、ほかの会が使っています。")})


class CustomDomain(models.Model):
    """pending → proven → off. Its Domain row stands exactly while it is proven; only then does the host lead here."""

    class State(models.TextChoices):
        PENDING = "pending", gettext_lazy("たしかめ待ち")
        PROVEN = "proven", gettext_lazy("使えます")
        MISSING = "missing", gettext_lazy("TXTレコードが見つかりません")
        OFF = "off", gettext_lazy("止まっています")

    association = models.ForeignKey(Association, on_delete=models.CASCADE, related_name="custom_domains")
    host = models.CharField(max_length=253)
    token = models.CharField(max_length=32)
    asked_by = models.CharField(max_length=200)
    asked_at = models.DateTimeField(default=timezone.now)
    checked_at = models.DateTimeField(null=True, blank=True)
    proven_at = models.DateTimeField(null=True, blank=True)
    missing_since = models.DateTimeField(null=True, blank=True)
    off_at = models.DateTimeField(null=True, blank=True)

    objects = CustomDomainQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["host", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["association", "host"], name="custom_domain_once_per_association"),
            models.UniqueConstraint(
                fields=["host"],
                condition=Q(proven_at__isnull=False, off_at=None),
                name="custom_domain_one_holder",
            ),
        ]

    def __str__(self) -> str:
        return self.host

    @property
    def state(self) -> "State":
        if self.off_at:
            return self.State.OFF
        if self.proven_at is None:
            return self.State.PENDING
        return self.State.MISSING if self.missing_since else self.State.PROVEN

    @property
    def shown(self) -> str:
        return shown_host(self.host)

    @property
    def record_name(self) -> str:
        return f"_kairan.{self.host}"

    @property
    def record_value(self) -> str:
        return f"kairan={self.token}"

    @property
    def is_primary(self) -> bool:
        return self._domains().filter(is_primary=True).exists()

    @property
    def ends_at(self) -> datetime | None:
        """When the host goes off unless its record comes back."""
        return self.missing_since + timedelta(days=settings.CUSTOM_DOMAIN_GRACE_DAYS) if self.missing_since else None

    def verify(self) -> "State":
        """Ask DNS for the record and act on the answer; no answer changes nothing. Returns the state it is in then."""
        with between_transactions():
            seen = lookup.txt(self.record_name)
        with transaction.atomic():
            self._lock()
            if self.off_at is None and seen is not None:
                self.checked_at = timezone.now()
                (self._found if self.record_value in seen else self._not_found)()
                self.save(update_fields=["checked_at", "proven_at", "missing_since"])
        return self.state

    def _found(self) -> None:
        self.missing_since = None
        if self.proven_at:
            return
        _must_be_nobody_elses(self.host, self.association)
        try:
            with transaction.atomic():
                Domain.objects.create(host=self.host, association=self.association)
        except IntegrityError as error:  # two associations prove the same host at the same moment
            raise ValidationError({"host": _("このアドレスは、ほかの会が使っています。")}) from error
        self.proven_at = timezone.now()
        record("domain.prove", self.association, by="DNS", host=self.host)
        self.association.forget_snapshots()

    def _not_found(self) -> None:
        if self.proven_at is None:
            return
        self.missing_since = self.missing_since or timezone.now()
        if self.ends_at and self.ends_at <= timezone.now():
            self._switch_off(by="DNS")

    def make_primary(self, *, by: object) -> None:
        """Let the site live at this host; the others redirect to it. Refused while it does not lead to our servers."""
        with between_transactions():
            leads_here = _leads_here(self.host)
        if not leads_here:
            message = _("このアドレスは、まだ回覧のサーバーにつながっていません。CNAMEレコードをたしかめてください。")
            raise ValidationError(message)
        with transaction.atomic():
            self._lock()
            domain = self._domains().first()
            if self.state != self.State.PROVEN or domain is None:
                raise ValidationError(_("先に、TXTレコードをたしかめてください。"))
            domain.become_primary()
            record("domain.make_primary", self.association, by=by, host=self.host)
            self.association.forget_snapshots()

    @transaction.atomic
    def give_up(self, *, by: object) -> None:
        """Stop using the host; the site answers at its subdomain again."""
        self._lock()
        if self.off_at is None:
            self._switch_off(by=by)

    def _switch_off(self, *, by: object) -> None:
        self.association.forget_snapshots()  # while the host is still among them
        self._domains().delete()
        self.off_at = timezone.now()
        self.save(update_fields=["off_at"])
        home = Domain.objects.filter(host=subdomain(self.association.slug), association=self.association).first()
        if home and not self.association.domains.filter(is_primary=True).exists():
            home.become_primary()
        record("domain.switch_off", self.association, by=by, host=self.host)

    def _domains(self) -> "models.QuerySet[Domain]":
        return Domain.objects.filter(host=self.host, association=self.association_id)

    def _lock(self) -> None:
        """The association first, as everybody does who changes its hosts."""
        self.association = Association.objects.select_for_update().get(pk=self.association_id)
        self.refresh_from_db(fields=["token", "checked_at", "proven_at", "missing_since", "off_at"])


def _leads_here(host: str) -> bool:
    """Somebody who signs in must arrive: the host's addresses are ours."""
    there = lookup.addresses(host)
    here = lookup.addresses(settings.APEX_HOST) if there else None  # a silent DNS is waited for once
    return bool(there and here and there & here)
