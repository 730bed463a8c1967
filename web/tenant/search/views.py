"""Searching: words, chips that narrow, and what this member may see of what answers."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.http import HttpResponse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from controlplane.rates import Cost, costs
from tenants.search.models import Place
from tenants.search.shelves import find
from web.access import member_required
from web.tenant.page import SiteRequest, fragment, show
from web.tenant.search.forms import KINDS, TIMES, SearchForm

EPOCH = datetime.fromtimestamp(0, timezone.get_default_timezone())
TICK = timedelta(microseconds=1)


class Chip(NamedTuple):
    label: Any
    query: str
    current: bool


@costs(Cost.SEARCH)
@member_required
@require_safe
def search(request: SiteRequest) -> HttpResponse:
    """The newest first; `?after=` goes on where a page ended."""
    form = SearchForm(request.GET, member=request.member)
    question = form.question()
    page = find(request.member, question, after=_place(request.GET.get("after", "")))
    asked = {name: request.GET[name] for name in form.fields if request.GET.get(name)}
    context: dict[str, Any] = {
        "found": page.found,
        "words": question.words,
        "more": urlencode({**asked, "after": _cursor(page.next)}) if page.next else "",
    }
    if request.htmx and "after" in request.GET:
        return fragment(request, "tenant/search/_found.html", **context)
    context |= {
        "asked": not question.is_empty,
        "shown": form["q"].value() or "",
        "kinds": list(_chips(asked, "kind", KINDS)),
        "times": list(_chips(asked, "when", TIMES, instead_of=("since", "until"))),
        "chosen": "・".join(form.chosen()),
        "words_only": urlencode({"q": asked.get("q", "")}),
    }
    return show(request, "tenant/search/search.html", form=form, **context)


def _chips(asked: dict[str, str], name: str, choices: Any, instead_of: tuple[str, ...] = ()) -> Iterator[Chip]:
    """The same question with another answer to one of its parts: a link each."""
    rest = {key: value for key, value in asked.items() if key not in (name, *instead_of)}
    given = asked.get(name, "") if not any(key in asked for key in instead_of) else None
    for value, label in choices:
        yield Chip(label, urlencode({**rest, name: value} if value else rest), value == given)


def _cursor(place: Place) -> str:
    return f"{(place.at - EPOCH) // TICK}_{place.pk}"


def _place(cursor: str) -> Place | None:
    """Where a cursor points; nonsense in it means the beginning."""
    try:
        microseconds, pk = (int(part) for part in cursor[:40].split("_"))
        return Place(EPOCH + microseconds * TICK, pk) if abs(pk) < 2**63 else None
    except (ValueError, OverflowError):
        return None
