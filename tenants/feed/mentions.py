"""Calling somebody in a comment: @3組 組長 for whoever holds the seat today, @山本さん for a member by name."""

from collections.abc import Iterator

from tenants.members.models import Member, Seat

MOST = 10  # people one comment calls; the others read it like everybody
MARKS = "@＠"


def called(text: str) -> list[Member]:
    """The people named after an @, each once, with what deciding who sees what needs."""
    after = [part for mark in MARKS for part in text.split(mark)[1:]]
    if not after:
        return []
    found = {pk: None for part in after for pk in _named(part)}
    return list(Member.objects.admitted().filter(user__isnull=False).with_seats().filter(pk__in=list(found)[:MOST]))


def _named(words: str) -> Iterator[int]:
    """The holder of the longest seat title the words begin with; else the members of the longest name."""
    words = words.lstrip(" 　")
    seats = [title for title in Seat.objects.values_list("title", flat=True) if _begins(words, title)]
    if seats:
        holders = Member.objects.leaders().filter(terms__seat__title=max(seats, key=len))
        yield from holders.filter(pk__in=_holders(max(seats, key=len))).values_list("pk", flat=True)
        return
    people = [(name, pk) for pk, name in _candidates(words) if _begins(words, f"{name}さん")]
    longest = max((len(name) for name, _pk in people), default=0)
    yield from (pk for name, pk in people if len(name) == longest)


def _holders(title: str) -> list[int]:
    seat = Seat.objects.with_terms().get(title=title)
    return [seat.holder.pk] if seat.holder else []


def _candidates(words: str) -> "Iterator[tuple[int, str]]":
    """Members whose name begins as the words do, and may be the one meant."""
    name = _plain(words.partition("さん")[0])[:60]
    if not name:
        return
    for pk, whole in Member.objects.admitted().filter(name__startswith=name[:1]).values_list("pk", "name"):
        yield pk, whole
        if family := whole.split()[0]:
            yield pk, family


def _begins(words: str, name: str) -> bool:
    return _plain(words[: len(name) + 4]).startswith(_plain(name))


def _plain(text: str) -> str:
    return text.replace(" ", "").replace("　", "")
