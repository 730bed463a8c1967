"""Handover records (引き継ぎの記録): what happened, what was done and what came of it, by seat or community."""

from collections.abc import Iterable
from datetime import date
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Prefetch, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from controlplane.audit.models import record
from controlplane.versioned import Versioned
from tenants.communities.indexing import index_record
from tenants.communities.models.communities import Community
from tenants.members.models import Act, Member, Seat, only

LENGTH = 4000


def fiscal_year(day: date | None = None) -> int:
    """The year (年度) a day belongs to; it begins on 1 April."""
    day = day or timezone.localdate()
    return day.year if day.month >= 4 else day.year - 1


class HandoverRecordQuerySet(models.QuerySet["HandoverRecord"]):
    def visible_to(self, member: Member) -> "HandoverRecordQuerySet":
        """A seat's to whoever holds it today and to officers, of all years; a community's to those inside.

        The one definition for pages, API, print and export.
        """
        if not member.is_admitted:
            return self.none()
        seats = Q(seat__isnull=False) if member.is_own_officer else Q(seat__in=member.seats())
        rooms = Q(community__in=Community.objects.readable_by(member).values("pk"))
        return self.filter(seats | rooms, removed_at=None, corrects=None)

    def search(self, words: str) -> "HandoverRecordQuerySet":
        """Those holding every one of the words, in themselves or in a note."""
        found = self
        for word in words.split()[:8]:
            noted = HandoverRecord.objects.filter(handling__says=word, corrects__isnull=False)
            told = Q(problem__says=word) | Q(handling__says=word) | Q(result__says=word)
            found = found.filter(told | Q(pk__in=noted.values("corrects")))
        return found

    def for_reading(self) -> "HandoverRecordQuerySet":
        """With whose they are and their notes, in two statements; the latest first."""
        notes = Prefetch("notes", HandoverRecord.objects.order_by("pk"))
        ready = self.select_related("seat", "community", "author").prefetch_related(notes)
        return ready.order_by("-happened_on", "-pk")

    def by_seat(self) -> dict[int, int]:
        """How many of these records which seat hands on."""
        return dict(self.filter(seat__isnull=False).order_by().values_list("seat").annotate(n=models.Count("pk")))

    def years(self) -> list[int]:
        """The fiscal years there is something of, the newest first; the running one is always among them."""
        found = set(self.order_by().values_list("fiscal_year", flat=True).distinct())
        return sorted(found | {fiscal_year()}, reverse=True)

    def rows(self) -> Iterable[list[object]]:
        """As a table, the heading first."""
        yield [_("年度"), _("日付"), _("だれの記録"), _("書いた人"), _("あったこと"), _("したこと"), _("どうなったか"),
               _("ようす"), _("あとからの書きそえ")]  # fmt: skip
        for each in self:
            notes = "\n".join(f"{note.written_on} {note.signature}: {note.handling}" for note in each.notes.all())
            yield [each.fiscal_year, each.happened_on, each.owner, each.signature, each.problem, each.handling,
                   each.result, each.get_outcome_display(), notes]  # fmt: skip


