"""Everybody of every role, today's holders and former ones, and what they do something to, by the table's names."""

from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any

from django.utils import timezone

from controlplane.accounts.models import User
from controlplane.associations.features import Feature
from controlplane.associations.models import Association
from controlplane.tenancy import bound, public
from tenants.calendar.models import Event
from tenants.communities.models import Community, HandoverRecord
from tenants.feed.models import Attachment, Confirmation, Moderation, Post
from tenants.members.models import Group, Household, Invitation, Member, Seat
from tests.architecture.conftest import Visitor, _with_keys, host_of
from tests.architecture.may_table import EVERYBODY, OUTSIDER

SITE = host_of("tonan")


@dataclass(repr=False)
class Scene:
    """The people by role, what they do something to by name, and their keys."""

    association: Association
    people: dict[str, Member]
    things: dict[str | None, Any] = field(default_factory=lambda: {None: None})
    visitors: dict[str, Visitor] = field(default_factory=dict)

    @property
    def inside(self) -> dict[str, Any]:
        return {"audience": "community", "community": self.things["防災の会"]}

    @property
    def event(self) -> Event:
        found: Event = self.things["leader's event"]
        return found

    def afresh(self, role: str) -> Member:
        return Member.objects.with_seats().get(pk=self.people[role].pk)


def build(tonan: Association, cast: Any, outsider: Member, fujishiro: Association) -> Scene:
    with public():
        tonan.grant(Feature.DELIVERY_LEDGER, source="tests")
    with bound(tonan):
        made = _people(tonan, cast)
        _things(made)
        made.visitors = {role: _with_keys(SITE, person.user) for role, person in made.people.items()}
    with bound(fujishiro):
        made.visitors[OUTSIDER] = _with_keys(host_of("fujishiro"), outsider.user)
    return made


def _people(tonan: Association, cast: Any) -> Scene:
    """Everybody holds what they held when they did what they did; `_retire` ends it."""
    first, second = Group.objects.get(name="1組"), Group.objects.get(name="2組")
    chair, lead = Seat.objects.get(title="会長"), Seat.objects.get(title="1組 組長")
    treasurer = Seat.objects.add(title="会計", kind="officer", by="tests")
    vice = Seat.objects.add(title="副会長", kind="officer", by="tests")
    other = Seat.objects.add(title="2組 組長", kind="leader", group=second, by="tests")
    people = {"member": cast.member, "leader": cast.leader, "representative": cast.officer}
    in_first = {"neighbour", "former leader"}
    for role in sorted(EVERYBODY - set(people)):
        people[role] = _person(role, first if role in in_first else second)
    seats = [(lead, "former leader"), (treasurer, "former officer"), (chair, "former representative")]
    for seat, role in [*seats, (vice, "officer"), (other, "second leader")]:
        seat.hand_over(people[role], by="tests")
    club = Community.objects.get(name="防災の会")
    for role in ("moderator", "former moderator"):
        club.memberships.create(member=people[role], state="active", role="moderator")
    club.memberships.create(seat=other, state="active")
    return Scene(tonan, people)


def _person(role: str, group: Group) -> Member:
    user = User.objects.create(email=f"the-{role.replace(' ', '-')}@tonan.example.jp")
    home = Household.objects.create(name=role, group=group, channel="app")
    return Member.objects.create(user=user, name=role, household=home, admitted_at=timezone.now())


def _things(made: Scene) -> None:
    who, things = made.afresh, made.things
    groups = {group.name: group for group in Group.objects.all()}
    seats = {seat.title: seat for seat in Seat.objects.all()}
    club, hidden = Community.objects.get(name="防災の会"), Community.objects.get(name="役員のへや")
    things |= groups | seats | {"防災の会": club, "役員のへや": hidden, "neighbour": who("neighbour")}
    things["waiting"] = Member.objects.waiting().get()
    things["neighbour's home"] = who("neighbour").household
    for name, group in groups.items():
        things[f"home in {name}"] = Household.objects.create(name="紙", group=group, channel="paper")
        things[f"invitation into {name}"] = Invitation.objects.invite(by="tests", group=group)[0]
    for title in ("会計", "会長"):
        things[f"invitation to {title}"] = Invitation.objects.invite(by="tests", seat=seats[title])[0]
    _said(made, groups, seats, club)
    _retire(made, seats, club)


