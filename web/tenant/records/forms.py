"""What is written down for those who come after."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tenants.communities.models import Community, HandoverRecord
from tenants.communities.models.records import LENGTH
from tenants.members.models import Member
from web.editing import Edits
from web.forms import Choices, DateInput, FilesField, KairanForm, ProseField


class RecordForm(Edits):
    """`to` is one of the writer's seats ("s3") or communities ("c5"); it stays what it was when a record is changed."""

    to = forms.ChoiceField(label=_("だれの記録ですか"), widget=Choices)
    happened_on = forms.DateField(label=_("いつのことですか"), widget=DateInput)
    problem = ProseField(label=_("あったこと"), help_text=_("例：雨で中止の連絡が遅れた"), max_length=120)
    handling = ProseField(
        label=_("したこと"),
        help_text=_("例：朝6時に「緊急」で送ると決めた。紙の家には組長が電話する。"),
        max_length=LENGTH,
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    result = ProseField(
        label=_("どうなったか"), required=False, max_length=LENGTH, widget=forms.Textarea(attrs={"rows": 3})
    )
    outcome = forms.ChoiceField(
        label=_("ようす"),
        choices=HandoverRecord.Outcome.choices,
        widget=Choices,
        initial=HandoverRecord.Outcome.DONE,
    )

    def __init__(self, *args: Any, member: Member, of: HandoverRecord | None = None, **kwargs: Any) -> None:
        super().__init__(*args, of=of, **kwargs)
        self.initial.setdefault("happened_on", timezone.localdate())
        if of:
            del self.fields["to"]
            return
        self.seats = {f"s{seat.pk}": seat for seat in member.seats()}
        self.rooms = {f"c{room.pk}": room for room in Community.objects.writable_by(member).order_by("name")}
        owners: dict[str, Any] = {**self.seats, **self.rooms}
        choices = [(key, str(owner)) for key, owner in owners.items()]
        self.fields["to"].choices = choices  # type: ignore[attr-defined]
        if self.initial.get("to") not in owners and choices:
            self.initial["to"] = choices[0][0]

    def fields_of_record(self) -> dict[str, Any]:
        """What `HandoverRecord.write` and `edit` take."""
        told = dict(self.cleaned_data)
        to = told.pop("to", None)
        return told if to is None else told | {"seat": self.seats.get(to), "community": self.rooms.get(to)}


class FilesForm(KairanForm):
    show_marks = False
    chosen = FilesField(
        label=_("写真と書類（PDF）"),
        error_messages={"required": _("写真か書類を選んでください。")},
        help_text=_("あわせて10まで。撮った場所の記録は、自動で消します。"),
    )


class NoteForm(KairanForm):
    show_marks = False
    text = ProseField(
        label=_("書きそえる"),
        help_text=_("あとで分かったこと、まちがいの直し。前の文はそのまま残ります。"),
        error_messages={"required": _("書きそえる文が、まだ入っていません。")},
        max_length=LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
