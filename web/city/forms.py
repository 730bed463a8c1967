"""What the city's dashboard is narrowed by."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from controlplane.cities.models import City
from web.forms import DateInput, KairanForm


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