def _said(made: Scene, groups: dict[str, Group], seats: dict[str, Seat], club: Community) -> None:
    who, things = made.afresh, made.things
    inside = {"audience": "community", "community": club}
    in_first = {"audience": "group", "group": groups["1組"]}
    write = partial(Post.write, title="話", body="x")
    things["unsigned notice"] = write(by=who("former officer"))
    things["treasurer's notice"] = write(by=who("former officer"), as_seat=seats["会計"])
    things["former leader's word"] = write(by=who("former leader"), **in_first)
    things["member's talk"] = write(by=who("member"), **inside)
    things["reported talk"] = write(by=who("member"), **inside)
    things["seat's talk"] = write(by=who("second leader"), as_seat=seats["2組 組長"], **inside)
    talk = {name: write(by=who("member"), **inside) for name in ("a", "b")}
    for name, role in (("a", "moderator"), ("b", "former moderator")):
        Moderation.report(talk[name], by=who("second leader"), reason="x")
        things[f"{role}'s hiding"] = Moderation.hide(talk[name], by=who(role), reason="x")
    things["report"] = Moderation.report(things["reported talk"], by=who("second leader"), reason="x")
    things["comment in the talk"] = things["member's talk"].comment(by=who("member"), body="x")
    things["circular"] = write(by=who("former representative"), kind="circular")
    things["circular"].round().confirm(things["home in 1組"], by=who("former leader"))
    things["former leader's seal"] = Confirmation.objects.get()
    start = timezone.now() + timedelta(days=3)
    plan = partial(
        Event.plan, title="行事", starts_at=start, ends_at=start + timedelta(hours=1), rrule="FREQ=DAILY;COUNT=9"
    )
    for role in ("former leader", "former officer", "former representative"):
        things[f"{role}'s event"] = plan(by=who(role))
    things["officers' event"] = plan(by=who("former officer"), audience="officers")
    things["member's event"] = plan(by=who("member"), **inside)
    words = {"problem": "x", "handling": "x"}
    things["record of 1組 組長"] = HandoverRecord.write(by=who("former leader"), seat=seats["1組 組長"], **words)
    things["member's record in 防災の会"] = HandoverRecord.write(by=who("member"), community=club, **words)


def _retire(made: Scene, seats: dict[str, Seat], club: Community) -> None:
    """The offices end, those of today begin; and what is done since."""
    who, things = made.afresh, made.things
    seats["会長"].hand_over(made.people["representative"], by="tests")
    seats["1組 組長"].hand_over(made.people["leader"], by="tests")
    seats["会計"].terms.current().update(ends_on=timezone.localdate())
    club.memberships.get(member=made.people["former moderator"]).delete()
    in_first = {"audience": "group", "group": things["1組"]}
    things["chair's notice"] = Post.write(by=who("representative"), as_seat=seats["会長"], title="話")
    things["leader's word"] = Post.write(by=who("leader"), as_seat=seats["1組 組長"], title="話", **in_first)
    things["comment on the notice"] = things["chair's notice"].comment(by=who("member"), body="x")
    start = timezone.now() + timedelta(days=3)
    when = {"starts_at": start, "ends_at": start + timedelta(hours=1)}
    things["leader's event"] = Event.plan(by=who("leader"), title="行事", rrule="FREQ=DAILY;COUNT=9", **when)
    for name, carrier, owner in (("notice", "chair's notice", "representative"), ("talk", "member's talk", "member")):
        things[f"photo of the {name}"] = Attachment.objects.create(
            owner=made.people[owner], post=things[carrier], kind="photo", name="a.webp", content_type="image/webp",
            size=1, width=1, height=1, key="k",
        )  # fmt: skip
    to = Post.Audience
    things |= {
        "post to everyone": Post(audience=to.EVERYONE),
        "post to 1組": Post(audience=to.GROUP, group=things["1組"]),
        "post to 2組": Post(audience=to.GROUP, group=things["2組"]),
        "post to the seats": Post(audience=to.SEATS),
        "post to officers": Post(audience=to.OFFICERS),
        "post into 防災の会": Post(audience=to.COMMUNITY, community=club),
        "event for everyone": Event(audience="everyone"),
        "event for officers": Event(audience="officers"),
        "event in 防災の会": Event(audience="community", community=club),
    }
