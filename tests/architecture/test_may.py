"""Who may do what, by one table: each act on things of one's own and of others, by everybody of every role.

Three must agree with the table: `member.may`, the pages and the API. An act without a row fails, and so does an address
that changes something without asking for an act. Holes are planted below, one of each kind, and found.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from django.core.cache import caches
from django.test import Client
from django.utils import timezone

from api.permissions import IsMember
from api.v1.members import Members
from controlplane.accounts.models import User
from controlplane.associations.features import Feature
from controlplane.associations.models import Association
from controlplane.outbox.models import Message
from controlplane.tenancy import bound, public
from tenants.calendar.models import Event, Telling
from tenants.calendar.models.telling import Tell
from tenants.communities.models import Community, HandoverRecord
from tenants.feed import news
from tenants.feed.models import Attachment, Confirmation, Moderation, Post
from tenants.members.models import Act, Group, Household, Invitation, Member, Seat, acts
from tests.architecture.conftest import METHODS, Visitor, _undone, _with_keys, host_of
from tests.architecture.test_crawl import OPEN, SITE_URLS

SITE = host_of("tonan")

# Who they are. 防災の会 is a community: the second leader is in it by the seat, the officer is outside.
INSIDE = {"member", "moderator", "second leader", "representative"}
OFFICE = {"officer", "representative"}
LEADERS = {"leader", "second leader"}  # of 1組 and 2組
FORMER = {"former leader", "former officer", "former representative", "former moderator"}
EVERYBODY = {"member", "neighbour", "moderator"} | OFFICE | LEADERS | FORMER
NOBODY: set[str] = set()
REPRESENTATIVE = {"representative"}
IN_1 = {"neighbour", "leader", "representative", "former leader"} | OFFICE  # who reads what is said to 1組
OUTSIDER = "outsider"

# The rule. Things are made in `scene`; None is the question whether there is anything at all.
TABLE: dict[Act, dict[str | None, set[str]]] = {
    Act.MIND_ONESELF: {None: EVERYBODY},
    Act.SEE_ROSTER: {
        None: OFFICE | LEADERS,
        "home in 1組": OFFICE | {"leader"},
        "home in 2組": OFFICE | {"second leader"},
    },
    Act.MIND_HOME: {"home in 1組": OFFICE, "neighbour's home": OFFICE | {"neighbour"}},
    Act.KEEP_HOME: {None: OFFICE, "home in 1組": OFFICE, "neighbour's home": OFFICE},
    Act.CORRECT_PERSON: {"neighbour": OFFICE | {"neighbour"}},
    Act.ADMIT: {"waiting": OFFICE},
    Act.TAKE_OUT: {"neighbour": OFFICE | {"neighbour"}},
    Act.ERASE: {"neighbour": OFFICE | {"neighbour"}},
    Act.INVITE: {
        None: OFFICE | LEADERS,
        "invitation into 1組": OFFICE | {"leader"},
        "invitation into 2組": OFFICE | {"second leader"},
        "invitation to 会計": OFFICE,
        "invitation to 会長": REPRESENTATIVE,
    },
    Act.WITHDRAW_INVITATION: {"invitation into 1組": OFFICE | {"leader"}, "invitation to 会計": OFFICE},
    Act.KEEP_GROUPS: {None: OFFICE, "1組": OFFICE},
    Act.SEE_SEATS: {None: OFFICE},
    Act.MAKE_SEAT: {None: OFFICE},
    Act.HAND_OVER: {"会計": OFFICE, "会長": REPRESENTATIVE},
    Act.SEE_PLAN: {None: OFFICE},
    Act.SEE_USAGE: {None: OFFICE},
    Act.CHOOSE_PLAN: {None: REPRESENTATIVE},
    Act.TAKE_EVERYTHING_ALONG: {None: REPRESENTATIVE},
    Act.CHOOSE_ADDRESS: {None: REPRESENTATIVE},
    Act.SEE_SUPPORT: {None: OFFICE},
    Act.LET_SUPPORT_IN: {None: REPRESENTATIVE},
    Act.END_SUPPORT: {None: OFFICE},
    Act.DEAL_WITH_FEDERATIONS: {None: OFFICE},
    Act.START_COMMUNITY: {None: OFFICE},
    Act.ENTER_COMMUNITY: {"防災の会": EVERYBODY, "役員のへや": OFFICE},
    Act.LEAD_COMMUNITY: {None: OFFICE | {"moderator"}, "防災の会": OFFICE | {"moderator"}},
    Act.REOPEN_COMMUNITY: {"防災の会": OFFICE},
    Act.WRITE_RECORD: {None: OFFICE | LEADERS | INSIDE, "1組 組長": {"leader"}, "防災の会": INSIDE},
    Act.EDIT_RECORD: {"record of 1組 組長": {"leader"}, "member's record in 防災の会": {"member"}},
    Act.REMOVE_RECORD: {
        "record of 1組 組長": {"leader"},
        "member's record in 防災の会": {"member", "moderator", "representative"},
    },
    Act.WRITE_POST: {
        None: OFFICE | LEADERS | INSIDE,
        "post to everyone": OFFICE,
        "post to 1組": OFFICE | {"leader"},
        "post to 2組": OFFICE | {"second leader"},
        "post to the seats": OFFICE | LEADERS,
        "post to officers": OFFICE,
        "post into 防災の会": INSIDE,
    },
    Act.PIN_POST: {None: OFFICE, "member's talk": OFFICE | {"moderator"}},
    Act.EDIT_POST: {
        "chair's notice": OFFICE,
        "treasurer's notice": OFFICE,  # signed by the seat, by somebody who has left it
        "unsigned notice": NOBODY,  # of somebody who spoke to all as an officer, and is none any more
        "leader's word": OFFICE | {"leader"},
        "former leader's word": NOBODY,
        "member's talk": {"member"},
        "seat's talk": {"second leader", "representative"},
    },
    Act.WITHDRAW_POST: {
        "chair's notice": OFFICE,
        "treasurer's notice": OFFICE,
        "unsigned notice": OFFICE,
        "leader's word": OFFICE | {"leader"},
        "former leader's word": OFFICE,
        "member's talk": {"member"},
        "seat's talk": {"second leader", "representative"},
    },
    Act.ANSWER_POST: {"chair's notice": EVERYBODY, "leader's word": IN_1, "member's talk": INSIDE},
    Act.REMOVE_COMMENT: {
        "comment on the notice": OFFICE | {"member"},
        "comment in the talk": {"member", "representative"},
    },
    Act.REPORT: {"chair's notice": EVERYBODY, "member's talk": INSIDE},
    Act.HIDE: {
        "chair's notice": OFFICE,
        "member's talk": {"representative"},
        "reported talk": OFFICE | {"moderator"},
    },
    Act.SETTLE: {
        None: OFFICE | {"moderator"},
        "report": OFFICE,
        "moderator's hiding": OFFICE | {"moderator"},
        "former moderator's hiding": OFFICE,
    },
    Act.SEE_REPORTS: {None: OFFICE},
    Act.RULE_TALK: {None: OFFICE},
    Act.SEE_REACH: {"circular": OFFICE | LEADERS, "leader's word": OFFICE | {"leader"}},
    Act.CONFIRM_FOR: {"home in 1組": OFFICE | {"leader"}, "home in 2組": OFFICE | {"second leader"}},
    Act.TAKE_SEAL_BACK: {"former leader's seal": OFFICE},
    Act.HAND_PAPER: {"home in 1組": OFFICE | {"leader"}, "home in 2組": OFFICE | {"second leader"}},
    Act.SEND_FILES: {None: EVERYBODY},
    Act.DESCRIBE_FILE: {"photo of the notice": OFFICE, "photo of the talk": {"member"}},
    Act.REMOVE_FILE: {"photo of the notice": OFFICE, "photo of the talk": {"member", "representative"}},
    Act.SEE_ROOM: {None: OFFICE},
    Act.PLAN_EVENT: {
        None: OFFICE | LEADERS | INSIDE,
        "event for everyone": OFFICE | LEADERS,
        "event for officers": OFFICE,
        "event in 防災の会": INSIDE,
    },
    Act.SHARE_EVENT: {None: OFFICE},
    Act.CHANGE_EVENT: {
        "leader's event": OFFICE | {"leader"},
        "former leader's event": OFFICE,
        "former officer's event": OFFICE,
        "former representative's event": OFFICE,
        "officers' event": OFFICE,
        "member's event": {"member", "moderator", "representative"},
    },
    Act.ANSWER_EVENT: {"leader's event": EVERYBODY, "member's event": INSIDE, "officers' event": OFFICE},
    Act.ANSWER_FOR: {"home in 1組": OFFICE | {"leader"}, "home in 2組": OFFICE | {"second leader"}},
    Act.SEE_ANSWERS: {None: OFFICE},
    Act.FILL_CALENDAR: {None: OFFICE},
}


@dataclass
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


@pytest.fixture
def scene(tonan: Association, cast: Any, outsider: Member, fujishiro: Association) -> Scene:
    with public():
        tonan.grant(Feature.DELIVERY_LEDGER, source="gift", by="tests")
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
    user = User.objects.create(email=f"{role.replace(' ', '-')}@tonan.example.jp", password=make_password(None))
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


# The doors to an act: what is sent to which address. `less` names who has another way than this one.
@dataclass(frozen=True)
class Door:
    method: str
    path: str
    body: dict[str, Any] = field(default_factory=dict)
    less: frozenset[str] = frozenset()

    @property
    def is_api(self) -> bool:
        return self.path.startswith("/api/")

    def opens_to(self, visitor: Visitor) -> bool:
        """Whether it was done; nothing that is done stays."""
        headers = {"Authorization": f"Token {visitor.token}"} if self.is_api else {}
        client = Client(HTTP_HOST=SITE, headers=headers, raise_request_exception=False)
        if not self.is_api:
            client.cookies = visitor.cookies.copy()
        kind = {"content_type": "application/json"} if self.is_api and self.method != "get" else {}
        with _undone():
            answer = getattr(client, self.method)(self.path, self.body, **kind)
        assert answer.status_code < 500, f"{self}: {answer.content[:300]!r}"
        led_away = answer.status_code == 302 and answer["Location"].startswith("/sign-in/")
        return answer.status_code in {200, 201, 204, 302} and not led_away


def page(path: str, less: frozenset[str] | set[str] = frozenset(), **body: Any) -> Door:
    return Door("post", f"/{path}", body, frozenset(less))


def look(path: str) -> Door:
    return Door("get", f"/{path}")


def api(method: str, path: str, less: frozenset[str] | set[str] = frozenset(), **body: Any) -> Door:
    return Door(method, f"/api/v1/{path}", body, frozenset(less))


WORDS = {"problem": "x", "handling": "x", "outcome": "done", "happened_on": "2026-04-01"}


def _home_words(home: Household) -> dict[str, Any]:
    return {"name": home.name, "channel": "paper", "group": home.group_id}


def _post_words(post: Post) -> dict[str, Any]:
    said = {"title": "新", "audience": post.audience, "group": post.group_id, "community": post.community_id}
    return {name: value for name, value in said.items() if value}


def _page_words(post: Post) -> dict[str, Any]:
    return _post_words(post) | {"kind": post.kind, "when": "now"}


def _event_words(event: Event) -> dict[str, Any]:
    to = {"audience": event.audience, "community": event.community_id or ""}
    return {"title": "新", "on": "2030-05-01", "starts": "09:00", "ends": "10:00", "repeat": "", **to}


def _api_event(event: Event) -> dict[str, Any]:
    to = {"audience": event.audience, "community": event.community_id}
    return {"title": "新", "starts_at": "2030-05-01T09:00+09:00", "ends_at": "2030-05-01T10:00+09:00", **to}


def _day(event: Event) -> str:
    return event.next_occurrence().on.isoformat()


def _inviting(invitation: Invitation) -> dict[str, Any]:
    chosen = {"group": invitation.group_id, "seat": invitation.seat_id}
    return {name: pk for name, pk in chosen.items() if pk}


def _doors_of_change(event: Event) -> list[Door]:
    on = _day(event)
    moved = {"starts_at": f"{on}T12:00+09:00", "ends_at": f"{on}T13:00+09:00"}
    return [
        page(f"calendar/{event.pk}/edit/", **_event_words(event)),
        page(f"calendar/{event.pk}/move/", on=on, day=on, starts="12:00", ends="13:00"),
        page(f"calendar/{event.pk}/put-back/", on=on),
        page(f"calendar/{event.pk}/cancel/", on=on, scope="one"),
        page(f"calendar/{event.pk}/cancel/", on=on, scope="all"),
        look(f"calendar/{event.pk}/attendance/"),
        look(f"calendar/{event.pk}/attendance.csv"),
        api("patch", f"events/{event.pk}/", title="新"),
        api("patch", f"events/{event.pk}/?from={on}", title="新"),
        api("put", f"events/{event.pk}/occurrences/{on}/", **moved),
        api("delete", f"events/{event.pk}/occurrences/{on}/"),
        api("post", f"events/{event.pk}/cancellation/", to="everybody"),
    ]


DOORS: dict[Act, Callable[[Any, Scene], list[Door]]] = {
    Act.MIND_ONESELF: lambda _, s: [look("menu/profile/"), look("news/"), api("get", "me/news/")],
    Act.SEE_ROSTER: lambda home, s: (
        [look(f"members/households/{home.pk}/"), api("get", f"households/{home.pk}/")]
        if home
        else [look("members/"), api("get", "members/"), api("get", "households/")]
    ),
    Act.KEEP_HOME: lambda home, s: (
        [
            page(f"members/households/{home.pk}/", **_home_words(home)),
            api("patch", f"households/{home.pk}/", **_home_words(home)),
        ]
        if home
        else [page("members/households/add/", name="x", channel="paper"), api("post", "households/", name="x")]
    ),
    Act.CORRECT_PERSON: lambda person, s: [api("patch", f"members/{person.pk}/", name="x")],
    Act.ADMIT: lambda person, s: [
        look("members/waiting/"),
        page(f"members/waiting/{person.pk}/admit/"),
        page(f"members/waiting/{person.pk}/decline/"),
        api("post", f"members/{person.pk}/admission/"),
        api("delete", f"members/{person.pk}/admission/"),
    ],
    Act.TAKE_OUT: lambda person, s: [
        page(f"members/{person.pk}/leave/", less={"neighbour"}),
        api("delete", f"members/{person.pk}/"),
    ],
    Act.ERASE: lambda person, s: [page(f"members/{person.pk}/erase/", less={"neighbour"}, understood="on")],
    Act.INVITE: lambda made, s: (
        [
            page("members/invitations/", uses=1, days=7, **_inviting(made)),
            api("post", "invitations/", **_inviting(made)),
        ]
        if made
        else [look("members/invitations/"), api("get", "invitations/")]
    ),
    Act.WITHDRAW_INVITATION: lambda made, s: [
        page(f"members/invitations/{made.pk}/withdraw/"),
        api("delete", f"invitations/{made.pk}/"),
    ],
    Act.KEEP_GROUPS: lambda group, s: (
        [page(f"members/groups/{group.pk}/", name="x"), api("patch", f"groups/{group.pk}/", name="x")]
        if group
        else [page("members/groups/", name="x"), api("post", "groups/", name="x")]
    ),
    Act.SEE_SEATS: lambda _, s: [look("members/seats/"), api("get", f"seats/{s.things['会計'].pk}/terms/")],
    Act.MAKE_SEAT: lambda _, s: [
        page("members/seats/", title="x", kind="officer"),
        api("post", "seats/", title="x", kind="officer"),
    ],
    Act.HAND_OVER: lambda seat, s: [
        page(f"members/seats/{seat.pk}/", to=s.people["neighbour"].pk, on="2030-04-01"),
        api("post", f"seats/{seat.pk}/terms/", member=s.people["neighbour"].pk, on="2030-04-01"),
    ],
    Act.SEE_PLAN: lambda _, s: [look("plan/"), api("get", "subscription/")],
    Act.SEE_USAGE: lambda _, s: [look("menu/messages/"), api("get", "messages/usage/")],
    Act.TAKE_EVERYTHING_ALONG: lambda _, s: [look("menu/archive/")],
    Act.CHOOSE_ADDRESS: lambda _, s: [look("menu/address/")],
    Act.SEE_SUPPORT: lambda _, s: [look("support/")],
    Act.LET_SUPPORT_IN: lambda _, s: [page("support/grant/", reason="x", duration="day")],
    Act.END_SUPPORT: lambda _, s: [page("support/revocation/")],
    Act.DEAL_WITH_FEDERATIONS: lambda _, s: [look("federation/")],
    Act.START_COMMUNITY: lambda _, s: [
        page("communities/new/", name="x", access="open"),
        api("post", "communities/", name="x"),
    ],
    Act.ENTER_COMMUNITY: lambda room, s: [
        page(f"communities/{room.pk}/join/"),
        api("put", f"communities/{room.pk}/membership/"),
    ],
    Act.LEAD_COMMUNITY: lambda room, s: (
        [
            page(f"communities/{room.pk}/change/", name="x", access="open"),
            page(f"communities/{room.pk}/invite/", group=s.things["1組"].pk),
            page(f"communities/{room.pk}/close/"),
            look(f"communities/{room.pk}/reports/"),
            api("patch", f"communities/{room.pk}/", name="x"),
            api("post", f"communities/{room.pk}/invitations/", group=s.things["1組"].pk),
            api("get", f"communities/{room.pk}/requests/"),
            api("put", f"communities/{room.pk}/closure/"),
        ]
        if room
        else []
    ),
    Act.REOPEN_COMMUNITY: lambda room, s: [
        page(f"communities/{room.pk}/reopen/"),
        api("delete", f"communities/{room.pk}/closure/"),
    ],
    Act.WRITE_RECORD: lambda owner, s: (
        [
            page("handover/new/", to=f"{'s' if isinstance(owner, Seat) else 'c'}{owner.pk}", **WORDS),
            api("post", "handover-records/", **{"seat" if isinstance(owner, Seat) else "community": owner.pk}, **WORDS),
        ]
        if owner
        else [look("handover/new/")]
    ),
    Act.EDIT_RECORD: lambda record, s: [
        page(f"handover/{record.pk}/edit/", **WORDS),
        api("patch", f"handover-records/{record.pk}/", problem="y"),
    ],
    Act.REMOVE_RECORD: lambda record, s: [
        page(f"handover/{record.pk}/remove/"),
        api("delete", f"handover-records/{record.pk}/"),
    ],
    Act.WRITE_POST: lambda post, s: (
        [page("posts/new/", **_page_words(post)), api("post", "posts/", **_post_words(post))] if post else []
    ),
    Act.EDIT_POST: lambda post, s: [
        look(f"posts/{post.pk}/edit/"),
        page(f"posts/{post.pk}/edit/", **_page_words(post)),
        api("patch", f"posts/{post.pk}/", title="新"),
    ],
    Act.WITHDRAW_POST: lambda post, s: [
        page(f"posts/{post.pk}/remove/"),
        look(f"posts/{post.pk}/history/"),
        api("delete", f"posts/{post.pk}/"),
        api("put", f"posts/{post.pk}/withdrawal/"),
        api("get", f"posts/{post.pk}/versions/"),
    ],
    Act.ANSWER_POST: lambda post, s: [
        look(f"posts/{post.pk}/"),
        page(f"posts/{post.pk}/comment/", body="x"),
        page(f"posts/{post.pk}/reaction/", kind="thanks"),
        api("get", f"posts/{post.pk}/"),
        api("post", f"posts/{post.pk}/comments/", body="x"),
        api("put", f"posts/{post.pk}/reaction/", kind="thanks"),
    ],
    Act.REMOVE_COMMENT: lambda comment, s: [
        page(f"comments/{comment.pk}/remove/"),
        api("delete", f"posts/{comment.post_id}/comments/{comment.pk}/"),
    ],
    Act.REPORT: lambda post, s: [
        page(f"posts/{post.pk}/report/", reason="x"),
        api("post", f"posts/{post.pk}/report/", reason="x"),
    ],
    Act.HIDE: lambda post, s: [
        page(f"posts/{post.pk}/hiding/", reason="x"),
        api("put", f"posts/{post.pk}/hiding/", reason="x"),
    ],
    Act.SETTLE: lambda row, s: (
        [page(f"reports/{row.pk}/settlement/"), api("put", f"reports/{row.pk}/settlement/")]
        if row
        else [api("get", "reports/")]
    ),
    Act.SEE_REPORTS: lambda _, s: [look("reports/")],
    Act.RULE_TALK: lambda _, s: [
        page("menu/talk/", comments="on"),
        api("put", "feed-rules/", comments=True, reactions=False),
    ],
    Act.SEE_REACH: lambda post, s: [
        look(f"posts/{post.pk}/delivery/"),
        api("get", f"posts/{post.pk}/delivery/"),
        api("get", f"posts/{post.pk}/delivery/unknown/"),
        *(
            [look(f"posts/{post.pk}/confirmations/"), api("get", f"posts/{post.pk}/confirmations/")]
            if post.kind == Post.Kind.CIRCULAR
            else []
        ),
    ],
    Act.CONFIRM_FOR: lambda home, s: [
        page(f"posts/{s.things['circular'].pk}/confirmations/home/", household=home.pk),
        api("put", f"posts/{s.things['circular'].pk}/confirmations/{home.pk}/"),
    ],
    Act.TAKE_SEAL_BACK: lambda seal, s: [
        page(f"posts/{seal.post_id}/confirmations/home/", household=seal.household_id, undo="1"),
        api("delete", f"posts/{seal.post_id}/confirmations/{seal.household_id}/"),
    ],
    Act.HAND_PAPER: lambda home, s: [page(f"posts/{s.things['circular'].pk}/delivery/paper/", household=home.pk)],
    Act.DESCRIBE_FILE: lambda file, s: [api("patch", f"attachments/{file.pk}/", alt="x")],
    Act.REMOVE_FILE: lambda file, s: [page(f"attachments/{file.pk}/removal/", less={"member"})],
    Act.SEE_ROOM: lambda _, s: [look("menu/room/")],
    Act.PLAN_EVENT: lambda event, s: (
        [page("calendar/new/", **_event_words(event)), api("post", "events/", **_api_event(event))] if event else []
    ),
    Act.SHARE_EVENT: lambda _, s: [api("post", "events/", shared=True, **_api_event(Event(audience="everyone")))],
    Act.CHANGE_EVENT: lambda event, s: _doors_of_change(event),
    Act.ANSWER_EVENT: lambda event, s: [
        page(f"calendar/{event.pk}/rsvp/", answer="yes"),
        api("put", f"events/{event.pk}/rsvp/", answer="yes"),
    ],
    Act.ANSWER_FOR: lambda home, s: [
        page(f"calendar/{s.event.pk}/answers/enter/", household=home.pk, answer="yes"),
        api("put", f"events/{s.event.pk}/occurrences/{_day(s.event)}/proxy/", household=home.pk, answer="yes"),
    ],
    Act.FILL_CALENDAR: lambda _, s: [look("calendar/import/"), look("calendar/copy/")],
}


def differences(scene: Scene, *, doors: bool = True) -> list[str]:
    """Wherever a model's answer, a page or the API differs from the table."""
    caches["routing"].clear()  # the limits on how often one may ask
    return [*_answers(scene), *(_through_doors(scene) if doors else ())]


