"""What is typed to start a community."""

from django import forms
from django.utils.translation import gettext_lazy as _

from tenants.communities.models import Community
from tenants.members.models import Group, Seat
from web.editing import Edits
from web.forms import Choices, KairanForm, NormalizedCharField, ProseField

ACCESS_NOTES = {
    Community.Access.OPEN.value: _("子ども会、体操の会など"),
    Community.Access.APPROVAL.value: _("入りたい人が申し込みます"),
    Community.Access.HIDDEN.value: _("ほかの会員には、あることも見えません"),
}


class CommunityForm(Edits):
    name = NormalizedCharField(label=_("名前"), help_text=_("例：防災の会"), max_length=40)
    description = ProseField(
        label=_("どんな集まりですか"),
        help_text=_("例：備蓄と避難訓練の相談をします。月に1回集まります。"),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    access = forms.ChoiceField(
        label=_("入り方"),
        choices=Community.Access.choices,
        widget=Choices(notes=ACCESS_NOTES),
        initial=Community.Access.OPEN,
    )


class InviteForm(KairanForm):
    """A whole group, or a seat; one of the two."""

    show_marks = False
    group = forms.ModelChoiceField(
        Group.objects.all(), label=_("組のみなさん"), required=False, empty_label=_("組を選ぶ")
    )
    seat = forms.ModelChoiceField(
        Seat.objects.all(),
        label=_("役職"),
        help_text=_("役職で入ると、引き継いだ日に次の方へ替わります。"),
        required=False,
        empty_label=_("役職を選ぶ"),
    )

    def clean(self) -> None:
        if not self.errors and not any(self.cleaned_data.values()):
            self.add_error("group", _("組か役職を選んでください。"))


class RemovalForm(KairanForm):
    show_marks = False
    reason = ProseField(
        label=_("外れてもらうわけ"),
        help_text=_("ご本人に、そのまま伝わります。やわらかい言葉で書いてください。"),
        error_messages={"required": _("外れてもらうわけを、ひとこと書いてください。ご本人に伝わります。")},
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
