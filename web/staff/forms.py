"""What is typed when the second factor is shown or set up. Shape only."""

from django import forms
from django.utils.translation import gettext_lazy as _

from web.forms import KairanForm, NormalizedCharField, SixDigitField


class DigitsForm(KairanForm):
    show_marks = False
    code = SixDigitField(label=_("アプリの6けたの番号"), help_text=_("30秒ごとに変わります。いま出ている番号です。"))


class RecoveryForm(KairanForm):
    show_marks = False
    code = NormalizedCharField(
        label=_("予備の番号"),
        help_text=_("紙に控えた10文字です。例：ABCDE-23456"),
        max_length=40,
        widget=forms.TextInput({"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )


class PasskeyForm(KairanForm):
    show_marks = False
    name = NormalizedCharField(
        label=_("このパスキーの名前"),
        help_text=_("あとで見分けるためです。例：仕事のスマホ"),
        max_length=40,
        initial=_("わたしのパスキー"),
        widget=forms.TextInput({"autocomplete": "off"}),
    )
