"""However many homes there are, a page costs what it shows: in statements, rows, objects and bytes.

The one thing that grows is the list of groups to choose from, by a line for each.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import caches
from django.db import connection, models
from django.utils import timezone

from controlplane.accounts.models import User
from controlplane.associations.features import Feature
from controlplane.associations.models import Association, Grant
from controlplane.tenancy import bound, public
from tenants.calendar.models import Event, Rsvp
from tenants.communities.models import Community, Membership
from tenants.feed.models import Confirmation, Post, ReadReceipt
from tenants.members.models import Group, Household, Member, Seat, SeatTerm

A_GROUP = 15
SMALL, FULL, LARGE = 36, 360, 600  # homes; from the second on every list has more than a page
AN_OPTION = 60  # bytes
LISTS = {"admissions": 5}  # of groups to choose from
FEW = 8  # lists on a page, objects in a row: a page of 50 rows is no more than this many times fifty objects


@dataclass
class Cost:
    """What a page cost to make and to send."""

    statements: int = 0
    rows: int = 0
    objects: int = 0
    bytes: int = 0


@pytest.fixture
def things(tonan, officer) -> dict[str, Any]:
    """Something to open on each kind of page."""
    with public():
        Association.objects.get(pk=tonan.pk).grant(Feature.DELIVERY_LEDGER, source=Grant.Source.CITY)
    caches["routing"].clear()
    start = timezone.now() + timedelta(days=4)
    when = {"starts_at": start, "ends_at": start + timedelta(hours=2)}
    with bound(tonan):
        off = Event.plan(by=officer, title="雨の運動会", **when)
        return {
            "post": Post.write(by=officer, title="夏まつり"),
            "circular": Post.write(by=officer, kind="circular", title="回覧です"),
            "event": Event.plan(by=officer, title="盆おどり", **when),
            "off": off,
            "club": Community.objects.get(name="防災の会"),
            "seat": Seat.objects.get(title="会長"),
        }


def settle(tonan, officer, things, many: int) -> None:
    """Bring the association to so many homes, with people who read, press, answer, join and lead."""
    with bound(tonan):
        homes = many - Household.objects.count()
        first = Household.objects.order_by("-pk").first().pk
        groups = Group.objects.bulk_create(
            Group(name=f"{first}-{n}組", position=first + n) for n in range(homes // A_GROUP)
        )
        new = Household.objects.bulk_create(
            Household(name=f"家{first + n}", group=groups[n % len(groups)], channel="app") for n in range(homes)
        )
        users = User.objects.bulk_create(User(email=f"{home.pk}@tonan.example.jp") for home in new)
        people = Member.objects.bulk_create(
            Member(
                user=user, name=f"会員{home.pk}", household=home, admitted_at=timezone.now() if home.pk % 4 else None
            )
            for user, home in zip(users, new, strict=True)
        )
        _lead(groups, people)
        _take_part(officer, things, people)


def _lead(groups: list[Group], people: list[Member]) -> None:
    seats = Seat.objects.bulk_create(
        Seat(title=f"{group} 組長", kind=Seat.Kind.LEADER, group=group) for group in groups
    )
    today = timezone.localdate()
    SeatTerm.objects.bulk_create(
        SeatTerm(seat=seat, member=person, starts_on=today) for seat, person in zip(seats, people, strict=False)
    )


def _take_part(officer: Member, things: dict[str, Any], people: list[Member]) -> None:
    """A third reads, a third presses its seal, all answer, in turn; and all are inside the club or at its door."""
    words = ("yes", "no", "maybe")
    for n, person in enumerate(people):
        home = person.household_id
        if n % 3 == 0:
            ReadReceipt.objects.create(post=things["post"], member=person, household_id=home)
        if n % 3 == 1:
            Confirmation.objects.create(post=things["circular"], household_id=home, by=officer)
        for event in (things["event"], things["off"]):
            on = timezone.localdate(event.starts_at)
            Rsvp.objects.create(event=event, household_id=home, member=person, occurs_on=on, answer=words[n % 3])
    states = ("active", "active", "requested", "invited")
    Membership.objects.bulk_create(
        Membership(community=things["club"], member=person, state=states[n % 4]) for n, person in enumerate(people)
    )


PAGES = {
    "home": "/",
    "post": "/posts/{post.pk}/",
    "circular": "/posts/{circular.pk}/",
    "seals": "/posts/{circular.pk}/confirmations/",
    "ledger": "/posts/{post.pk}/delivery/",
    "members": "/members/",
    "admissions": "/members/waiting/",
    "seat": "/members/seats/{seat.pk}/",
    "calendar": "/calendar/",
    "event": "/calendar/{event.pk}/",
    "called off": "/calendar/{off.pk}/",
    "answers": "/calendar/{event.pk}/answers/",
    "communities": "/communities/",
    "people": "/communities/{club.pk}/people/",
    "club": "/communities/{club.pk}/",
    "menu": "/menu/",
}
MEMBERS_PAGES = ("home", "post", "circular", "calendar", "event", "called off", "communities", "people", "club", "menu")


@contextmanager
def counted() -> Iterator[Cost]:
    cost = Cost()

    def count(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        result = execute(sql, params, many, context)
        cost.statements += 1
        cost.rows += max(0, context["cursor"].rowcount)
        return result

    made = models.Model.from_db.__func__

    def from_db(cls: type, *args: Any) -> Any:
        cost.objects += 1
        return made(cls, *args)

    with pytest.MonkeyPatch.context() as patch, connection.execute_wrapper(count):
        patch.setattr(models.Model, "from_db", classmethod(from_db))
        yield cost


def costs_of(client, pages: tuple[str, ...], things: dict[str, Any]) -> dict[str, Cost]:
    costs = {}
    for page in pages:
        path = PAGES[page].format(**things)
        client.get(path)  # what is cached, or pressed by reading, is so now
        with counted() as cost:
            answer = client.get(path)
        assert answer.status_code == 200, path
        cost.bytes = len(answer.content)
        costs[page] = cost
    return costs


@pytest.mark.parametrize("who", ["officer", "member"])
def test_a_page_costs_what_it_shows_however_many_homes_there_are(client_for, cast, tonan, things, who):
    reader, pages = client_for(getattr(cast, who)), tuple(PAGES) if who == "officer" else MEMBERS_PAGES
    told, groups = {}, {}
    for many in (SMALL, FULL, LARGE):
        settle(tonan, cast.officer, things, many)
        if many == SMALL:
            with bound(tonan):
                things["off"].cancel(by=cast.officer)
        told[many] = costs_of(reader, pages, things)
        with bound(tonan):
            groups[many] = Group.objects.count()
    more = groups[LARGE] - groups[FULL]
    for page in pages:
        small, full, large = (told[many][page] for many in (SMALL, FULL, LARGE))
        assert large.statements == full.statements <= small.statements + 1, page  # one for groups to choose from
        assert large.rows <= full.rows + more, page
        assert large.objects <= full.objects + more, page
        assert large.bytes <= full.bytes + AN_OPTION * LISTS.get(page, 1) * more, page
        assert full.objects <= small.objects + FEW * 50, page


def test_the_measure_sees_a_page_that_grows(officer, tonan, things):
    costs = []
    for many in (SMALL, FULL):
        settle(tonan, officer, things, many)
        with bound(tonan), counted() as cost:
            assert len(Household.objects.select_related("group")) == many
        costs.append(cost)
    assert [(cost.statements, cost.rows) for cost in costs] == [(1, SMALL), (1, FULL)]
    assert costs[0].objects < costs[1].objects
