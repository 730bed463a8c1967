"""What is asked of somebody who comes in. Shape only."""

from typing import Any, Self

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from controlplane.accounts.contacts import Contact
from controlplane.associations.models import Association
from tenants.members.models import BadFamilyCode, BadInvitation, Group, Household, Invitation
from web.forms import ContactField, KairanForm, NormalizedCharField, SixDigitField
from web.postal import find_address
from web.widgets import Choices

UNKNOWN = "unknown"
FIRST, FAMILY = "first", "family"
SHOWN_AT_ONCE = 9  # groups; the others fold away


class ContactForm(KairanForm):
    """One field for both kinds of contact."""

    show_marks = False
    contact = ContactField(
        label=_("メールアドレス、または携帯電話の番号"),
        help_text=_("例：090 0000 0000（全角でも大丈夫です）"),
        max_length=254,
        widget=forms.TextInput({"autocomplete": "username", "inputmode": "email", "autocapitalize": "none"}),
        error_messages={"required": _("メールアドレスか、携帯電話の番号を入れてください。")},
    )

    def clean_contact(self) -> Contact:
        return Contact.parse(self.cleaned_data["contact"])


class CodeForm(KairanForm):
    show_marks = False
    code = SixDigitField(label=_("6けたの番号"))


class SignInCodeForm(CodeForm):
    remember = forms.BooleanField(
        label=_("このスマホでは次から番号なし"), help_text=_("家族のほかに使う人がいないとき"), required=False
    )


class InvitationField(NormalizedCharField):
    """An invitation's code as typed from paper; cleans to the Invitation, or None when left empty."""

    def clean(self, value: Any) -> Any:
        typed = super().clean(value)
        if not typed:
            return None
        try:
            return Invitation.objects.open(typed)
        except BadInvitation:
            raise ValidationError(
                gettext("この招待番号は使えません。番号をたしかめるか、空のままで進んでください。役員が承認します。")
            ) from None


class InvitationCodeForm(KairanForm):
    show_marks = False
    invitation = InvitationField(
        label=_("招待番号"),
        help_text=_("回覧チラシの、英字と数字12文字です。"),
        max_length=20,
        widget=forms.TextInput({"autocomplete": "off", "autocapitalize": "characters"}),
    )


class AddressForm(KairanForm):
    """A postal code that can fill in the beginning of the address."""

    postal_code = NormalizedCharField(
        label=_("郵便番号"),
        max_length=12,
        widget=forms.TextInput({"autocomplete": "postal-code", "inputmode": "numeric"}),
    )
    address = NormalizedCharField(
        label=_("住所"),
        max_length=200,
        help_text=_("見るのは役員だけです。ご近所には見えません。"),
        widget=forms.TextInput({"autocomplete": "address-line1"}),
    )

    def clean_postal_code(self) -> str:
        digits = "".join(letter for letter in self.cleaned_data["postal_code"] if letter.isdigit())
        if self.cleaned_data["postal_code"] and len(digits) != 7:
            raise ValidationError(gettext("郵便番号は、7けたの数字で入れてください。例：612-8033"))
        return f"{digits[:3]}-{digits[3:]}" if digits else ""

    @classmethod
    def looked_up(cls, request: HttpRequest, **kwargs: Any) -> tuple[Self, str]:
        """Return the form as typed with the postal code's address, and what to say when there is none."""
        typed = request.POST.dict()
        found = find_address(typed.get("postal_code", ""))
        if found:
            typed["address"] = found.line
        problem = gettext("この郵便番号の住所が見つかりません。番号をたしかめるか、住所をそのまま書いてください。")
        return cls(initial=typed, **kwargs), "" if found else problem


