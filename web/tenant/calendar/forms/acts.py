"""Moving one time of a series, calling off, bringing a file in."""

from datetime import time
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from tenants.calendar.models import Occurrence
from tenants.calendar.models.telling import Tell
from web.editing import Edits
from web.forms import Choices, DateInput, KairanForm, ProseField, Switch, TimeInput
from web.tenant.calendar.forms.events import moment

SCOPES = [("one", _("この日だけ")), ("following", _("この日と、そのあとの回")), ("all", _("すべての回"))]


class CancelForm(KairanForm):
    show_marks = False
    scope = forms.ChoiceField(label=_("どの回を中止にしますか"), choices=SCOPES, required=False, widget=Choices)
    reason = ProseField(
        label=_("中止の理由"), help_text=_("例：雨のため。来る人みんなが読みます。"), max_length=200, required=False
    )
    to = forms.ChoiceField(label=_("知らせる人"), choices=Tell.choices, required=False, widget=Choices)
    urgent = forms.BooleanField(
        label=_("急ぎの知らせにする"),
        help_text=_("メールの方で、携帯電話の番号も分かる方には、ショートメールも送ります。"),
        required=False,
        widget=Switch,
    )

    def __init__(self, *args: Any, repeats: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("to", Tell.ANSWERED)
        self.initial.setdefault("scope", "one")
        if not repeats:
            del self.fields["scope"]


class MoveForm(Edits):
    """When and where one time of a series takes place instead."""

    day = forms.DateField(label=_("日にち"), widget=DateInput)
    starts = forms.TimeField(label=_("始まり"), widget=TimeInput)
    ends = forms.TimeField(label=_("終わり"), widget=TimeInput)
    place = ProseField(label=_("ところ"), max_length=120, required=False)
    note = ProseField(
        label=_("変わったわけ"), help_text=_("例：雨のため、1日のばします。"), max_length=200, required=False
    )
    tell = forms.BooleanField(
        label=_("答えた方に知らせる"),
        help_text=_("「参加する」「未定」と答えた方に、メールかショートメールが届きます。"),
        required=False,
        widget=Switch,
    )

    aside = ("tell",)

    def __init__(self, *args: Any, of: Occurrence, **kwargs: Any) -> None:
        super().__init__(*args, of=of, initial={"tell": True}, **kwargs)
        if of.event.all_day:
            del self.fields["starts"], self.fields["ends"]

    def shown(self, row: Occurrence) -> dict[str, Any]:
        starts, ends = timezone.localtime(row.starts_at), timezone.localtime(row.ends_at)
        note = row.change.note if row.change else ""
        when = {"day": starts.date(), "starts": starts.time(), "ends": ends.time()}
        return when | {"place": row.place, "note": note}

    def notes(self, row: Occurrence) -> list[str]:
        return [gettext("この日は、中止になっています。変えても、中止のままです。")] if row.cancelled_at else []

    def told(self) -> dict[str, Any]:
        """What `Event.move` takes; it lasts as many days as before."""
        told, was = self.cleaned_data, self.of
        if was.event.all_day:
            starts = moment(told["day"], time.min)
            ends = starts + (was.ends_at - was.starts_at)
        else:
            nights = timezone.localdate(was.ends_at) - was.day
            starts, ends = moment(told["day"], told["starts"]), moment(told["day"] + nights, told["ends"])
        when = {"starts_at": starts, "ends_at": ends}
        said = {name: told[name] for name in ("place", "note", "version")}
        return when | said | {"tell_answered": told["tell"]}


class ImportForm(KairanForm):
    file = forms.FileField(
        label=_("予定表のファイル"), help_text=_("名前の終わりが .ics のファイルです。512 KBまで。"), max_length=200
    )