class HandoverRecord(Versioned):
    """A record, or (with `corrects`) a note appended to one. After 31 March of its year only notes are added."""

    class Outcome(models.TextChoices):
        WAITING = "waiting", gettext_lazy("返事を待っている")
        DONE = "done", gettext_lazy("おわり")
        RULE = "rule", gettext_lazy("決まりになった")

    # Not indexed by themselves: the two indexes below begin with them.
    seat = models.ForeignKey(
        Seat, on_delete=models.PROTECT, related_name="records", null=True, blank=True, db_index=False
    )
    community = models.ForeignKey(
        Community, on_delete=models.CASCADE, related_name="records", null=True, blank=True, db_index=False
    )
    corrects = models.ForeignKey("self", on_delete=models.CASCADE, related_name="notes", null=True, blank=True)
    fiscal_year = models.PositiveSmallIntegerField()
    happened_on = models.DateField()
    problem = models.CharField(max_length=120)
    handling = models.TextField(max_length=LENGTH, blank=True)
    result = models.TextField(max_length=LENGTH, blank=True)
    outcome = models.CharField(max_length=10, choices=Outcome, default=Outcome.DONE)
    author = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="records", db_index=False)
    as_seat = models.CharField(max_length=40, blank=True)  # the seat's name when one spoke; it stays, whoever leaves
    created_at = models.DateTimeField(auto_now_add=True)
    edited_at = models.DateTimeField(null=True, blank=True)
    removed_at = models.DateTimeField(null=True, blank=True)

    objects = HandoverRecordQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(seat__isnull=False, community=None) | Q(seat=None, community__isnull=False),
                name="record_of_seat_or_community",
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["seat", "-happened_on"], name="record_seat", condition=Q(seat__isnull=False)),
            models.Index(
                fields=["community", "-happened_on"], name="record_community", condition=Q(community__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return self.problem

    @property
    def owner(self) -> str:
        """Whose it is: the seat, or the community."""
        return str(self.seat or self.community)

    @property
    def signature(self) -> str:
        return self.as_seat or str(self.author)

    @property
    def written_on(self) -> date:
        return timezone.localdate(self.created_at)

    @property
    def is_frozen(self) -> bool:
        """Its year has ended: as it is, it goes to those who come after."""
        return self.fiscal_year < fiscal_year()

    @classmethod
    @transaction.atomic
    def write(
        cls, *, by: Member, seat: Seat | None = None, community: Community | None = None, **fields: Any
    ) -> "HandoverRecord":
        """Write down what happened. It belongs to the fiscal year it is written in."""
        if (seat is None) == (community is None):
            raise ValidationError({"seat": _("役職か集まりの、どちらか1つを選んでください。")})
        only(by, Act.WRITE_RECORD, seat or community)
        fields.setdefault("happened_on", timezone.localdate())
        row = cls(seat=seat, community=community, author=by, fiscal_year=fiscal_year(), **fields)
        row.as_seat = _speaking(by, seat)
        row._check()
        row.save(force_insert=True)
        index_record(row)
        record("record.write", row, by=row.signature)
        return row

    @transaction.atomic
    def edit(self, *, by: Member, version: int | None = None, **fields: Any) -> None:
        """Change it while its year lasts; the trail keeps what it said before.

        Raises EditedMeanwhile when `version` is not the newest.
        """
        row = self._open_to(by, Act.EDIT_RECORD, version)
        before = {name: str(getattr(row, name)) for name in fields}
        for name, value in fields.items():
            setattr(row, name, value)
        row.edited_at = timezone.now()
        row._check()
        row.put(*fields, "edited_at")
        index_record(row)
        record("record.edit", row, by=by, before=before)
        self.refresh_from_db()

    @transaction.atomic
    def remove(self, *, by: Member) -> None:
        """Take it back while its year lasts."""
        row = self._open_to(by, Act.REMOVE_RECORD)
        row.removed_at = timezone.now()
        row.put("removed_at")
        index_record(row)
        record("record.remove", row, by=by)

    @transaction.atomic
    def add_note(self, text: str, *, by: Member) -> "HandoverRecord":
        """Append a correction or what became of it, in any year; a frozen record itself stays as it is."""
        only(by, Act.WRITE_RECORD, self.seat or self.community)
        text = text.strip()
        if not text:
            raise ValidationError({"text": _("書きそえる文が、まだ入っていません。")})
        if len(text) > LENGTH:
            raise ValidationError({"text": _("4,000文字までです。")})
        note = self.notes.create(
            seat=self.seat, community=self.community, author=by, as_seat=_speaking(by, self.seat),
            fiscal_year=fiscal_year(), happened_on=timezone.localdate(), problem=self.problem, handling=text,
        )  # fmt: skip
        index_record(self)
        record("record.note", self, by=note.signature)
        return note

    def _open_to(self, by: Member, act: Act, version: int | None = None) -> "HandoverRecord":
        row = self.locked()
        if row.is_frozen:
            raise ValidationError(_("前の年度の記録は、なおせません。下の「書きそえる」を使ってください。"))
        if row.corrects_id or row.removed_at:
            raise PermissionError("A note, or what was taken back, is not changed.")
        only(by, act, row)
        row.must_be(version)
        return row

    def _check(self) -> None:
        self.problem = self.problem.strip()
        errors: dict[str, str] = {}
        if not self.problem:
            errors["problem"] = _("あったことが、まだ書かれていません。")
        if not self.handling.strip():
            errors["handling"] = _("したことが、まだ書かれていません。")
        for name in ("handling", "result"):
            if len(getattr(self, name)) > LENGTH:
                errors[name] = _("4,000文字までです。")
        if self.outcome not in self.Outcome.values:
            errors["outcome"] = _("ようすを選んでください。")
        if not date(1950, 1, 1) <= self.happened_on <= timezone.localdate():
            errors["happened_on"] = _("きょうまでの日付にしてください。")
        if errors:
            raise ValidationError(errors)


def _speaking(by: Member, seat: Seat | None) -> str:
    """The seat that speaks: the record's own, or in a community the first one somebody holds."""
    speaking = seat or by.seats().first()
    return speaking.title if speaking else ""
