"""For how long operations may look in, and what for. Shape only."""

from django import forms
from django.utils.translation import gettext_lazy as _

from controlplane.associations.models import SupportAccess
from web.forms import Choices, KairanForm, ProseField


class GrantForm(KairanForm):
    hours = forms.TypedChoiceField(
        label=_("いつまで見てもらいますか"),
        choices=SupportAccess.Length.choices,
        coerce=int,
        initial=SupportAccess.Length.DAY,
        widget=Choices(layout="three"),
    )
    what_for = ProseField(
        label=_("見てほしいこと"),
        help_text=_("例：3組の方に、お知らせが届かない"),
        max_length=300,
        required=False,
        widget=forms.Textarea({"rows": 3}),
    )
