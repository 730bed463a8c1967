"""Applications (申込): what an association's representative sends in, and operations' answer to it."""

from typing import ClassVar

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from controlplane.associations.models import Association
from controlplane.associations.slugs import names_a_place, slug_from_kana
from controlplane.audit.models import record
from controlplane.languages import spoken
from controlplane.metering.models import Act, Count, key_of
from controlplane.outbox.models import Message
from controlplane.tenancy import Purpose, routing, sign
from provisioning.models.queue import UNDECIDED, ApplicationQuerySet, Stage
from provisioning.models.runs import Run

RECEIPTS = 5  # a day to one address


class NotOpen(Exception):
    """The application has been decided already."""


class Application(models.Model):
    class Status(models.TextChoices):
        RECEIVED = "received", gettext_lazy("たしかめる")
        ASKED = "asked", gettext_lazy("返事を待っている")
        APPROVED = "approved", gettext_lazy("承認した")
        REJECTED = "rejected", gettext_lazy("お断りした")

    UNDECIDED: ClassVar = UNDECIDED

    name = models.CharField(max_length=80)
    kana = models.CharField(max_length=120, blank=True)
    kind = models.CharField(max_length=12, choices=Association.Kind)
    city = models.ForeignKey("cities.City", on_delete=models.PROTECT, related_name="applications")
    ward = models.CharField(max_length=20, blank=True)
    postal_code = models.CharField(max_length=8)
    address = models.CharField(max_length=200)
    households = models.PositiveIntegerField()
    representative_name = models.CharField(max_length=60)
    representative_email = models.EmailField(max_length=254)
    representative_phone = models.CharField(max_length=16)
    email_proven_at = models.DateTimeField(null=True, blank=True)
    status = models.CharField(max_length=10, choices=Status, default=Status.RECEIVED)
    idempotency_key = models.CharField(max_length=80, unique=True, null=True, blank=True)
    association = models.OneToOneField(
        Association, on_delete=models.SET_NULL, null=True, blank=True, related_name="application"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.CharField(max_length=120, blank=True)
    reason = models.TextField(blank=True)

    objects = ApplicationQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-created_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["name", "representative_email"],
                condition=Q(status__in=["received", "asked"]),
                name="application_one_undecided",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_undecided(self) -> bool:
        return self.status in self.UNDECIDED

    @property
    def stage(self) -> Stage:
        """Where it stands in the queue; an undecided one may be out of reach as well, which the queue tells."""
        if self.status != self.Status.APPROVED:
            return Stage(self.status)
        return Stage.LIVE if self.association and self.association.live_at else Stage.PREPARING

    @property
    def proposed_slug(self) -> str:
        """A free slug from the reading of the name, or "" when operations have to think of one."""
        slug = slug_from_kana(self.kana)
        taken = Association.objects.taken_slugs(slug) if slug else set()
        return next((each for each in (slug, *(f"{slug}-{n}" for n in range(2, 100))) if each not in taken), "")

    @property
    def applicant_path(self) -> str:
        """The applicant's own page: state, questions, answers. The token is the key."""
        return f"/apply/{sign(Purpose.APPLICATION, self.pk)}/"

    @property
    def applicant_url(self) -> str:
        return routing.apex_url(self.applicant_path)

    @transaction.atomic
    def approve(self, *, by: object, slug: str, place: bool = False) -> Run:
        """Reserve the slug, make the association and start its run. Approving twice returns the same run.

        `place`: that the slug is a city's, a ward's or a prefecture's name is meant.
        """
        application = Application.objects.select_for_update().get(pk=self.pk)
        if application.association:
            return application.association.runs.latest("pk")
        application._must_be_open()
        association = application._reserve(slug, place=place)
        application._decide(self.Status.APPROVED, by=by)
        application.association = association
        application.save(update_fields=["association"])
        record("application.approve", application, by=by, slug=slug, **({"place": True} if names_a_place(slug) else {}))
        self.refresh_from_db()
        return Run.begin(association)

    @transaction.atomic
    def reject(self, *, by: object, reason: str) -> None:
        """Turn the application down and say why by mail."""
        if not reason.strip():
            raise ValidationError({"reason": _("お断りの理由を書いてください。")})
        self._must_be_open()
        self.reason = reason.strip()
        self._decide(self.Status.REJECTED, by=by)
        record("application.reject", self, by=by, reason=self.reason)
        with spoken(""):
            self._mail(
                _("%(name)sのお申し込みについて") % {"name": self.name},
                _(
                    "お申し込みをありがとうございました。\n申し訳ありませんが、今回はページをお作りできませんでした。\n\n理由：%(reason)s\n\nご不明な点は、運営事務局へお知らせください。"
                )
                % {"reason": self.reason},
            )

    @transaction.atomic
    def ask(self, *, by: object, text: str) -> "Question":
        """Ask the representative something; they answer on their own page."""
        if not text.strip():
            raise ValidationError({"text": _("聞きたいことを書いてください。")})
        self._must_be_open()
        question = self.questions.create(text=text.strip(), asked_by=str(by))
        self.status = self.Status.ASKED
        self.save(update_fields=["status"])
        record("application.ask", self, by=by)
        with spoken(""):
            self._mail(
                _("%(name)sのお申し込みについて、教えてください") % {"name": self.name},
                _(
                    "お申し込みをありがとうございます。1つ教えてください。\n\n%(text)s\n\n次のページから、お返事を書けます。\n%(url)s"
                )
                % {"text": question.text, "url": self.applicant_url},
            )
        return question

    @transaction.atomic
    def answer(self, text: str) -> None:
        """Write the representative's answer to the open question; operations see the application again."""
        self._must_be_open()
        question = self.questions.filter(answered_at=None).order_by("pk").first()
        if question is None:
            raise NotOpen
        if not text.strip():
            raise ValidationError({"text": _("お返事を書いてください。")})
        question.answer, question.answered_at = text.strip(), timezone.now()
        question.save(update_fields=["answer", "answered_at"])
        if not self.questions.filter(answered_at=None).exists():
            self.status = self.Status.RECEIVED
            self.save(update_fields=["status"])
        record("application.answer", self, by=self.representative_name)

    def thank(self) -> None:
        """Say that it has arrived. An address that others may have written down is sent so many of these a day."""
        if Count.objects.add(key_of("receipt", self.representative_email), Act.RECEIPT) > RECEIPTS:
            return
        self._mail(
            _("お申し込みを受け取りました：%(name)s") % {"name": self.name},
            _(
                "%(person)sさん\n\nお申し込みをありがとうございます。運営事務局が確認し、ふつう2日以内にお返事します。\n\nいまのようすは、次のページで見られます。\n%(url)s"
            )
            % {"person": self.representative_name, "url": self.applicant_url},
        )

    def _mail(self, subject: str, body: str) -> None:
        Message.queue(Message.Channel.MAIL, self.representative_email, subject=subject, body=body)

    def _must_be_open(self) -> None:
        """Hold the row until the verb has ended: somebody else may be deciding at this moment."""
        self.status = Application.objects.select_for_update().values_list("status", flat=True).get(pk=self.pk)
        if not self.is_undecided:
            raise NotOpen

    def _decide(self, status: str, *, by: object) -> None:
        self.status, self.decided_at, self.decided_by = status, timezone.now(), str(by)
        self.save(update_fields=["status", "decided_at", "decided_by", "reason"])

    def _reserve(self, slug: str, *, place: bool) -> Association:
        shared = ("name", "kana", "kind", "city", "ward", "postal_code", "address", "households")
        return Association.objects.reserve(slug, place=place, **{name: getattr(self, name) for name in shared})


class Question(models.Model):
    """One thing operations asked back, and the answer."""

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="questions")
    text = models.TextField()
    asked_by = models.CharField(max_length=120)
    asked_at = models.DateTimeField(auto_now_add=True)
    answer = models.TextField(blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["pk"]

    def __str__(self) -> str:
        return self.text[:40]
