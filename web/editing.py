"""Forms that change what two people may have open at once: who saves second is told, and loses nothing they typed."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, ClassVar, cast

from django import forms
from django.utils.translation import gettext as _

from controlplane.audit.models import Entry
from controlplane.versioned import EditedMeanwhile
from web.forms import KairanForm
from web.templatetags.kairan import date_ja

LARGEST = 2**31 - 1  # of what a row can hold


class VersionField(forms.IntegerField):
    """Of what the writer had before them. A broken one is as none: then it is the newest."""

    widget = forms.HiddenInput

    def __init__(self) -> None:
        super().__init__(required=False)

    def clean(self, value: Any) -> int | None:
        text = str(value or "0")
        known = text.isascii() and text.isdecimal() and len(text) <= len(str(LARGEST)) and value not in (None, "")
        return int(text) if known and int(text) <= LARGEST else None


@dataclass(frozen=True)
class Difference:
    label: str
    theirs: str
    mine: str


@dataclass(frozen=True)
class Clash:
    """What a page says when somebody saved first. Read whole at once: some of it is of another binding."""

    by: str
    at: datetime | None
    differences: list[Difference]
    is_same: bool  # they typed the very same
    notes: list[str]


class Edits(KairanForm):
    """The base of forms that change something. `of` is what they change, None while something new is written.

    It sends the version along: `cleaned_data` has it as the verbs take it. `web.tenant.page.refusals` brings a clash.
    """

    acts: ClassVar[tuple[str, ...]] = ()  # named buttons that save as well; overwriting presses the same one again
    aside: ClassVar[tuple[str, ...]] = ()  # fields that are asked each time and kept nowhere

    def __init__(self, *args: Any, of: Any = None, **kwargs: Any) -> None:
        if of is not None:
            begun = kwargs.get("initial") or {}
            kwargs["initial"] = {**self.shown(of), "version": self.version_of(of), **begun}
        super().__init__(*args, **kwargs)
        self.of, self.clash = of, cast(Clash | None, None)
        if of is not None:
            self.fields["version"] = VersionField()

    def shown(self, row: Any) -> dict[str, Any]:
        """What is changed, as the form shows it."""
        return {name: getattr(row, name) for name in self.base_fields if hasattr(row, name)}

    def stands(self, row: Any) -> dict[str, Any]:
        """What somebody else saved, as the form would show it."""
        return self.shown(row)

    def version_of(self, row: Any) -> int:
        version: int = row.version
        return version

    def notes(self, row: Any) -> list[str]:
        """What else the writer must know of what stands there now."""
        return []

    @property
    def status(self) -> int:
        return 409 if self.clash else super().status

    @property
    def pressed(self) -> str:
        return next((name for name in self.acts if name in self.data), "")

    def meet(self, meanwhile: EditedMeanwhile) -> None:
        """Somebody saved first: show what stands there beside what was typed. Sent again, the typed holds."""
        now = meanwhile.now
        last = Entry.objects.about_any(meanwhile.trail).first()
        compared = self.stands(now)
        found = list(self._differences(compared))
        self.clash = Clash(
            by=last.actor if last else "",
            at=last.at if last else None,
            differences=found,
            is_same=bool(compared) and not found,
            notes=self.notes(now),
        )
        self.see(now)
        self.add_error(None, meanwhile.messages[0])

    def see(self, row: Any) -> None:
        """The writer is shown the row as it is now, so what they send next is of this version."""
        self.fields["version"] = VersionField()
        data: Any = self.data  # a QueryDict, which says nothing of its copies
        self.data = data.copy()
        self.data["version"] = str(self.version_of(row))  # type: ignore[index]

    def _differences(self, stands: dict[str, Any]) -> Iterator[Difference]:
        for name, field in self.fields.items():
            if name == "version" or name in self.aside or isinstance(field, forms.FileField):
                continue
            theirs = in_words(field, stands.get(name, field.initial))
            mine = in_words(field, self.cleaned_data.get(name))
            if theirs != mine:
                yield Difference(str(field.label), theirs or _("（なし）"), mine or _("（なし）"))


def in_words(field: forms.Field, value: Any) -> str:
    """A field's value as a neighbour reads it."""
    if isinstance(field, forms.BooleanField):
        return _("はい") if value else _("いいえ")
    if value is None or value == "":
        return ""
    if isinstance(value, list | tuple):
        return _("、").join(in_words(field, each) for each in value)
    if isinstance(value, date):
        return date_ja(value)
    if isinstance(value, time):
        return f"{value:%H:%M}"
    if isinstance(field, forms.ModelChoiceField) or not isinstance(field, forms.ChoiceField):
        return str(value).replace("\r\n", "\n").strip()
    choices: Any = field.choices
    return next((str(label) for key, label in flat(choices) if str(key) == str(value)), str(value))


def flat(choices: Iterable[Any]) -> Iterator[tuple[Any, Any]]:
    for key, label in choices:
        if isinstance(label, list | tuple):
            yield from flat(label)
        else:
            yield key, label
