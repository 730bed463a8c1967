"""What a form says when something is missing or wrong: one whole sentence that names the field and the next step."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _


def speak_kindly(field: forms.Field, label: Any) -> None:
    """Replace Django's own sentences by ours; a message the form spelled out itself stays."""
    stock: dict[str, Any] = {}
    for base in reversed(type(field).__mro__):
        stock |= getattr(base, "default_error_messages", {}) if base.__module__.startswith("django.") else {}
    for code, sentence in sentences_for(field).items():
        if field.error_messages.get(code) is stock.get(code):
            field.error_messages[code] = format_lazy(sentence, label=label)


def sentences_for(field: forms.Field) -> dict[str, Any]:
    sentences: dict[str, Any] = {
        "required": _("{label}が、まだ入っていません。"),
        "max_length": _("{label}は、%(limit_value)d文字までにしてください。いまは%(show_value)d文字です。"),
        "min_length": _("{label}は、%(limit_value)d文字より短くできません。いまは%(show_value)d文字です。"),
        "min_value": _("{label}は、%(limit_value)s以上で入れてください。"),
        "max_value": _("{label}は、%(limit_value)sまでで入れてください。"),
    }
    for kinds, words in SENTENCES_BY_KIND:
        if isinstance(field, kinds):
            sentences |= words
    return sentences


NOT_CHOSEN = _("{label}が、まだ選ばれていません。")
CHOOSE_AGAIN = _("{label}を、もう一度選んでください。")
SENTENCES_BY_KIND: list[tuple[type[forms.Field] | tuple[type[forms.Field], ...], dict[str, Any]]] = [
    (
        (forms.ChoiceField, forms.ModelChoiceField),
        {
            "required": NOT_CHOSEN,
            "invalid_choice": CHOOSE_AGAIN,
            "invalid_list": CHOOSE_AGAIN,
            "invalid_pk_value": CHOOSE_AGAIN,
        },
    ),
    (forms.BooleanField, {"required": _("「{label}」に、しるしをつけてください。")}),
    (forms.EmailField, {"invalid": _("{label}の形が、ちがうようです。例：name@example.jp")}),
    (
        (forms.IntegerField, forms.DecimalField),
        {"invalid": _("{label}は、数字で入れてください。例：120")},
    ),
    (forms.DateField, {"invalid": _("{label}は、日付で入れてください。例：2026-07-26")}),
    (forms.TimeField, {"invalid": _("{label}は、時刻で入れてください。例：8:30")}),
    (forms.DateTimeField, {"invalid": _("{label}は、日付と時刻で入れてください。例：2026-07-26 8:30")}),
    (forms.URLField, {"invalid": _("{label}は、https:// から始まる形で入れてください。")}),
    (
        forms.FileField,
        {
            "required": NOT_CHOSEN,
            "invalid": CHOOSE_AGAIN,
            "missing": NOT_CHOSEN,
            "empty": _("{label}の中身がありません。別のものを選んでください。"),
            "max_length": _("{label}の名前が長すぎます。短い名前にして、もう一度選んでください。"),
        },
    ),
    (forms.ImageField, {"invalid_image": _("{label}は、写真として読めませんでした。別の写真を選んでください。")}),
]
