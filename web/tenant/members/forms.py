"""What officers and leaders write about people, homes, seats and invitations. Shape only."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tenants.members.models import Act, Group, Household, HouseholdQuerySet, Member, Seat
from web.editing import Edits
from web.forms import CountField, KairanForm, NormalizedCharField
from web.tenant.joining.forms import AddressForm
from web.widgets import Choices, DateInput

CHANNELS = [(value, label) for value, label in Household.Channel.choices]


class ErasingForm(KairanForm):
    """One mark, so that nobody erases a person by a slip of the finger."""

    show_marks = False
    understood = forms.BooleanField(label=_("元に戻せないことを、わかりました"))


class HomeFilter(KairanForm):
    """Homes by name (officers: by address too) and group. Unknown choices narrow nothing."""

    show_marks = False
    q = NormalizedCharField(
        label=_("名前でさがす"), required=False, max_length=60, widget=forms.TextInput({"type": "search"})
    )
    group = forms.ModelChoiceField(Group.objects.none(), label=_("組"), required=False, empty_label=_("すべて"))

    def __init__(self, *args: Any, viewer: Member, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.addresses = viewer.is_own_officer
        self.fields["group"].queryset = viewer.led_groups()  # type: ignore[attr-defined]
        if self.addresses:
            self.fields["q"].label = _("名前・住所でさがす")

    def narrow(self, homes: HouseholdQuerySet) -> HouseholdQuerySet:
        """Those of the homes that are looked for."""
        self.is_valid()
        wanted = self.cleaned_data
        if wanted.get("q"):
            homes = homes.matching(wanted["q"], addresses=self.addresses)
        return homes.filter(group=wanted["group"]) if wanted.get("group") else homes

    @property
    def narrows(self) -> bool:
        """Whether anything is asked for; else a list shows all there is."""
        return any(self.data.get(name) for name in self.fields)


class RosterFilter(HomeFilter):
    """By channel, too."""

    channel = forms.ChoiceField(label=_("受け取り方"), required=False, choices=[("", _("すべて")), *CHANNELS])

    def narrow(self, homes: HouseholdQuerySet) -> HouseholdQuerySet:
        homes = super().narrow(homes)
        wanted = self.cleaned_data.get("channel")
        return homes.filter(channel=wanted) if wanted else homes


class HouseholdForm(Edits, AddressForm):
    """A home as officers know it."""

    name = NormalizedCharField(
        label=_("世帯の名前"), help_text=_("姓か、部屋の名前。例：ふじのハイツ 203"), max_length=60
    )
    group = forms.ModelChoiceField(Group.objects.all(), label=_("組"), required=False, empty_label=_("まだ分からない"))
    channel = forms.ChoiceField(
        label=_("受け取り方"),
        choices=CHANNELS,
        initial=Household.Channel.PAPER,
        widget=Choices(
            notes={
                Household.Channel.PAPER: _("紙を届けたら、届いたことになります"),
                Household.Channel.NONE: _("組長が、たずねてみます"),
            },
        ),
    )
    field_order = ("name", "group", "channel", "postal_code", "address")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("postal_code", "address"):
            self.fields[name].required = False
            self.fields[name].widget.attrs["autocomplete"] = "off"  # the browser knows the officer's own


class PlaceForm(KairanForm):
    """The group an officer puts a home into while admitting somebody. `groups` are those to choose from, when read."""

    show_marks = False
    group = forms.ModelChoiceField(Group.objects.all(), label=_("組"), required=False, empty_label=_("まだ分からない"))

    def __init__(self, *args: Any, groups: Iterable[Group] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if groups:
            named = [(each.pk, str(each)) for each in groups]
            self.fields["group"].widget.choices = [("", _("まだ分からない")), *named]


class InvitationForm(KairanForm):
    group = forms.ModelChoiceField(
        Group.objects.none(), label=_("組"), required=False, empty_label=_("決めない（本人が選ぶ）")
    )
    seat = forms.ModelChoiceField(
        Seat.objects.none(),
        label=_("役職"),
        required=False,
        empty_label=_("なし（会員として招く）"),
        help_text=_("役職を選ぶと、入った方がその役職になります。1人分だけにしてください。"),
    )
    uses = CountField(label=_("何人まで使えますか"), unit=_("人"), min_value=1, max_value=500, initial=1)
    days = forms.TypedChoiceField(
        label=_("いつまで使えますか"),
        coerce=int,
        choices=[(7, _("7日")), (30, _("30日")), (90, _("90日"))],
        initial=30,
        widget=Choices(layout="three"),
    )

    def __init__(self, *args: Any, inviter: Member, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        group: Any = self.fields["group"]
        group.queryset = inviter.led_groups()
        if not inviter.may_look_at(Act.HAND_OVER):  # leaders bring people into their own groups, without a seat
            del self.fields["seat"]
            group.required, group.empty_label, group.initial = True, None, inviter.led_groups().first()
            return
        seat: Any = self.fields["seat"]
        seat.queryset = Seat.objects.handed_over_by(inviter)


class SeatForm(KairanForm):
    title = NormalizedCharField(label=_("役職の名前"), help_text=_("例：3組 組長、会計、防災の会 代表"), max_length=40)
    kind = forms.ChoiceField(
        label=_("できること"),
        choices=[(Seat.Kind.LEADER, _("組長")), (Seat.Kind.OFFICER, _("役員"))],
        initial=Seat.Kind.LEADER,
        widget=Choices(
            notes={
                Seat.Kind.LEADER: _("自分の組の名簿と、届いたかを見る"),
                Seat.Kind.OFFICER: _("お知らせを書き、名簿をなおし、登録を承認する"),
            }
        ),
    )
    group = forms.ModelChoiceField(
        Group.objects.all(),
        label=_("受け持つ組"),
        required=False,
        empty_label=_("なし"),
        help_text=_("組長のときに選びます。"),
    )


class HandOverForm(Edits):
    to = forms.ModelChoiceField(Member.objects.none(), label=_("次の方"), empty_label=_("選んでください"))
    on = forms.DateField(
        label=_("いつから"),
        widget=DateInput(),
        help_text=_("その日の0時に替わります。先の日を決めておくこともできます。"),
    )

    def __init__(self, *args: Any, offered: Iterable[Member], **kwargs: Any) -> None:
        """`offered` are those to choose from on this page; who is chosen may be anybody of the association."""
        super().__init__(*args, **kwargs)
        to: Any = self.fields["to"]
        to.queryset = Member.objects.admitted()
        to.widget.choices = [("", to.empty_label), *((person.pk, with_group(person)) for person in offered)]

    def shown(self, row: Seat) -> dict[str, Any]:
        return {}  # who comes next is decided anew each time

    def stands(self, row: Seat) -> dict[str, Any]:
        last = row.terms.select_related("member").order_by("-pk").first()
        return {"to": last.member, "on": last.starts_on} if last else {}


def with_group(person: Member) -> str:
    group = person.household.group
    return f"{person.name}（{group}）" if group else person.name


class GroupForm(Edits):
    show_marks = False
    name = NormalizedCharField(label=_("組の名前"), max_length=40, help_text=_("例：7組"))