def _answers(scene: Scene) -> Iterator[str]:
    with bound(scene.association):
        people = {role: scene.afresh(role) for role in sorted(EVERYBODY)}
        for act, name, who in _rows():
            thing = scene.things[name]
            for role, person in people.items():
                if person.may(act, thing) != (role in who):
                    yield f"model: {role}, {act}, {name}: {role not in who}"


def _through_doors(scene: Scene) -> Iterator[str]:
    for act, name, who in _rows():
        with bound(scene.association):
            found = DOORS[act](scene.things[name], scene) if act in DOORS else []
        for door in found:
            caches["routing"].clear()
            for role, visitor in sorted(scene.visitors.items()):
                if door.opens_to(visitor) != (role in who - door.less):
                    yield f"{door.method} {door.path}: {role}, {act}, {name}: {role not in who - door.less}"


def _rows() -> Iterator[tuple[Act, str | None, set[str]]]:
    for act, things in TABLE.items():
        for name, who in things.items():
            yield act, name, who


def test_every_act_stands_in_the_table_and_has_a_rule():
    assert set(TABLE) == set(Act)
    assert set(acts._rules) == set(Act)


def test_models_pages_and_api_answer_as_the_table_says(scene):
    assert differences(scene) == []


def test_nobody_outside_the_roster_may_anything(scene, tonan):
    """Neither who waits nor who has left; and who only looks on does nothing."""
    with bound(tonan):
        gone = scene.afresh("representative")
        gone.left_at = timezone.now()
        visitor = Member.visitor("運営")
        for act, name, _who in _rows():
            thing = scene.things[name]
            assert not gone.may(act, thing), act
            assert not Member.objects.waiting().get().may(act, thing), act
            assert not visitor.may(act, thing), act


