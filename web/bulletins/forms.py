"""What is typed to tell associations something; the city's and a federation's forms begin with it."""

from datetime import datetime, time
from typing import Any, ClassVar

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from controlplane.associations.models import Bulletin, BulletinDraft
from controlplane.associations.models.bulletin_words import BODY_LENGTH, TITLE_LENGTH, URL_LENGTH
from web.editing import Edits
from web.forms import Choices, DateInput, FilesField, ProseField, Switch, TimeInput

MORNING = time(8, 0)


class SendingForm(Edits):
    """The button on the last page before sending: what was looked through goes out, and nothing else."""

    def shown(self, row: BulletinDraft) -> dict[str, Any]:
        return {}


class WordsForm(Edits):
    """To correct one."""

    title = ProseField(
        label=_("題名"), help_text=_("30文字くらいまでが、読みやすい長さです。"), max_length=TITLE_LENGTH
    )
    body = ProseField(
        label=_("本文"),
        help_text=_("1つの文を短く。いつ、どこで、だれに聞けばよいかを書きます。"),
        max_length=BODY_LENGTH,
        widget=forms.Textarea(attrs={"rows": 8}),
    )


class BulletinForm(WordsForm):
    """A draft: whatever is typed so far is kept. `drafting`: what is missing is not missed yet."""

    kind = forms.ChoiceField(
        label=_("種類"),
        choices=Bulletin.Kind.choices,
        widget=Choices(
            notes={"notice": _("ふだんの連絡"), "urgent": _("どのホームでも、いちばん上に7日間")}, layout="pairs"
        ),
        initial=Bulletin.Kind.NOTICE,
    )
    officers_only = forms.BooleanField(
        label=_("役員だけに届ける"), help_text=_("会員には見せません。"), required=False, widget=Switch
    )
    url = forms.URLField(
        label=_("つなぐページ"),
        help_text=_("例：https://www.city.example.jp/　本文の終わりに出ます。"),
        max_length=URL_LENGTH,
        required=False,
        assume_scheme="https",
    )
    documents = FilesField(
        label=_("書類（PDF）"), help_text=_("5つまで。どの団体でも、お知らせの下でひらけます。"), required=False
    )
    when = forms.ChoiceField(
        label=_("届ける日時"),
        choices=[("now", _("すぐに")), ("later", _("日時を決める"))],
        widget=Choices(notes={"now": _("夜9時から朝7時は、鳴らしません")}, layout="pairs"),
        initial="now",
    )
    publish_on = forms.DateField(label=_("届ける日"), required=False, widget=DateInput)
    publish_time = forms.TimeField(label=_("届ける時刻"), required=False, widget=TimeInput, initial=MORNING)

    acts = ("draft", "stay")
    plain: ClassVar = ("kind", "officers_only", "url", "title", "body")

    def __init__(self, *args: Any, drafting: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.drafting = drafting
        for field in self.fields.values():
            field.required = field.required and not drafting

    def shown(self, row: BulletinDraft) -> dict[str, Any]:
        return written(row)

    def clean(self) -> None:
        later = self.cleaned_data.get("when") == "later" and not self.drafting
        if later and not self.cleaned_data.get("publish_on") and "publish_on" not in self.errors:
            self.add_error("publish_on", _("届ける日が、まだ入っていません。"))
        if later and self.moment() and self.moment() < timezone.now():
            self.add_error("publish_on", _("届ける日時が、もうすぎています。"))

    def moment(self) -> Any:
        """The hour it waits for, if it waits for one."""
        on, at = self.cleaned_data.get("publish_on"), self.cleaned_data.get("publish_time") or MORNING
        if self.cleaned_data.get("when") != "later" or not on:
            return None
        return timezone.make_aware(datetime.combine(on, at))

    def to_whom(self) -> dict[str, Any]:
        """Audience, and what it is narrowed by, as far as it makes sense so far."""
        raise NotImplementedError

    def fields_of_draft(self) -> dict[str, Any]:
        """What was typed and can be read; what is wrong stays as it was."""
        told = {name: self.cleaned_data[name] for name in self.plain if name in self.cleaned_data}
        told["kind"] = told.get("kind") or Bulletin.Kind.NOTICE
        told |= {"version": self.cleaned_data["version"]} if self.of else {}
        return told | self.to_whom() | {"send_at": self.moment()}

    @property
    def is_blank(self) -> bool:
        """Nothing is worth keeping yet."""
        typed = any(str(self.data.get(name, "")).strip() for name in ("title", "body", "url"))
        return not typed and not self.files.getlist("documents")


def written(draft: BulletinDraft) -> dict[str, Any]:
    """The draft as its form shows it."""
    shown = {name: getattr(draft, name) for name in (*BulletinForm.plain, "audience", "to_federation", "wards")}
    at = timezone.localtime(draft.send_at) if draft.send_at else None
    later = {"when": "later", "publish_on": at.date(), "publish_time": at.time()} if at else {}
    return {name: value for name, value in shown.items() if value} | {"chosen": draft.chosen} | later
