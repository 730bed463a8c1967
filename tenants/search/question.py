"""What somebody looks for: words, and what narrows them."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from controlplane.folding import words_of
from tenants.search.grams import tag_numbers, wanted


@dataclass(frozen=True)
class Author:
    """Who speaks: a seat, or a person speaking as themselves."""

    kind: str  # "seat" or "member"
    pk: int

    def __str__(self) -> str:
        return f"{self.kind}:{self.pk}"


@dataclass(frozen=True)
class Question:
    """All of it has to hold. The words are folded already: make one with `asking`."""

    words: tuple[str, ...] = ()
    what: str = ""  # a tag every entry has one of: notice, report, …, document, event, community
    author: Author | None = None
    group: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    circles: tuple[str, ...] = ()  # said to one of these, wherever the index is asked; nothing: to anybody

    @classmethod
    def asking(cls, text: str, **narrowed: Any) -> "Question":
        return replace(cls(words=words_of(text)), **narrowed)

    @property
    def is_empty(self) -> bool:
        return self == Question()

    @property
    def tags(self) -> tuple[str, ...]:
        group = f"group:{self.group}" if self.group is not None else ""
        return tuple(filter(None, (self.what, str(self.author or ""), group)))

    def grams(self) -> list[int]:
        """What the index is asked for: what every entry that answers holds."""
        return sorted(set().union(*map(wanted, self.words), tag_numbers(self.tags)))

    def circle_numbers(self) -> list[int]:
        return sorted(tag_numbers(self.circles))