# Who is written to. Whoever is in a community by a seat is in it.
def _told(scene: Scene, tell: Callable[[], None]) -> set[str]:
    with _undone(), bound(scene.association):
        before = set(Message.objects.values_list("pk", flat=True))
        tell()
        addresses = set(Message.objects.exclude(pk__in=before).values_list("to", flat=True))
    return {role for role, person in scene.people.items() if person.user and person.user.email in addresses}


def _call_off(scene: Scene) -> None:
    scene.things["member's event"].cancel(by=scene.afresh("member"), to=Tell.EVERYBODY)
    Telling.go_on(Telling.objects.get().pk)


def _urgent(scene: Scene) -> None:
    said = Post.write(by=scene.afresh("member"), kind="urgent", title="x", **scene.inside)
    news.tell_of(said.pk)


def _mention(scene: Scene) -> None:
    scene.things["member's talk"].comment(by=scene.afresh("member"), body="@2組 組長 @former moderatorさん")


def _circular_homes(scene: Scene) -> set[str]:
    with bound(scene.association):
        homes = set(scene.things["member's talk"].audience_households().values_list("pk", flat=True))
    return {role for role, person in scene.people.items() if person.household_id in homes}


def letters(scene: Scene) -> list[str]:
    """Wherever others than those inside hear of a community's affairs."""
    told = {
        "an event called off": (_told(scene, partial(_call_off, scene)), INSIDE),
        "urgent news": (_told(scene, partial(_urgent, scene)), INSIDE - {"member"}),
        "a mention": (_told(scene, partial(_mention, scene)), {"second leader"}),
        "the homes it is for": (_circular_homes(scene), INSIDE),
    }
    return [f"{what}: {sorted(found ^ meant)}" for what, (found, meant) in told.items() if found != meant]


