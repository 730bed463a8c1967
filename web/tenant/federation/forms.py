"""A federation's notice, and to which of its members it goes."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from controlplane.associations.models import Association, Bulletin
from web.bulletins.forms import BulletinForm
from web.forms import ManyChoices


class FederationBulletinForm(BulletinForm):
    """Nothing chosen means: all of them."""

    chosen = forms.MultipleChoiceField(
        label=_("届け先の団体"),
        help_text=_("選ばないときは、加盟しているすべての団体に届きます。"),
        required=False,
        widget=ManyChoices(layout="pairs"),
    )

    def __init__(self, *args: Any, members: list[Association], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["chosen"].choices = [(str(each.pk), each.name) for each in members]  # type: ignore[attr-defined]

    def to_whom(self) -> dict[str, Any]:
        return {"audience": Bulletin.Audience.MEMBERS, "chosen": self.cleaned_data.get("chosen", [])}
