"""Where found things come from: each app above puts up a shelf, and says there who may see what lies on it.

Whatever a search shows goes through `visible`: the index alone never answers anybody.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from typing import Any

from django.db.models import QuerySet

from tenants.search.models import Entry, Kind, Match, Place
from tenants.search.question import Question

PAGE = 20
Things = QuerySet[Any, Any]


@dataclass(frozen=True)
class Shelf:
    """All things of one kind."""

    kind: Kind
    visible: Callable[[Any, Question], Things]  # those a member sees that fit what narrows the question, words apart
    ready: Callable[[Any, Any], Things]  # the same with what is shown of them
    everything: Callable[[], Things]  # what belongs into the index
    lately: Callable[[datetime], Things]  # of that, at least what was written, changed or erased since a moment
    entry: Callable[[Any], Entry]
    said: Callable[[Any], tuple[str, str]]  # its title, and the rest of its words
    circles: Callable[[Any], Iterable[str]] = lambda member: ()  # in which a member is; one shelf says so for all


@dataclass(frozen=True)
class Found:
    """Something that answers and that the member may see."""

    kind: Kind
    thing: Any
    place: Place

    @property
    def at(self) -> datetime:
        return self.place.at

    @property
    def title(self) -> str:
        return _shelves[self.kind].said(self.thing)[0]

    @property
    def text(self) -> str:
        return _shelves[self.kind].said(self.thing)[1]


@dataclass(frozen=True)
class Page:
    found: list[Found]
    next: Place | None  # where the page after it begins; None when there is none


_shelves: dict[int, Shelf] = {}


def put_up(shelf: Shelf) -> None:
    _shelves[shelf.kind] = shelf


def shelves() -> list[Shelf]:
    return [_shelves[kind] for kind in sorted(_shelves)]


def find(member: Any, question: Question, *, after: Place | None = None, size: int = PAGE) -> Page:
    """A page of what answers, newest first, of what this member may see. A question without anything finds nothing."""
    seen: list[Match] = []
    circles = tuple(name for shelf in shelves() for name in shelf.circles(member))
    for batch in () if question.is_empty else Entry.objects.matches(replace(question, circles=circles), after):
        seen += _seen(member, question, batch)
        if len(seen) > size:
            break
    page = seen[:size]
    return Page(_taken_down(member, question, page), page[-1].place if len(seen) > size else None)


def _seen(member: Any, question: Question, batch: list[Match]) -> Iterator[Match]:
    """Those of the batch whose thing this member sees."""
    visible = {
        (kind, pk) for kind, things in _by_kind(member, question, batch) for pk in things.values_list("pk", flat=True)
    }
    return (match for match in batch if (match.kind, match.object_id) in visible)


def _taken_down(member: Any, question: Question, page: list[Match]) -> list[Found]:
    things = {
        (kind, thing.pk): thing
        for kind, found in _by_kind(member, question, page)
        for thing in _shelves[kind].ready(member, found)
    }
    return [
        Found(Kind(match.kind), things[match.kind, match.object_id], match.place)
        for match in page
        if (match.kind, match.object_id) in things
    ]


def _by_kind(member: Any, question: Question, matches: Iterable[Match]) -> Iterator[tuple[int, Things]]:
    known = [match for match in matches if match.kind in _shelves]  # the next release may have written others
    for kind, group in groupby(sorted(known, key=lambda match: match.kind), key=lambda match: match.kind):
        pks = [match.object_id for match in group]
        yield kind, _shelves[kind].visible(member, question).filter(pk__in=pks)
