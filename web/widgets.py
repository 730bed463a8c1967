"""Controls of our forms beyond Django's own. How they look is decided in forms/field.html and by the stylesheets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms


class CodeInput(forms.TextInput):
    """Six large digits that the phone offers to fill in from the message."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"inputmode": "numeric", "autocomplete": "one-time-code", "maxlength": "16", **(attrs or {})})


class UnitInput(forms.TextInput):
    """A number with its unit beside it (180 世帯). Text, so that full-width digits can be typed."""

    def __init__(self, unit: Any = "", attrs: dict[str, Any] | None = None) -> None:
        self.unit = unit
        super().__init__({"inputmode": "numeric", "class": "mini", **(attrs or {})})


class DateInput(forms.DateInput):
    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")


class TimeInput(forms.TimeInput):
    input_type = "time"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%H:%M")


class Switch(forms.CheckboxInput):
    """On or off."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"role": "switch", **(attrs or {})})


class NotedOptions(forms.widgets.ChoiceWidget):
    """Choices with a line of explanation each (notes by value) and a layout: "" | pairs | three | cols."""

    def __init__(self, notes: Mapping[Any, Any] | None = None, layout: str = "", **kwargs: Any) -> None:
        self.notes = dict(notes or {})
        self.layout = layout
        super().__init__(**kwargs)

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option: dict[str, Any] = super().create_option(name, value, *args, **kwargs)
        return option | {"note": self.notes.get(value if isinstance(value, str | int) else str(value), "")}


class Choices(NotedOptions, forms.RadioSelect):
    """One of several, as large boxes."""


class ManyChoices(NotedOptions, forms.CheckboxSelectMultiple):
    """Any of several, as large boxes."""


class FilesInput(forms.FileInput):
    allow_multiple_selected = True
