"""Who may do what, by one table: each act on things of one's own and of others, by everybody of every role.

Three must agree with the table: `member.may`, the pages and the API. An act without a row fails, and so does an address
that changes something without asking for an act. Holes are planted below, one of each kind, and found.
"""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

import pytest
from django.core.cache import caches
from django.test import Client
from django.utils import timezone

from api.permissions import IsMember
from api.v1.members import Members
from controlplane.associations.models import Association
from controlplane.outbox.models import Message
from controlplane.tenancy import bound
from tenants.calendar.models import Event, Telling
from tenants.calendar.models.telling import Tell
from tenants.communities.models import Community
from tenants.feed import news
from tenants.feed.models import Attachment, Post
from tenants.members.models import Act, Member, acts
from tests.architecture.conftest import METHODS
from tests.architecture.may_doors import DOORS, day_of
from tests.architecture.may_scene import SITE, Scene, build
from tests.architecture.may_table import EVERYBODY, INSIDE, LEADERS, OFFICE, OUTSIDER, TABLE
from tests.architecture.test_crawl import OPEN, SITE_URLS
from tests.conftest import Cast
from tests.undone import undone

Row = tuple[Act, str | None, set[str]]
AT_DOORS = {"member", "former leader", "former officer", OUTSIDER} | LEADERS | OFFICE
FEW = 4  # where no more may, each of them is tried at the doors


@pytest.fixture
def scene(tonan: Association, cast: Cast, outsider: Member, fujishiro: Association) -> Scene:
    return build(tonan, cast, outsider, fujishiro)


def differences(scene: Scene, *about: Act) -> list[str]:
    """Wherever a model's answer, a page or the API differs from the table: about these acts, or all."""
    rows = [row for row in _rows() if not about or row[0] in about]
    return [*_answers(scene, rows), *_through_doors(scene, rows)]


def _answers(scene: Scene, rows: list[Row]) -> Iterator[str]:
    with bound(scene.association):
        people = {role: scene.afresh(role) for role in sorted(EVERYBODY)}
        for act, name, who in rows:
            thing = scene.things[name]
            for role, person in people.items():
                if person.may(act, thing) != (role in who):
                    yield f"model: {role}, {act}, {name}: {role not in who}"


def _through_doors(scene: Scene, rows: list[Row]) -> Iterator[str]:
    for act, name, who in rows:
        with bound(scene.association):
            found = DOORS[act](scene.things[name], scene) if act in DOORS else []
        for door in found:
            caches["routing"].clear()
            for role in sorted(AT_DOORS | (who if len(who) <= FEW else set())):
                if door.opens_to(scene.visitors[role]) != (role in who - door.less):
                    yield f"{door.method} {door.path}: {role}, {act}, {name}: {role not in who - door.less}"


def _rows() -> Iterator[Row]:
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
    with undone(), bound(scene.association):
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
    "/kept/",  # what this browser has kept
    "/objection/x/",  # by a key of its own
    "/support/end/",  # a visitor of operations going
    "/support/x/",  # a visitor of operations coming in, by a key
    "/api/v1/me/",  # registered or not; the verb it calls asks
    "/api/v1/members/",  # registering oneself
    "/api/v1/nowhere/",
}
# The ways into one's own account, whoever one is here: the session says whose they are.
OWN_ACCOUNT = ("/menu/devices/", "/api/v1/me/devices/", "/api/v1/me/tokens/", "/api/v1/me/contacts/")
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
    "/posts/1/comments/1/": "chair's notice",
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


def asking(scene: Scene, asked: list[Act], urls: Iterable[str] = SITE_URLS) -> list[str]:
    """Addresses that change something without asking for an act."""
    return [
        f"{method} {url}"
        for url in urls
        if url not in OPEN | ASKING_NOTHING and not url.startswith(OWN_ACCOUNT)
        for method in METHODS[1:]
        if not _asks(scene, asked, method, url)
    ]


def _asks(scene: Scene, asked: list[Act], method: str, url: str) -> bool:
    """Somebody of the three who do most is asked about, or the method does not exist here."""
    path, kind = _address(scene, url), {"content_type": "application/json"} if url.startswith("/api/") else {}
    for role in ("representative", "member", "leader"):
        asked.clear()
        visitor = scene.visitors[role]
        client = Client(HTTP_HOST=SITE, raise_request_exception=False)
        client.cookies = visitor.cookies.copy()
        headers = {"Authorization": f"Token {visitor.token}"} if kind else {}
        caches["routing"].clear()
        with undone():
            typed = TYPED | {"on": scene.things["day"]}
            answer = getattr(client, method)(path, typed, headers=headers, **kind)
        if asked or answer.status_code == 405:
            return True
    return False


def _address(scene: Scene, url: str) -> str:
    bare = url.removeprefix("/api/v1")
    parts = url.split("/1/")
    for places in (BEHIND, WITHIN)[: len(parts) - 1]:
        fitting = [begin for begin in places if bare.startswith(begin)]
        thing = scene.things[places[max(fitting, key=len)]] if fitting else None
        parts[:2] = [f"{parts[0]}/{thing.pk if thing else 1}/{parts[1]}"]
    return parts[0].replace("/occurrences/1/", f"/occurrences/{scene.things['day']}/")


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
        scene.things["day"] = day_of(scene.event)
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
    found = differences(scene, Act.WRITE_POST)
    assert any(line.startswith("model: leader, write_post, post to 2組") for line in found)
    assert any(line.startswith("post /api/v1/posts/: second leader, write_post, post to everyone") for line in found)


def test_the_walk_finds_power_that_outlives_the_office(scene, monkeypatch):
    def by_author(member: Member, event: Any) -> bool:
        return member.is_officer or event.author_id == member.pk

    monkeypatch.setitem(acts._rules, Act.CHANGE_EVENT, by_author)
    event = scene.things["former leader's event"]
    found = differences(scene, Act.CHANGE_EVENT)
    assert (
        f"post /api/v1/events/{event.pk}/cancellation/: former leader, change_event, former leader's event: True"
        in found
    )
    assert f"post /calendar/{event.pk}/cancel/: former leader, change_event, former leader's event: True" in found


def test_the_walk_finds_an_officer_who_rewrites_a_member(scene, monkeypatch):
    monkeypatch.setitem(acts._rules, Act.EDIT_POST, lambda member, post: member.is_officer)
    found = differences(scene, Act.EDIT_POST)
    talk = scene.things["unsigned notice"]
    assert "model: officer, edit_post, member's talk: True" in found
    assert f"patch /api/v1/posts/{talk.pk}/: officer, edit_post, unsigned notice: True" in found


def test_the_walk_finds_an_api_that_says_more_than_the_page(scene, monkeypatch):
    monkeypatch.setattr(Members, "get_permissions", lambda self: [IsMember()])
    found = differences(scene, Act.SEE_ROSTER)
    assert "get /api/v1/members/: member, see_roster, None: True" in found
    assert not any("/members/: member" in line and "/api/" not in line for line in found)


def test_the_walk_finds_who_is_left_out_for_being_there_by_a_seat(scene, monkeypatch):
    monkeypatch.setattr(Community, "people", lambda self: Member.objects.filter(memberships__community=self))
    assert "an event called off: ['second leader']" in letters(scene)


def test_the_walk_finds_an_address_that_asks_nobody(furnished, asked, monkeypatch):
    monkeypatch.setattr(Event, "put_back", lambda self, on, by: None)
    url = "/api/v1/events/1/occurrences/1/"
    assert asking(furnished, asked, [url]) == [f"delete {url}"]