def test_letters_about_a_community_go_to_those_inside(scene):
    assert letters(scene) == []


# Every address that changes something asks for an act. What anybody may do, or does with a key of its own, is OPEN.
ASKING_NOTHING = {
    "/calendar/layers/",  # a cookie of this screen
    "/support/end/",  # a visitor of operations going
    "/support/x/",  # a visitor of operations coming in, by a key
    "/api/v1/me/",  # registered or not; the verb it calls asks
    "/api/v1/members/",  # registering oneself
}
TYPED = {
    "title": "x",
    "body": "x",
    "reason": "x",
    "name": "x",
    "kind": "notice",
    "audience": "everyone",
    "starts_at": "2030-05-01T09:00+09:00",
    "ends_at": "2030-05-01T10:00+09:00",
    "answer": "yes",
    "text": "x",
    "problem": "x",
    "handling": "x",
    "choice": "none",
    "comments": True,
    "reactions": True,
    "enter": True,
    "when": "now",
    "on": "2030-05-01",
    "starts": "09:00",
    "ends": "10:00",
    "day": "2030-05-01",
    "access": "open",
    "member": 1,
    "household": 1,
    "plan": "standard",
    "outcome": "done",
    "happened_on": "2026-04-01",
}
# What stands behind an address, the longest beginning that fits; `/api/v1` is left out.
BEHIND = {
    "/posts/1/": "circular",
    "/posts/1/edit/": "chair's notice",
    "/posts/1/comments/1/": "comment on the notice",
    "/posts/1/restoration/": "withdrawn",
    "/comments/1/": "comment on the notice",
    "/reports/1/": "report",
    "/attachments/1/": "photo of the notice",
    "/calendar/1/": "leader's event",
    "/events/1/": "leader's event",
    "/members/1/": "neighbour",
    "/members/waiting/1/": "waiting",
    "/members/1/admission/": "waiting",
    "/members/households/1/": "home in 1組",
    "/households/1/": "home in 1組",
    "/members/invitations/1/": "invitation into 1組",
    "/invitations/1/": "invitation into 1組",
    "/members/seats/1/": "会計",
    "/seats/1/": "会計",
    "/members/groups/1/": "1組",
    "/groups/1/": "1組",
    "/communities/1/": "防災の会",
    "/handover/1/": "member's record in 防災の会",
    "/handover-records/1/": "member's record in 防災の会",
}
WITHIN = {  # the second number of an address
    "/communities/1/people/1/": "place of the neighbour",
    "/communities/1/members/1/": "place of the neighbour",
    "/posts/1/comments/1/": "comment on the notice",
    "/posts/1/confirmations/1/": "home in 1組",
    "/handover/1/": "photo of the record",
    "/handover-records/1/": "photo of the record",
}


