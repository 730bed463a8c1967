"""The entry form in its three steps, the applicant's answer, and signing in at the apex host."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from controlplane.accounts.contacts import Channel, Contact, parse_email, parse_phone
from controlplane.associations.models import Association
from controlplane.cities.models import City
from web.forms import Choices, ContactField, CountField, KairanForm, NormalizedCharField, ProseField, SixDigitField
from web.postal import find_address

MOST_HOUSEHOLDS = 100_000


class AssociationForm(KairanForm):
    """Step 1. The postal code says the city and ward; `city` and `ward` are set when it is good."""

    city: City | None = None
    ward = ""

    name = NormalizedCharField(
        label=gettext_lazy("団体の名前"), help_text=gettext_lazy("そのままページの名前になります。"), max_length=80
    )
    kana = NormalizedCharField(
        label=gettext_lazy("よみがな"),
        help_text=gettext_lazy("ページのアドレスを考えるのに使います。例：ふじしろだいじちかい"),
        max_length=120,
        required=False,
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("団体の種類"), choices=Association.Kind.choices, widget=Choices(layout="pairs")
    )
    postal_code = NormalizedCharField(
        label=gettext_lazy("郵便番号"),
        help_text=gettext_lazy("例：612-8001"),
        max_length=12,
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "postal-code"}),
    )
    address = NormalizedCharField(
        label=gettext_lazy("住所"),
        help_text=gettext_lazy("町名まで、または集会所の住所を入れてください。"),
        max_length=200,
        widget=forms.TextInput({"autocomplete": "address-line1"}),
    )
    households = CountField(
        label=gettext_lazy("加入世帯数"),
        help_text=gettext_lazy("だいたいの数で大丈夫です。"),
        unit=gettext_lazy("世帯"),
        min_value=1,
        max_value=MOST_HOUSEHOLDS,
    )

    def clean_postal_code(self) -> str:
        typed: str = self.cleaned_data["postal_code"]
        found = find_address(typed)
        if found is None:
            raise forms.ValidationError(
                _("この郵便番号は見つかりません。7けたの数字をたしかめてください。例：612-8001")
            )
        self.city, self.ward = City.objects.at(found.city), found.ward
        if self.city is None:
            raise forms.ValidationError(outside(found.city))
        digits = "".join(letter for letter in typed if letter.isdigit())
        return f"{digits[:3]}-{digits[3:]}"


class PersonForm(KairanForm):
    """Step 2: whom operations may ask."""

    representative_name = NormalizedCharField(
        label=gettext_lazy("代表者のお名前"),
        help_text=gettext_lazy("姓と名のあいだを、あけてください。"),
        max_length=60,
        widget=forms.TextInput({"autocomplete": "name"}),
    )
    representative_phone = ContactField(
        label=gettext_lazy("電話番号"),
        help_text=gettext_lazy("メールが届かないときに使います。例：075-123-4567"),
        max_length=20,
        widget=forms.TextInput({"type": "tel", "autocomplete": "tel"}),
    )
    representative_email = ContactField(
        label=gettext_lazy("メールアドレス"),
        help_text=gettext_lazy("このあと、6けたの番号を送ります。例：kaicho@example.jp"),
        max_length=254,
        widget=forms.TextInput({"type": "email", "autocomplete": "email"}),
    )

    def clean_representative_phone(self) -> str:
        return parse_phone(self.cleaned_data["representative_phone"])

    def clean_representative_email(self) -> str:
        return parse_email(self.cleaned_data["representative_email"])

    @property
    def contact(self) -> Contact:
        return Contact(Channel.MAIL, self.cleaned_data["representative_email"])


class CodeForm(KairanForm):
    """The six digits of a mail."""

    show_marks = False
    code = SixDigitField(label=gettext_lazy("6けたの番号"), help_text=gettext_lazy("10分のあいだ使えます。"))


class AnswerForm(KairanForm):
    """What the applicant answers to operations."""

    show_marks = False
    text = ProseField(label=gettext_lazy("お返事"), max_length=2000, widget=forms.Textarea({"rows": 4}))


class SignInForm(KairanForm):
    show_marks = False
    email = ContactField(
        label=gettext_lazy("メールアドレス"),
        max_length=254,
        widget=forms.TextInput({"type": "email", "autocomplete": "email"}),
    )

    def clean_email(self) -> str:
        return parse_email(self.cleaned_data["email"])

    @property
    def contact(self) -> Contact:
        return Contact(Channel.MAIL, self.cleaned_data["email"])


def outside(place: str) -> str:
    """Which cities take part, for somebody who lives elsewhere."""
    cities: Any = _("・").join(City.objects.order_by("pk").values_list("name", flat=True))
    return _("%(place)sは、まだ参加していません。いま申し込めるのは、%(cities)sの団体です。") % {
        "place": place,
        "cities": cities,
    }
