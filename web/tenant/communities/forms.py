"""What is typed to start a community."""

from django import forms
from django.utils.translation import gettext_lazy as _

from tenants.communities.models import Community
from web.forms import Choices, KairanForm, NormalizedCharField, ProseField

ACCESS_NOTES = {
    Community.Access.OPEN.value: _("子ども会、体操の会など"),
    Community.Access.APPROVAL.value: _("入りたい人が申し込みます"),
    Community.Access.HIDDEN.value: _("ほかの会員には、あることも見えません"),
}


class CommunityForm(KairanForm):
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
