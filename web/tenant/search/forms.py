"""What is asked of search: words, and what narrows them."""

import re
import unicodedata
from datetime import date, datetime, time
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tenants.feed.models import Post
from tenants.members.models import Group, Member, Seat
from tenants.search.question import Author, Question
from web.forms import KairanForm, NormalizedCharField

KINDS = [
    ("", _("すべて")),
    *Post.Kind.choices,
    ("document", _("書類")),
    ("event", _("行事")),
    ("community", _("コミュニティ")),
    ("record", _("引き継ぎの記録")),
]
TIMES = [("", _("いつでも")), ("this", _("今年")), ("last", _("去年"))]
_MONTH = re.compile(r"(20\d\d)\D{0,2}(0?[1-9]|1[0-2])月?")


class MonthField(forms.Field):
    """A month, as the phone's own wheel sends it (2025-04) or as people type it (2025年4月)."""

    def __init__(self, **kwargs: Any) -> None:
        attrs = {"type": "month", "min": "2000-01", "max": "2099-12"}
        super().__init__(required=False, widget=forms.TextInput(attrs), **kwargs)

    def to_python(self, value: Any) -> date | None:
        text = unicodedata.normalize("NFKC", str(value or "")).strip()
        month = _MONTH.fullmatch(text)
        if text and not month:
            raise ValidationError(_("年と月を入れてください。例：2025年4月"), code="month")
        return date(int(month[1]), int(month[2]), 1) if month else None


class SearchForm(KairanForm):
    show_marks = False

    q = NormalizedCharField(label=_("さがすことば"), max_length=100, required=False)
    kind = forms.ChoiceField(choices=KINDS, required=False, widget=forms.HiddenInput)
    when = forms.ChoiceField(choices=TIMES, required=False, widget=forms.HiddenInput)
    since = MonthField(label=_("何月から"))
    until = MonthField(label=_("何月まで"))
    author = forms.ChoiceField(label=_("だれから"), required=False)
    group = forms.ModelChoiceField(
        Group.objects.none(), label=_("どの組に"), required=False, empty_label=_("えらばない")
    )

    def __init__(self, *args: Any, member: Member, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["group"].queryset = Group.objects.all()
        seats = [(f"seat:{seat.pk}", seat.title) for seat in Seat.objects.all()]
        fields["author"].choices = [("", _("えらばない")), *seats, *_person(member, self.data.get("author", ""))]

    def clean(self) -> None:
        since, until = self.cleaned_data.get("since"), self.cleaned_data.get("until")
        if since and until and until < since:
            self.add_error("until", _("終わりの月が、始まりの月より前になっています。"))

    def question(self) -> Question:
        """What is asked; nothing when something of it cannot be read."""
        if not self.is_valid():
            return Question()
        told = self.cleaned_data
        narrowed = {"what": told["kind"], "author": _author(told["author"])}
        narrowed["group"] = told["group"].pk if told["group"] else None
        since, until = self._months()
        return Question.asking(told["q"], since=since, until=until, **narrowed)

    def chosen(self) -> list[str]:
        """What narrows the question, in words."""
        if not self.is_valid():
            return []
        told, fields = self.cleaned_data, cast(Any, self.fields)
        since, until = told["since"], told["until"]
        names = ("kind", "author") if since or until else ("when", "kind", "author")
        said = [
            since and _("%(year)s年%(month)s月から") % {"year": since.year, "month": since.month},
            until and _("%(year)s年%(month)s月まで") % {"year": until.year, "month": until.month},
            *(dict(fields[name].choices)[told[name]] for name in names if told[name]),
            told["group"],
        ]
        return [str(each) for each in said if each]

    def _months(self) -> tuple[datetime | None, datetime | None]:
        """From when to when: the months, or else the whole of this year or of the last."""
        since, until = self.cleaned_data["since"], self.cleaned_data["until"]
        if not (since or until) and self.cleaned_data["when"]:
            year = timezone.localdate().year - (self.cleaned_data["when"] == "last")
            since, until = date(year, 1, 1), date(year, 12, 1)
        return _moment(since), _moment(_month_after(until))


def _person(member: Member, asked: str) -> list[tuple[str, str]]:
    """The person asked for, by name, if this member reads anything of theirs."""
    author = _author(asked)
    if author is None or author.kind != "member":
        return []
    theirs = Post.objects.visible_to(member).filter(author=author.pk, as_seat=None)
    return [(str(author), name) for name in theirs.values_list("author__name", flat=True)[:1]]


def _author(text: str) -> Author | None:
    kind, _colon, number = text.partition(":")
    known = kind in ("seat", "member") and number.isascii() and number.isdecimal() and len(number) < 19
    return Author(kind, int(number)) if known else None


def _month_after(month: date | None) -> date | None:
    return month and date(month.year + month.month // 12, month.month % 12 + 1, 1)


def _moment(day: date | None) -> datetime | None:
    return timezone.make_aware(datetime.combine(day, time.min)) if day else None
