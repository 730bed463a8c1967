"""Forms as a neighbour would hand them out: label above, hint under it, error above the control, in whole sentences.
Shape only: what may be saved is decided by the models' verbs. FORM_RENDERER is "web.forms.KairanRenderer"."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from itertools import groupby
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.forms.boundfield import BoundField, BoundWidget
from django.forms.renderers import TemplatesSetting
from django.utils.translation import gettext_lazy as _

from controlplane.accounts.contacts import plain
from web.widgets import Choices, CodeInput, DateInput, FilesInput, ManyChoices, Switch, TimeInput, UnitInput
from web.wording import speak_kindly

__all__ = [
    "Choices",
    "CodeInput",
    "ContactField",
    "CountField",
    "DateInput",
    "FilesField",
    "FilesInput",
    "KairanForm",
    "KairanRenderer",
    "ManyChoices",
    "NormalizedCharField",
    "ProseField",
    "SixDigitField",
    "Switch",
    "TimeInput",
    "UnitInput",
]

BIDI_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


# --- how a field is shown ---


class KairanBoundField(BoundField):
    """A field that knows its look in forms/field.html."""

    @property
    def look(self) -> str:
        widget = self.field.widget
        if isinstance(widget, forms.RadioSelect | forms.CheckboxSelectMultiple):
            return "choices"
        if isinstance(widget, forms.CheckboxInput):
            return "switch" if isinstance(widget, Switch) else "checkbox"
        return "file" if isinstance(widget, forms.FileInput) else "text"

    @property
    def layout(self) -> str:
        return getattr(self.field.widget, "layout", "")

    @property
    def unit(self) -> Any:
        return getattr(self.field.widget, "unit", "")

    @property
    def choice_groups(self) -> Iterator[tuple[str, list[BoundWidget], bool]]:
        """Name, choices, whether one is chosen; those without a group stand together under an empty name."""
        widget = self.field.widget
        if not isinstance(widget, forms.widgets.ChoiceWidget):
            return
        attrs = self.build_widget_attrs({"id": self.auto_id})
        groups = widget.optgroups(self.html_name, widget.format_value(self.value()), attrs)
        for name, members in groupby(groups, key=lambda group: group[0] or ""):
            options = [option for _name, group, _index in members for option in group]
            chosen = any(option["selected"] for option in options)
            yield name, [BoundWidget(widget, option, self.form.renderer) for option in options], chosen

    def build_widget_attrs(self, attrs: Any, widget: forms.Widget | None = None) -> dict[str, Any]:
        widget = widget or self.field.widget
        built: dict[str, Any] = super().build_widget_attrs(attrs, widget)
        if css := control_class(widget):
            built["class"] = f"{css} {widget.attrs.get('class', '')}".strip()
        return built


def control_class(widget: forms.Widget) -> str:
    if isinstance(widget, CodeInput):
        return "code-input"
    if isinstance(widget, forms.FileInput):
        return "input file-input"
    typed = getattr(widget, "input_type", "textarea" if isinstance(widget, forms.Textarea) else "none")
    return "" if typed in {"none", "hidden", "checkbox", "radio"} else "input"


class KairanRenderer(TemplatesSetting):
    """Widgets and fields from the project's templates (needs "django.forms" in INSTALLED_APPS)."""

    form_template_name = "forms/form.html"
    field_template_name = "forms/field.html"
    bound_field_class = KairanBoundField


# --- forms ---


class KairanForm(forms.Form):
    """The base of every form: errors name their field and say what to do.
    show_marks: 必要 or なくてもよい beside each label."""

    show_marks = True
    use_required_attribute = False  # the browser's own bubbles vanish and cannot be enlarged

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            speak_kindly(field, field.label or name)

    @property
    def status(self) -> int:
        """Of the page that shows it."""
        return 422 if self.errors else 200

    @property
    def wrong_fields(self) -> list[BoundField]:
        return [field for field in self if field.errors]


# --- fields that accept what people really type ---


class NormalizedCharField(forms.CharField):
    """Names, addresses, searches: full-width letters and half-width kana become ordinary ones (NFKC)."""

    default_error_messages: ClassVar[dict[str, Any]] = {
        "control": _("使えない文字が入っています。いちど消して、入れなおしてください。")
    }
    normal_form = "NFKC"
    kept_controls = ""

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if text in self.empty_values:
            return self.empty_value
        text = self.clean_text(str(text))
        if any(is_control(letter) and letter not in self.kept_controls for letter in text):
            raise ValidationError(self.error_messages["control"], code="control")
        return text

    def clean_text(self, text: str) -> str:
        text = unicodedata.normalize("NFC" if self.normal_form == "NFC" else "NFKC", text)
        return text.strip() if self.strip else text


def is_control(letter: str) -> bool:
    """Control characters, broken halves of a pair, and marks that turn the writing direction around."""
    return unicodedata.category(letter) in {"Cc", "Cs"} or letter in BIDI_CONTROLS


class ContactField(NormalizedCharField):
    """An address or a number: the unseen marks that come along with one from an address book are no fault of anybody's.

    They are gone before the length is looked at; the form reads what is left with `controlplane.accounts.contacts`.
    """

    def to_python(self, value: Any) -> Any:
        return super().to_python(plain(value) if isinstance(value, str) else value)


class ProseField(NormalizedCharField):
    """Titles and bodies: 〜 and（）stay as they were written, lines are kept."""

    normal_form = "NFC"
    kept_controls = "\n\t"

    def clean_text(self, text: str) -> str:
        return super().clean_text(text.replace("\r\n", "\n").replace("\r", "\n"))


class SixDigitField(NormalizedCharField):
    """The code from a message; blanks, hyphens and full-width digits are fine."""

    default_error_messages: ClassVar[dict[str, Any]] = {"invalid": _("6けたの番号を入れてください。")}
    widget = CodeInput

    def clean_text(self, text: str) -> str:
        text = re.sub(r"[\s\-‐－ー]", "", super().clean_text(text))
        if not re.fullmatch(r"[0-9]{6}|[0-9]{12}", text):  # the long one is for contacts that are asked for without end
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return text


class CountField(forms.IntegerField):
    """A whole number with its unit: 1,400 and １４００世帯 are the same."""

    def __init__(self, *, unit: Any = "", **kwargs: Any) -> None:
        self.unit = unit
        kwargs.setdefault("widget", UnitInput(unit))
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> int | None:
        if isinstance(value, str):
            value = unicodedata.normalize("NFKC", value).replace(",", "").strip().removesuffix(str(self.unit)).strip()
        return super().to_python(value)


class FilesField(forms.FileField):
    """Several files at once; cleans to a list."""

    widget = FilesInput

    def clean(self, data: Any, initial: Any = None) -> Any:
        chosen = [one for one in data if one] if isinstance(data, list | tuple) else [data] if data else []
        return [super(FilesField, self).clean(one) for one in chosen] if chosen else self.nothing(initial)

    def nothing(self, initial: Any) -> list[Any]:
        if self.required and not initial:
            raise ValidationError(self.error_messages["required"], code="required")
        return []
