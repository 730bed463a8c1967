"""Answering: the word is a button; how many come along and what the event asks besides are fields."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tenants.calendar.models import Event, Guests, Rsvp
from tenants.calendar.models.answers import WAITING
from tenants.calendar.models.checks import LONGEST_REPLY
from tenants.members.models import HouseholdQuerySet
from web.forms import Choices, CountField, KairanForm, ProseField
from web.tenant.members.forms import HomeFilter

NOTHING = "nothing"


class AnswerForm(KairanForm):
    """An answer, how many come along, and a field for each question. The answer is a button and not drawn."""

    show_marks = False
    answer = forms.ChoiceField(label=_("出欠"), choices=Rsvp.Answer.choices)
    companions = CountField(
        label=_("いっしょに来る人"),
        unit=_("人"),
        min_value=0,
        max_value=20,
        help_text=_("あなたのほかに、おうちから来る人の数です。"),
    )

    def __init__(self, *args: Any, event: Event, answered: Rsvp | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.event, self.answered = event, answered
        for number, question in enumerate(event.questions):
            self.fields[f"q{number}"] = _question(question)
            if answered:
                self.initial[f"q{number}"] = answered.replies.get(question["text"], "")

    @property
    def question_fields(self) -> list[Any]:
        return [self[f"q{number}"] for number in range(len(self.event.questions))]

    def told(self) -> dict[str, Any]:
        """What `Event.answer` takes. Where only the buttons are drawn, earlier replies stay."""
        told = {name: self.cleaned_data[name] for name in ("answer", "companions")}
        drawn = {n: q["text"] for n, q in enumerate(self.event.questions) if f"q{n}" in self.data}
        before = self.answered.replies if self.answered else {}
        return told | {"replies": before | {text: self.cleaned_data[f"q{n}"] for n, text in drawn.items()}}


def _question(question: dict[str, Any]) -> forms.Field:
    if question["choices"]:
        choices = [(choice, choice) for choice in question["choices"]]
        return forms.ChoiceField(label=question["text"], choices=choices, required=False, widget=Choices)
    return ProseField(label=question["text"], max_length=LONGEST_REPLY, required=False)


class AnsweredFilter(HomeFilter):
    """Homes by what they said, too."""

    said = forms.ChoiceField(
        label=_("答え"),
        required=False,
        choices=[
            ("", _("すべて")),
            *Rsvp.Answer.choices,
            (WAITING, _("キャンセル待ち")),
            (NOTHING, _("まだ答えていない")),
        ],
    )

    def __init__(self, *args: Any, guests: Guests, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.guests = guests

    def narrow(self, homes: HouseholdQuerySet) -> HouseholdQuerySet:
        homes, rows = super().narrow(homes), self.guests.rows
        said = self.cleaned_data.get("said")
        if said == NOTHING:
            return homes.exclude(pk__in=rows.values("household"))
        return homes.filter(pk__in=rows.said(said).values("household")) if said else homes


class ProxyForm(KairanForm):
    """What a home said at the door. Drawn as buttons in its row."""

    household = forms.IntegerField(min_value=1, max_value=2**31)
    person = forms.IntegerField(min_value=1, max_value=2**31, required=False)
    answer = forms.ChoiceField(label=_("出欠"), choices=Rsvp.Answer.choices)
    companions = forms.IntegerField(min_value=0, max_value=20, required=False)