def asking(scene: Scene, asked: list[Act]) -> list[str]:
    """Addresses that change something without asking for an act."""
    return [
        f"{method} {url}"
        for url in SITE_URLS
        if url not in OPEN | ASKING_NOTHING
        for method in METHODS[1:]
        if not _asks(scene, asked, method, url)
    ]


def _asks(scene: Scene, asked: list[Act], method: str, url: str) -> bool:
    """Somebody of the three who do most is asked about, or the method does not exist here."""
    path, kind = _address(scene, url), {"content_type": "application/json"} if url.startswith("/api/") else {}
    answers = set()
    for role in ("representative", "member", "leader"):
        asked.clear()
        visitor = scene.visitors[role]
        client = Client(HTTP_HOST=SITE, raise_request_exception=False)
        client.cookies = visitor.cookies.copy()
        headers = {"Authorization": f"Token {visitor.token}"} if kind else {}
        caches["routing"].clear()
        with _undone():
            answers.add(getattr(client, method)(path, TYPED, headers=headers, **kind).status_code)
        if asked:
            return True
    return answers == {405}


def _address(scene: Scene, url: str) -> str:
    bare = url.removeprefix("/api/v1")
    parts = url.split("/1/")
    for places in (BEHIND, WITHIN)[: len(parts) - 1]:
        fitting = [begin for begin in places if bare.startswith(begin)]
        thing = scene.things[places[max(fitting, key=len)]] if fitting else None
        parts[:2] = [f"{parts[0]}/{thing.pk if thing else 1}/{parts[1]}"]
    return parts[0]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Act]:
    """The acts that were asked for, as they are."""
    noted: list[Act] = []

    def noting(act: Act, rule: Any, member: Member, thing: Any) -> bool:
        noted.append(act)
        return bool(rule(member, thing))

    for act, rule in list(acts._rules.items()):
        monkeypatch.setitem(acts._rules, act, partial(noting, act, rule))
    return noted