class RegistrationForm(AddressForm):
    name = NormalizedCharField(label=_("お名前"), max_length=60, widget=forms.TextInput({"autocomplete": "name"}))
    kana = NormalizedCharField(label=_("よみがな"), max_length=80, required=False)
    group = forms.ChoiceField(
        label=pgettext_lazy("group", "組"),
        widget=Choices(layout="three"),
        error_messages={"required": _("組がまだ選ばれていません。分からないときは「分からない」を選んでください。")},
    )
    household = forms.ChoiceField(
        label=_("おうちの登録"),
        choices=[(FIRST, _("うちでは、わたしが初めて")), (FAMILY, _("家族がもう登録している"))],
        initial=FIRST,
        widget=Choices(notes={FIRST: _("あとから家族を足せます"), FAMILY: _("家族の番号で同じ家につなぎます")}),
    )
    family_code = NormalizedCharField(
        label=_("家族の番号"),
        help_text=_("登録している方の「メニュー」に出ています。例：12-ABCD-EFGH"),
        max_length=30,
        required=False,
        widget=forms.TextInput({"autocomplete": "off", "autocapitalize": "characters"}),
    )
    invitation = InvitationField(
        label=_("招待番号"),
        help_text=_("回覧チラシの、英字と数字12文字です。なければ、役員が承認します。"),
        max_length=20,
        required=False,
        widget=forms.TextInput({"autocomplete": "off", "autocapitalize": "characters"}),
    )
    field_order = ("name", "kana", "household", "family_code", "group", "postal_code", "address", "invitation")

    def __init__(self, *args: Any, site_kind: str = "", invited: Invitation | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.invited = invited
        groups = group_choices()
        self.fields["group"].choices = [*groups, (UNKNOWN, _("分からない"))]  # type: ignore[attr-defined]
        self.fields["group"].widget.choices = groups  # 分からない stands below, alone
        if site_kind == Association.Kind.FEDERATION:
            self.fields["group"].label = _("町内会")
        if invited:
            del self.fields["invitation"]
        if (invited and invited.group) or not groups:
            del self.fields["group"]
        if self.data.get("household") == FAMILY:  # the home is written down already
            for name in {"group", "postal_code", "address"} & self.fields.keys():
                self.fields[name].required = False

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        if cleaned.get("household") == FAMILY:
            cleaned["home"] = self.family()
        return cleaned

    def family(self) -> Household | None:
        try:
            return Household.objects.of_family_code(self.cleaned_data.get("family_code", ""))
        except BadFamilyCode:
            self.add_error(
                "family_code",
                gettext(
                    "この番号の家が見つかりません。番号は2週間ごとに変わります。家族の「メニュー」で見てください。"
                ),
            )
            return None

    def details(self) -> dict[str, Any]:
        """What Member.objects.register takes."""
        cleaned = self.cleaned_data
        person = {"name": cleaned["name"], "kana": cleaned["kana"]}
        if cleaned["household"] == FAMILY:
            return person | {"household": cleaned["home"]}
        return person | {
            "group": self.chosen_group(),
            "address": cleaned["address"],
            "postal_code": cleaned["postal_code"],
        }

    @property
    def group_is_unknown(self) -> bool:
        return "group" in self.fields and self["group"].value() == UNKNOWN

    def chosen_group(self) -> Group | None:
        """The invitation's group, else the chosen one."""
        invitation = self.invited or self.cleaned_data.get("invitation")
        if invitation and invitation.group:
            return invitation.group
        chosen = self.cleaned_data.get("group", UNKNOWN)
        return None if chosen == UNKNOWN else Group.objects.filter(pk=chosen).first()


def group_choices() -> list[tuple[str, Any]]:
    """Every group, the later ones folded away when there are many."""
    groups = [(str(group.pk), group.name) for group in Group.objects.all()]
    choices: list[tuple[str, Any]] = list(groups)
    if len(groups) > SHOWN_AT_ONCE:
        more = groups[6:]
        words = gettext("{first}から{last}").format(first=more[0][1], last=more[-1][1])
        choices = [*groups[:6], (words, more)]
    return choices
