"""The small forms of operations: one for each act, its errors beside its field."""

from django import forms
from django.utils.translation import gettext_lazy as _

from web.forms import KairanForm, NormalizedCharField, ProseField


class PlaceField(forms.BooleanField):
    """Ticked by whoever means it: the address reads as a public body's own."""

    def __init__(self) -> None:
        super().__init__(
            label=_("市・区・都道府県の名前でも、そのまま使う"),
            help_text=_("役所のページと思われるおそれがあります。その役所と話がついているときだけ、つけます。"),
            required=False,
        )


class ApproveForm(KairanForm):
    show_marks = False
    slug = NormalizedCharField(
        label=_("アドレスの名前"),
        help_text=_("半角の小文字・数字・ハイフンで3〜40文字。よく考えて決めます。例：fujishirodai"),
        max_length=40,
        widget=forms.TextInput({"autocapitalize": "none", "spellcheck": "false"}),
    )
    place = PlaceField()


class AskForm(KairanForm):
    show_marks = False
    prefix = "ask"
    text = ProseField(
        label=_("聞きたいこと"),
        help_text=_("代表者へメールで届きます。"),
        max_length=2000,
        widget=forms.Textarea({"rows": 3}),
    )


class RejectForm(KairanForm):
    show_marks = False
    prefix = "reject"
    reason = ProseField(
        label=_("お断りの理由"),
        help_text=_("このまま代表者へメールで届きます。"),
        max_length=2000,
        widget=forms.Textarea({"rows": 3}),
    )


class SuspendForm(KairanForm):
    show_marks = False
    reason = ProseField(
        label=_("止める理由"), help_text=_("記録に残ります。"), max_length=500, widget=forms.Textarea({"rows": 3})
    )


class AskSupportForm(KairanForm):
    show_marks = False
    why = ProseField(
        label=_("わけ"),
        help_text=_("このまま代表者へメールで届き、団体の記録に残ります。"),
        max_length=300,
        widget=forms.Textarea({"rows": 3}),
    )


class CloseForm(KairanForm):
    show_marks = False
    reason = ProseField(
        label=_("閉じる理由"),
        help_text=_("このまま代表者へ届き、記録に残ります。"),
        max_length=500,
        widget=forms.Textarea({"rows": 3}),
    )


class ApproveDropForm(KairanForm):
    show_marks = False
    name = NormalizedCharField(
        label=_("団体の名前"),
        help_text=_("まちがいを防ぐため、上の名前をそのまま入れます。"),
        max_length=80,
        widget=forms.TextInput({"autocomplete": "off"}),
    )


class RenameForm(KairanForm):
    show_marks = False
    slug = NormalizedCharField(
        label=_("新しいアドレスの名前"),
        help_text=_("半角の小文字・数字・ハイフンで3〜40文字。例：fujishirodai"),
        max_length=40,
        widget=forms.TextInput({"autocapitalize": "none", "spellcheck": "false"}),
    )
    place = PlaceField()
