"""The doors to each act: what pages and API take, and whether it was done."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.test import Client

from tenants.calendar.models import Event
from tenants.feed.models import Post
from tenants.members.models import Act, Household, Invitation, Seat
from tests.architecture.conftest import Visitor
from tests.architecture.may_scene import SITE, Scene
from tests.undone import undone


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
        with undone():
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


def day_of(event: Event) -> str:
    return event.next_occurrence().on.isoformat()


def _inviting(invitation: Invitation) -> dict[str, Any]:
    chosen = {"group": invitation.group_id, "seat": invitation.seat_id}
    return {name: pk for name, pk in chosen.items() if pk}


def _doors_of_change(event: Event) -> list[Door]:
    on = day_of(event)
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
    Act.LET_SUPPORT_IN: lambda _, s: [page("support/grant/", hours=24)],
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
        api("put", f"events/{s.event.pk}/occurrences/{day_of(s.event)}/proxy/", household=home.pk, answer="yes"),
    ],
    Act.FILL_CALENDAR: lambda _, s: [look("calendar/import/"), look("calendar/copy/")],
}
