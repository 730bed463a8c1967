"""What is typed about an event. How it comes again is asked in plain words and kept as a rule of iCalendar."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any, ClassVar

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tenants.calendar.models import Event, Rsvp
from tenants.communities.models import Community
from tenants.members.models import Member
from web.forms import Choices, CountField, DateInput, KairanForm, ProseField, Switch, TimeInput

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
REPEATS = [
    ("", _("くり返さない")),
    ("weekly", _("毎週")),
    ("monthly", _("毎月、同じ日")),
    ("nth", _("毎月、同じ曜日（第2土曜など）")),
    ("yearly", _("毎年")),
]
KEEP = ("keep", _("いまの決まりのまま"))
AUDIENCES = (Event.Audience.EVERYONE, Event.Audience.COMMUNITY, Event.Audience.OFFICERS)


class AnswerForm(KairanForm):
    """An answer and how many come along. Only `companions` is drawn; the answer is a button."""

    show_marks = False
    answer = forms.ChoiceField(label=_("出欠"), choices=Rsvp.Answer.choices)
    companions = CountField(
        label=_("いっしょに来る人"),
        unit=_("人"),
        min_value=0,
        max_value=20,
        help_text=_("あなたのほかに、おうちから来る人の数です。"),
    )


class CancelForm(KairanForm):
    reason = ProseField(
        label=_("中止の理由"), help_text=_("例：雨のため。来る人みんなが読みます。"), max_length=200, required=False
    )


class EventForm(KairanForm):
    title = ProseField(label=_("行事の名前"), help_text=_("例：朝の清掃活動"), max_length=120)
    on = forms.DateField(label=_("日にち"), widget=DateInput)
    all_day = forms.BooleanField(label=_("一日じゅう"), help_text=_("時刻を決めません"), required=False, widget=Switch)
    starts = forms.TimeField(label=_("始まり"), required=False, widget=TimeInput, initial=time(9, 0))
    ends = forms.TimeField(label=_("終わり"), required=False, widget=TimeInput, initial=time(10, 0))
    last_day = forms.DateField(
        label=_("何日も続くときの、最後の日"),
        required=False,
        widget=DateInput,
        help_text=_("1日だけなら、空けておいてください。"),
    )
    place = ProseField(label=_("ところ"), help_text=_("例：桃山南公園"), max_length=120, required=False)
    description = ProseField(
        label=_("くわしいこと"),
        help_text=_("例：軍手をお持ちください。雨のときは中止です。"),
        max_length=5000,
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    repeat = forms.ChoiceField(label=_("くり返し"), choices=REPEATS, required=False, widget=Choices)
    until = forms.DateField(label=_("くり返しの最後の日"), required=False, widget=DateInput)
    audience = forms.ChoiceField(label=_("見える人"), widget=Choices(layout="pairs"))
    community = forms.ModelChoiceField(
        Community.objects.none(), label=_("コミュニティ"), required=False, empty_label=_("コミュニティを選ぶ")
    )
    capacity = CountField(label=_("定員"), unit=_("人"), min_value=1, required=False)

    plain: ClassVar = ("title", "place", "description", "all_day", "capacity", "audience")

    def __init__(self, *args: Any, member: Member, event: Event | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.event = event
        rooms: Any = self.fields["community"]
        rooms.queryset = Community.objects.writable_by(member).order_by("name")
        audiences: Any = self.fields["audience"]
        audiences.choices = [(a.value, a.label) for a in AUDIENCES if self.may_choose(a, member, rooms.queryset)]
        if audiences.choices:
            self.initial.setdefault("audience", audiences.choices[0][0])
        if event and event.rrule and repeat_of(event) == KEEP[0]:
            repeats: Any = self.fields["repeat"]
            repeats.choices = [KEEP, *REPEATS]

    @staticmethod
    def may_choose(audience: Event.Audience, member: Member, rooms: Any) -> bool:
        if audience == Event.Audience.COMMUNITY:
            return bool(rooms.exists())
        return Event.may_plan(member) and (audience == Event.Audience.EVERYONE or member.is_officer)

    def clean(self) -> None:
        told = self.cleaned_data
        if not told.get("all_day"):
            for name, problem in (
                ("starts", _("始まりの時刻が、まだ入っていません。")),
                ("ends", _("終わりの時刻が、まだ入っていません。")),
            ):
                if told.get(name) is None and name not in self.errors:
                    self.add_error(name, problem)
        on, last, until = told.get("on"), told.get("last_day"), told.get("until")
        if on and last and last < on:
            self.add_error("last_day", _("最後の日が、はじめの日より前になっています。"))
        if on and until and until < on:
            self.add_error("until", _("くり返しの最後の日が、はじめの日より前になっています。"))

    def fields_of_event(self) -> dict[str, Any]:
        """What `Event.plan` and `Event.change` take."""
        told = self.cleaned_data
        fields = {name: told[name] for name in self.plain}
        fields["community"] = told["community"] if told["audience"] == Event.Audience.COMMUNITY else None
        last = told["last_day"] or told["on"]
        if told["all_day"]:
            starts, ends = moment(told["on"], time.min), moment(last + timedelta(days=1), time.min)
        else:
            starts, ends = moment(told["on"], told["starts"]), moment(last, told["ends"])
        return fields | {"starts_at": starts, "ends_at": ends, "rrule": self.rule()}

    def rule(self) -> str:
        repeat, until = self.cleaned_data["repeat"], self.cleaned_data["until"]
        if repeat == KEEP[0]:
            return self.event.rrule if self.event else ""
        return rrule(repeat, self.cleaned_data["on"], until, all_day=self.cleaned_data["all_day"])


def moment(day: date, at: time) -> datetime:
    return timezone.make_aware(datetime.combine(day, at))


def rrule(repeat: str, on: date, until: date | None = None, *, all_day: bool = False) -> str:
    """The rule of iCalendar for an event that first takes place on this day. It wants UNTIL in UTC, or as a date."""
    rules = {
        "weekly": "FREQ=WEEKLY",
        "monthly": "FREQ=MONTHLY",
        "nth": f"FREQ=MONTHLY;BYDAY={_nth(on)}{WEEKDAYS[on.weekday()]}",
        "yearly": "FREQ=YEARLY",
    }
    rule = rules.get(repeat, "")
    if not rule or not until:
        return rule
    last = f"{until:%Y%m%d}" if all_day else f"{moment(until, time(23, 59, 59)).astimezone(UTC):%Y%m%dT%H%M%SZ}"
    return f"{rule};UNTIL={last}"


def _nth(on: date) -> int:
    """Which of its weekday in the month; a fifth one means the last, since few months have it."""
    nth = (on.day - 1) // 7 + 1
    return -1 if nth == 5 else nth


def repeat_of(event: Event) -> str:
    """Which of the plain words says the event's rule; `keep` when none does."""
    rule, _sep, _until = event.rrule.partition(";UNTIL=")
    on = timezone.localdate(event.starts_at)
    return next((word for word, _label in REPEATS if rrule(word, on) == rule), KEEP[0])


def planned(event: Event) -> dict[str, Any]:
    """The event as the form shows it to be changed."""
    starts, ends = timezone.localtime(event.starts_at), timezone.localtime(event.ends_at)
    last = (ends - timedelta(seconds=1)).date() if event.all_day else ends.date()
    shown = {name: getattr(event, name) for name in (*EventForm.plain, "community")}
    return shown | {
        "on": starts.date(),
        "starts": starts.time(),
        "ends": ends.time(),
        "last_day": last if last != starts.date() else None,
        "repeat": repeat_of(event),
        "until": last_day_of(event),
    }


def last_day_of(event: Event) -> date | None:
    """The day an event's rule ends on, when it was written here."""
    until = event.rrule.partition(";UNTIL=")[2]
    if until.endswith("Z"):
        return timezone.localdate(datetime.strptime(until, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC))
    return datetime.strptime(until, "%Y%m%d").date() if len(until) == 8 else None
