"""Planning an event."""

import copy
from datetime import date, datetime, time, timedelta
from typing import Any, ClassVar

from django import forms
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from tenants.calendar import rules
from tenants.calendar.models import Event
from tenants.communities.models import Community
from tenants.members.models import Act, Member
from web.editing import Edits
from web.forms import Choices, CountField, DateInput, ManyChoices, ProseField, Switch, TimeInput
from web.tenant.calendar.forms.repeating import (
    KEEP,
    NTH_CHOICES,
    REPEATS,
    WEEKDAY_CHOICES,
    repeat_of,
    repeating,
    rrule,
)

AUDIENCES = (Event.Audience.EVERYONE, Event.Audience.COMMUNITY, Event.Audience.OFFICERS)


class EventForm(Edits):
    """All of an event, or with `since` that time of a series and those after it."""

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
    nths = forms.MultipleChoiceField(
        label=_("何番目の"), choices=NTH_CHOICES, required=False, widget=ManyChoices(layout="three")
    )
    weekday = forms.ChoiceField(
        label=_("何曜日"), choices=WEEKDAY_CHOICES, required=False, widget=Choices(layout="three")
    )
    until = forms.DateField(label=_("くり返しの最後の日"), required=False, widget=DateInput)
    audience = forms.ChoiceField(label=_("見える人"), widget=Choices(layout="pairs"))
    community = forms.ModelChoiceField(
        Community.objects.none(), label=_("コミュニティ"), required=False, empty_label=_("コミュニティを選ぶ")
    )
    shared = forms.BooleanField(
        label=_("加盟している団体のカレンダーにも出す"),
        help_text=_("行事の名前・日時・ところだけが出ます。出欠は、このページで受けます。"),
        required=False,
        widget=Switch,
    )
    capacity = CountField(label=_("定員"), unit=_("人"), min_value=1, max_value=100_000, required=False)
    waiting_list = forms.BooleanField(
        label=_("キャンセル待ちを受ける"),
        help_text=_("席が空くと、待っている順に参加に変わり、お知らせします。"),
        required=False,
        widget=Switch,
    )
    answers_by = forms.ChoiceField(
        label=_("出欠の答え方"),
        choices=Event.AnswersBy.choices,
        required=False,
        widget=Choices(layout="pairs"),
    )
    remind = forms.ChoiceField(
        label=_("前もっての知らせ"),
        choices=Event.Remind.choices,
        required=False,
        help_text=_("「参加する」「未定」と答えた方に届きます。"),
        widget=Choices,
    )
    question_1 = ProseField(label=_("聞くこと"), help_text=_("例：お弁当はいりますか"), max_length=60, required=False)
    choices_1 = ProseField(
        label=_("選ぶ言葉"),
        help_text=_("例：いる、いらない。空けておくと、自由に書いてもらえます。"),
        max_length=500,
        required=False,
    )
    question_2 = ProseField(label=_("もう1つ聞くこと"), max_length=60, required=False)
    choices_2 = ProseField(label=_("その選ぶ言葉"), max_length=500, required=False)

    plain: ClassVar = ("title", "place", "description", "all_day", "capacity", "audience", "waiting_list")

    def __init__(
        self,
        *args: Any,
        member: Member,
        of: Event | None = None,
        since: date | None = None,
        leads: bool = False,
        **kwargs: Any,
    ) -> None:
        self.since = since
        super().__init__(*args, of=of, **kwargs)
        event = self.event = self.part_of(of) if of else None
        if not (leads and member.may(Act.SHARE_EVENT)):  # only a federation's officers show an event to its members
            del self.fields["shared"]
        rooms: Any = self.fields["community"]
        rooms.queryset = Community.objects.writable_by(member).order_by("name")
        audiences: Any = self.fields["audience"]
        audiences.choices = [(each.value, each.label) for each in AUDIENCES if self.may_choose(each, member)]
        if audiences.choices:
            self.initial.setdefault("audience", audiences.choices[0][0])
        if event and event.rrule and repeat_of(event) == KEEP[0]:
            repeats: Any = self.fields["repeat"]
            repeats.choices = [KEEP, *REPEATS]

    def part_of(self, event: Event) -> Event:
        """What of it is changed: all, or the later half as it would be by itself. Nothing is written."""
        if not self.since or event.occurrence_on(self.since) is None:
            return event
        later = copy.copy(event)
        later.starts_at = event.by_rule(self.since)
        later.ends_at = later.starts_at + (event.ends_at - event.starts_at)
        return later

    def shown(self, row: Event) -> dict[str, Any]:
        return planned(self.part_of(row))

    def notes(self, row: Event) -> list[str]:
        return [gettext("この行事は、中止になっています。なおしても、中止のままです。")] if row.cancelled_at else []

    @staticmethod
    def may_choose(audience: Event.Audience, member: Member) -> bool:
        if audience == Event.Audience.COMMUNITY:
            return Community.objects.writable_by(member).exists()
        return member.may_look_at(Act.PLAN_EVENT, Event(audience=audience))

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
        """What `Event.plan` and `Event.change` take. A rule of weekdays begins on the first of them."""
        told = self.cleaned_data
        fields = {name: told[name] for name in self.plain}
        fields["community"] = told["community"] if told["audience"] == Event.Audience.COMMUNITY else None
        fields["answers_by"] = told["answers_by"] or Event.AnswersBy.HOUSEHOLD
        fields["remind"] = int(told["remind"] or 0)
        if "shared" in told:
            fields["shared"] = told["shared"]
        fields["questions"] = self.questions()
        fields |= {"version": told["version"]} if "version" in told else {}
        rule, on = self.rule(), told["on"]
        if rule and told["repeat"] == "nth":
            on = timezone.localdate(rules.first_on(rule, moment(on, time.min)))
        last = (told["last_day"] or told["on"]) + (on - told["on"])
        if told["all_day"]:
            starts, ends = moment(on, time.min), moment(last + timedelta(days=1), time.min)
        else:
            starts, ends = moment(on, told["starts"]), moment(last, told["ends"])
        return fields | {"starts_at": starts, "ends_at": ends, "rrule": rule}

    def rule(self) -> str:
        told = self.cleaned_data
        if told["repeat"] == KEEP[0]:
            return self.event.rrule if self.event else ""
        rule = rrule(told["repeat"], told["on"], told["nths"], told["weekday"])
        return rules.until(rule, told["until"], all_day=told["all_day"]) if rule and told["until"] else rule

    def questions(self) -> list[dict[str, Any]]:
        pairs = [(self.cleaned_data[f"question_{n}"], self.cleaned_data[f"choices_{n}"]) for n in (1, 2)]
        return [{"text": text, "choices": words_of(choices)} for text, choices in pairs if text]


def words_of(text: str) -> list[str]:
    """「いる、いらない」 as the words it names."""
    parts = text.replace(",", "、").replace("，", "、").replace("\n", "、").split("、")
    return list(dict.fromkeys(word.strip() for word in parts if word.strip()))


def moment(day: date, at: time) -> datetime:
    return timezone.make_aware(datetime.combine(day, at))


def planned(event: Event) -> dict[str, Any]:
    """The event as the form shows it to be changed."""
    starts, ends = timezone.localtime(event.starts_at), timezone.localtime(event.ends_at)
    last = (ends - timedelta(seconds=1)).date() if event.all_day else ends.date()
    shown = {name: getattr(event, name) for name in (*EventForm.plain, "community", "answers_by", "remind", "shared")}
    for n, question in enumerate(event.questions, start=1):
        shown |= {f"question_{n}": question["text"], f"choices_{n}": "、".join(question["choices"])}
    return (
        shown
        | repeating(event)
        | {
            "on": starts.date(),
            "starts": starts.time(),
            "ends": ends.time(),
            "last_day": last if last != starts.date() else None,
        }
    )
