"""What the city's dashboard is narrowed by, and what is told of a date."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from controlplane.cities.models import City, CityDate
from web.editing import Edits
from web.forms import Choices, DateInput, KairanForm, ProseField


class PeriodForm(KairanForm):
    """A ward and a period; whatever is missing or makes no sense means: all of it."""

    show_marks = False
    use_required_attribute = False

    ward = forms.ChoiceField(label=_("区"), required=False)
    since = forms.DateField(label=_("いつから"), required=False, widget=DateInput)
    until = forms.DateField(label=_("いつまで"), required=False, widget=DateInput)

    def __init__(self, city: City, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = city.wards
        self.fields["ward"].choices = [("", _("すべて")), *((name, name) for name in names)]  # type: ignore[attr-defined]

    @property
    def chosen(self) -> dict[str, Any]:
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}


class DateForm(Edits):
    """A date for the calendars of the city's associations."""

    kind = forms.ChoiceField(
        label=_("種類"),
        choices=CityDate.Kind.choices,
        initial=CityDate.Kind.EVENT,
        widget=Choices(layout="pairs"),
    )
    title = ProseField(label=_("名前"), help_text=_("例：地域活動の補助金の申し込み"), max_length=120)
    starts_on = forms.DateField(label=_("日にち"), help_text=_("締め切りは、最後の日を入れます。"), widget=DateInput)
    ends_on = forms.DateField(
        label=_("何日も続くときの、最後の日"),
        required=False,
        widget=DateInput,
        help_text=_("1日だけなら、空けておきます。"),
    )
    ward = forms.ChoiceField(label=_("出す区"), required=False)
    url = forms.URLField(
        label=_("くわしいページ"),
        max_length=300,
        required=False,
        assume_scheme="https",
        help_text=_("例：https://www.city.example.jp/"),
    )

    def __init__(self, city: City, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        wards: Any = self.fields["ward"]
        wards.choices = [("", _("市のぜんぶ")), *((name, name) for name in city.wards)]