@pytest.fixture
def furnished(scene: Scene) -> Scene:
    """With what only addresses name."""
    with bound(scene.association):
        club, record = scene.things["防災の会"], scene.things["member's record in 防災の会"]
        scene.things["place of the neighbour"] = club.memberships.create(
            member=scene.people["neighbour"], state="active"
        )
        scene.things["withdrawn"] = Post.write(by=scene.afresh("representative"), title="x")
        scene.things["withdrawn"].remove(by=scene.afresh("representative"))
        scene.things["photo of the record"] = Attachment.objects.create(
            owner=scene.people["member"], record=record, kind="photo", name="a.webp", content_type="image/webp",
            size=1, width=1, height=1, key="k",
        )  # fmt: skip
    return scene


def test_every_address_that_changes_something_asks_for_an_act(furnished, asked):
    assert asking(furnished, asked) == []


# Holes of each kind, planted.
def test_the_walk_finds_a_leader_who_writes_to_any_group(scene, monkeypatch):
    monkeypatch.setitem(acts._rules, Act.WRITE_POST, lambda member, post: member.is_leader)
    found = differences(scene)
    assert any(line.startswith("model: leader, write_post, post to 2組") for line in found)
    assert any(line.startswith("post /api/v1/posts/: second leader, write_post, post to everyone") for line in found)


