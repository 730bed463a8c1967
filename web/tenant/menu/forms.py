"""What a person corrects about themselves. Shape only."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tenants.members.models import Member
from web.editing import Edits
from web.forms import NormalizedCharField
from web.tenant.joining.forms import AddressForm


class ProfileForm(Edits, AddressForm):
    """A person and their home, as one thing."""

    name = NormalizedCharField(label=_("お名前"), max_length=60, widget=forms.TextInput({"autocomplete": "name"}))
    kana = NormalizedCharField(label=_("よみがな"), max_length=80, required=False)
    field_order = ("name", "kana", "postal_code", "address")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("postal_code", "address"):  # somebody written down by an officer may have none yet
            self.fields[name].required = False

    def shown(self, row: Member) -> dict[str, Any]:
        home = row.household
        return {"name": row.name, "kana": row.kana, "postal_code": home.postal_code, "address": home.address}

    def version_of(self, row: Member) -> int:
        return row.version_at_home
