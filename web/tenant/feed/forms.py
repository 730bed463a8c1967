"""What is typed into the feed: a comment, a post."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Any, ClassVar

from django import forms
from django.core.validators import MaxLengthValidator
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tenants.communities.models import Community
from tenants.feed.models import Post, Receiving
from tenants.feed.models.attachments import MAX_PHOTOS
from tenants.members.models import Act, Group, Member, Seat
from web.editing import Edits
from web.forms import Choices, DateInput, FilesField, KairanForm, ProseField, Switch, TimeInput

KIND_NOTES = {
    Post.Kind.NOTICE: _("ふだんの連絡"),
    Post.Kind.CIRCULAR: _("回覧板の代わり"),
    Post.Kind.REPORT: _("写真つきの報告"),
    Post.Kind.URGENT: _("ホームのいちばん上に7日間"),
}
AUDIENCE_NOTES = {
    Post.Audience.GROUP: _("選んだ組だけ"),
    Post.Audience.COMMUNITY: _("その中の人だけ"),
    Post.Audience.SEATS: _("役職のある人だけ"),
    Post.Audience.OFFICERS: _("役員の相談に"),
}
MORNING = time(8, 0)


class CommentForm(KairanForm):
    show_marks = False
    body = ProseField(
        label=_("コメントを書く"),
        error_messages={"required": _("コメントが、まだ書かれていません。")},
        help_text=_("このお知らせが届いた人みんなが読めます。電話番号などは書かないでください。"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class ReasonForm(KairanForm):
    """Why: for officers to read, or for the one who is told."""

    show_marks = False
    reason = ProseField(
        label=_("わけ"),
        error_messages={"required": _("わけを、ひとこと書いてください。")},
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, hint: Any = "", required: bool = True, longest: int = 500, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["reason"]
        field.help_text, field.required = hint, required
        field.validators = [MaxLengthValidator(longest)]


class RulesForm(Edits):
    """What officers open or close for every post."""

    show_marks = False
    comments = forms.BooleanField(label=_("お知らせに、コメントを書けるようにする"), required=False, widget=Switch)
    reactions = forms.BooleanField(label=_("気持ちのボタンを出す"), required=False, widget=Switch)


class ReceivingForm(KairanForm):
    """お知らせの受け取り方."""

    show_marks = False
    choice = forms.ChoiceField(
        label=_("お知らせのメール"),
        choices=Receiving.Choice.choices,
        widget=Choices(
            notes={
                Receiving.Choice.NOW.value: _("届いたら、そのつどメールで。夜9時から朝7時は、朝まで待ちます"),
                Receiving.Choice.DAILY.value: _("新しいものを、夕方6時にまとめて1通で"),
                Receiving.Choice.NONE.value: _("緊急のほかは、メールは届きません"),
            }
        ),
    )


class PostForm(Edits):
    """A post as its writer may write it: only audiences, groups, communities and seats that are theirs to choose."""

    kind = forms.ChoiceField(
        label=_("お知らせの種類"),
        choices=[(kind.value, kind.label) for kind in KIND_NOTES],
        widget=Choices(notes=KIND_NOTES, layout="pairs"),
        initial=Post.Kind.NOTICE,
    )
    audience = forms.ChoiceField(label=_("届ける相手"), widget=Choices(layout="pairs"))
    group = forms.ModelChoiceField(Group.objects.none(), label=_("組"), required=False, empty_label=_("組を選ぶ"))
    community = forms.ModelChoiceField(
        Community.objects.none(), label=_("コミュニティ"), required=False, empty_label=_("コミュニティを選ぶ")
    )
    title = ProseField(label=_("題名"), help_text=_("例：7月26日（日）は朝の清掃活動です"), max_length=120)
    body = ProseField(
        label=_("本文"),
        required=False,
        max_length=20_000,
        strip=False,
        help_text=_("行のはじめに「・」や「1.」をつけると、箇条書きになります。"),
        widget=forms.Textarea(attrs={"rows": 8}),
    )
    photos = FilesField(
        label=_("写真"),
        required=False,
        help_text=_("写真があると、よく読まれます。撮った場所の記録は、自動で消します。"),
    )
    document = forms.FileField(
        label=_("書類（PDF）"), required=False, help_text=_("1つまで。紙の回覧をそのままのせられます。")
    )
    event = forms.ChoiceField(
        label=_("カレンダーの行事"),
        required=False,
        help_text=_("つけると、お知らせの下に出欠のボタンが出ます。"),
    )
    when = forms.ChoiceField(
        label=_("届ける日時"),
        choices=[("now", _("すぐに")), ("later", _("日時を決める"))],
        widget=Choices(layout="pairs"),
        initial="now",
    )
    publish_on = forms.DateField(label=_("届ける日"), required=False, widget=DateInput)
    publish_time = forms.TimeField(label=_("届ける時刻"), required=False, widget=TimeInput, initial=MORNING)
    expires_at = forms.DateField(
        label=_("出しておく最後の日"), required=False, widget=DateInput, help_text=_("すぎると、ホームから消えます。")
    )
    as_seat = forms.ModelChoiceField(Seat.objects.none(), label=_("差出人"), required=False)
    comments_open = forms.BooleanField(label=_("コメントを受け付ける"), required=False, widget=Switch, initial=True)
    pinned = forms.BooleanField(label=_("いちばん上に固定する"), required=False, widget=Switch)

    reactions_open = forms.BooleanField(label=_("気持ちのボタンを出す"), required=False, widget=Switch, initial=True)

    acts = ("draft",)
    plain: ClassVar = ("kind", "audience", "title", "body", "comments_open", "reactions_open")

    def __init__(
        self,
        *args: Any,
        member: Member,
        of: Post | None = None,
        homes: int = 0,
        events: Sequence[tuple[str, str]] = (),
        drafting: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, of=of, **kwargs)
        self.drafting = drafting
        self.fields["title"].required = not drafting
        self.choices_of("event").choices = [("", _("行事をつけない")), *events]
        self.offer_audiences(member, homes)
        self.choices_of("as_seat").queryset = member.seats()
        self.choices_of("as_seat").empty_label = _("%(name)sさん（役職なし）") % {"name": member.name}
        if of and of.is_public:
            for name in ("when", "publish_on", "publish_time"):
                del self.fields[name]
        if of and not of.is_draft:
            del self.fields["as_seat"]  # whoever corrects a post does not sign it anew
        if not member.may(Act.PIN_POST):
            del self.fields["pinned"]

    def shown(self, row: Post) -> dict[str, Any]:
        return written(row)

    def choices_of(self, name: str) -> Any:
        return self.fields[name]

    def offer_audiences(self, member: Member, homes: int) -> None:
        rooms = Community.objects.writable_by(member)
        audiences = [each for each in Post.Audience if member.may(Act.WRITE_POST, Post(audience=each))]
        if rooms.exists():
            audiences.insert(min(2, len(audiences)), Post.Audience.COMMUNITY)
        self.choices_of("audience").choices = [(audience.value, audience.label) for audience in audiences]
        notes = {**AUDIENCE_NOTES, Post.Audience.EVERYONE: _("%(homes)s世帯") % {"homes": homes}}
        self.choices_of("audience").widget.notes = {key.value: note for key, note in notes.items()}
        self.choices_of("group").queryset = member.led_groups()
        self.choices_of("community").queryset = rooms.order_by("name")
        if audiences:
            self.initial.setdefault("audience", audiences[0])

    def clean_photos(self) -> list[Any]:
        photos: list[Any] = self.cleaned_data["photos"]
        if len(photos) > MAX_PHOTOS:
            raise forms.ValidationError(_("写真は、いちどに20枚までにしてください。"))
        return photos

    def clean(self) -> None:
        later = self.cleaned_data.get("when") == "later" and not self.drafting
        if later and not self.cleaned_data.get("publish_on") and "publish_on" not in self.errors:
            self.add_error("publish_on", _("届ける日が、まだ入っていません。"))

    def fields_of_post(self) -> dict[str, Any]:
        """What `Post.write` and `Post.edit` take. Answers to questions that were not meant are left aside."""
        told = self.cleaned_data
        fields = {name: told[name] for name in self.plain}
        fields["group"] = told["group"] if told["audience"] == Post.Audience.GROUP else None
        fields["community"] = told["community"] if told["audience"] == Post.Audience.COMMUNITY else None
        fields["expires_at"] = midnight_after(told["expires_at"]) if told["expires_at"] else None
        fields |= {name: told[name] for name in ("as_seat", "pinned", "version") if name in told}
        fields["event"] = int(told["event"]) if told["event"] else None
        if self.drafting:
            fields["publish_at"] = None
        elif "when" in told:
            fields["publish_at"] = self.moment() if told["when"] == "later" else timezone.now()
        return fields

    def moment(self) -> datetime:
        on, at = self.cleaned_data["publish_on"], self.cleaned_data.get("publish_time") or MORNING
        return timezone.make_aware(datetime.combine(on, at))


def midnight_after(day: Any) -> datetime:
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min))


def written(post: Post) -> dict[str, Any]:
    """The post as the form shows it to be changed."""
    names = (*PostForm.plain, "group", "community", "pinned", "as_seat", "event")
    shown = {name: getattr(post, name) for name in names}
    local = timezone.localtime(post.publish_at) if post.publish_at else None
    later = {"when": "later", "publish_on": local.date(), "publish_time": local.time()} if local else {}
    last = {"expires_at": timezone.localdate(post.expires_at - timedelta(seconds=1))} if post.expires_at else {}
    return shown | later | last