def test_the_walk_finds_power_that_outlives_the_office(scene, monkeypatch):
    def by_author(member: Member, event: Any) -> bool:
        return member.is_officer or event.author_id == member.pk

    monkeypatch.setitem(acts._rules, Act.CHANGE_EVENT, by_author)
    event = scene.things["former leader's event"]
    found = differences(scene)
    assert (
        f"post /api/v1/events/{event.pk}/cancellation/: former leader, change_event, former leader's event: True"
        in found
    )
    assert f"post /calendar/{event.pk}/cancel/: former leader, change_event, former leader's event: True" in found


def test_the_walk_finds_an_officer_who_rewrites_a_member(scene, monkeypatch):
    monkeypatch.setitem(acts._rules, Act.EDIT_POST, lambda member, post: member.is_officer)
    found = differences(scene)
    talk = scene.things["unsigned notice"]
    assert "model: officer, edit_post, member's talk: True" in found
    assert f"patch /api/v1/posts/{talk.pk}/: officer, edit_post, unsigned notice: True" in found


def test_the_walk_finds_an_api_that_says_more_than_the_page(scene, monkeypatch):
    monkeypatch.setattr(Members, "get_permissions", lambda self: [IsMember()])
    found = differences(scene)
    assert "get /api/v1/members/: member, see_roster, None: True" in found
    assert not any("/members/: member" in line and "/api/" not in line for line in found)


def test_the_walk_finds_who_is_left_out_for_being_there_by_a_seat(scene, monkeypatch):
    monkeypatch.setattr(Community, "people", lambda self: Member.objects.filter(memberships__community=self))
    assert "an event called off: ['second leader']" in letters(scene)


def test_the_walk_finds_an_address_that_asks_nobody(furnished, asked, monkeypatch):
    monkeypatch.setattr(Event, "put_back", lambda self, on, by: None)
    assert asking(furnished, asked) == ["delete /api/v1/events/1/occurrences/1/"]
