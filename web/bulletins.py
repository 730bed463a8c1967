"""What is typed to tell associations something; the city's and a federation's forms begin with it."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from controlplane.associations.models import Bulletin
from controlplane.associations.models.bulletins import BODY_LENGTH
from web.forms import Choices, KairanForm, ProseField


class WordsForm(KairanForm):
    """To correct one."""

    title = ProseField(label=_("題名"), help_text=_("30文字くらいまでが、読みやすい長さです。"), max_length=120)
    body = ProseField(
        label=_("本文"),
        help_text=_("1つの文を短く。いつ、どこで、だれに聞けばよいかを書きます。"),
        max_length=BODY_LENGTH,
        widget=forms.Textarea(attrs={"rows": 8}),
    )


class BulletinForm(WordsForm):
    kind = forms.ChoiceField(
        label=_("種類"),
        choices=Bulletin.Kind.choices,
        widget=Choices(
            notes={"notice": _("ふだんの連絡"), "urgent": _("どのホームでも、いちばん上に7日間")}, layout="pairs"
        ),
        initial=Bulletin.Kind.NOTICE,
    )

    def fields_of_bulletin(self) -> dict[str, Any]:
        return dict(self.cleaned_data)
