"""P10 over generated histories: a schema is there unless retention is over, its dump is whole, and two have approved.

What happened is remembered by the test itself; what is believed of the dump is read from the object store.
`HISTORIES=500 pytest tests/provisioning/test_histories.py` is the promise; fewer run every time.
"""

import hashlib
import io
import os
import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.utils import timezone

from controlplane.associations.models import Association
from controlplane.tenancy import proof, public, schemas
from provisioning import archive
from provisioning.closing import dump, ending, erasure
from provisioning.models import Application, Closure
from tests.provisioning import endings
from tests.stored import default_storage as stored_files

HISTORIES = int(os.environ.get("HISTORIES", "40"))
FEW = HISTORIES // 20  # so many drops would prove little
LENGTH = 20
POINTS: list[tuple[Any, str]] = [
    (archive, "export"), (archive, "verify"), (default_storage, "save"), (default_storage, "open"),
    (dump, "check"), (dump, "fetch"), (schemas, "drop"), (proof, "demand"), (default_storage, "empty"),
    (erasure, "forget"), (ending, "settle"), (Closure, "note_dump"), (Closure, "note_drop"),
]  # fmt: skip


class Killed(BaseException):
    """A worker that is no more."""


@dataclass
class History:
    """One association's story, and what its teller remembers of it."""

    dice: random.Random
    association: Association
    operators: list[Any]
    closed: Any = None
    days: float = 0
    words: set[tuple[int, str]] = field(default_factory=set)  # who approved, and the digest they saw
    told: list[str] = field(default_factory=list)

    def tell(self) -> None:
        """Half of them begin late, when ninety days are over: that is where a drop is near."""
        if self.dice.random() < 0.5:
            self.close()
            self.days = 100
            endings.pass_days(self.closed, 100)
            self.tend()
        for _step in range(LENGTH):
            act = self.dice.choice(ACTS if self.closed else [History.close, *ACTS])
            may_go = self.may_go()
            act(self)
            self.told.append(act.__name__)
            assert endings.exists(self.association) or may_go or self.may_go(), self.told
            if not endings.exists(self.association):
                return

    def may_go(self) -> bool:
        """Retention over, dump whole, two approvals of this dump: as this test remembers and sees it."""
        if self.closed is None or self.days <= 90:
            return False
        content = _stored(self.closed)
        if content is None or not _is_archive_of(self.association, content):
            return False
        digest = hashlib.sha256(content).hexdigest()
        return len({who for who, seen in self.words if seen == digest}) >= 2

    def close(self) -> None:
        with public():
            closure = Closure.begin(self.association, by="運営 1", reason="合併のため")
        if self.closed is None:
            self.closed, self.days = closure, 0.0
            self.words.clear()

    def undo(self) -> None:
        if self.closed:
            with public():
                endings.fresh(self.closed).undo(by="運営 1")
            self.closed = None

    def time_passes(self) -> None:
        if self.closed:
            days = self.dice.choice([1, 30, 60, 92])
            endings.pass_days(self.closed, days)
            self.days += days

    def tend(self) -> None:
        if self.closed:
            endings.fresh(self.closed).tend()

    def tend_and_be_killed(self) -> None:
        """At a random point, before or after what happens there."""
        owner, name = self.dice.choice(POINTS)
        after = self.dice.random() < 0.5
        if self.closed:
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(owner, name, _deadly(getattr(owner, name), after=after))
                with suppress(Killed):
                    endings.fresh(self.closed).tend()

    def corrupt_the_dump(self) -> None:
        if self.closed and _stored(self.closed) is not None:
            with public():
                stored_files.save(endings.fresh(self.closed).dump_key, ContentFile(b"PK nothing"))

    def approve(self) -> None:
        operator = self.dice.choice(self.operators)
        if self.closed:
            closure = endings.fresh(self.closed)
            with suppress(ValidationError):
                with public():
                    closure.approve(by=operator, name=self.dice.choice(["おわり町内会", "おわり町内会", "ほかの会"]))
                self.words.add((operator.pk, closure.dump_sha256))

    def drop_without_asking(self) -> None:
        with suppress(proof.NoProof, dump.DamagedDump):
            schemas.drop(self.association.uuid)

    def forge_a_drop(self) -> None:
        """Somebody calls the innermost step by hand."""
        if self.closed:
            with suppress(proof.NoProof):
                ending.drop(endings.fresh(self.closed))

    def forget_that_it_was_live(self) -> None:
        with public():
            Association.objects.filter(pk=self.association.pk).update(live_at=None)
        self.drop_without_asking()
        with public():
            Association.objects.filter(pk=self.association.pk).update(live_at=timezone.now() - timedelta(days=400))

    def rename(self) -> None:
        with public():
            row = Association.objects.get(pk=self.association.pk)
            try:
                row.rename(f"owari{self.dice.randrange(10**9)}", by="運営 1")
            except ValidationError:
                assert row.state == "closed"

    def suspend_or_resume(self) -> None:
        with public():
            row = Association.objects.get(pk=self.association.pk)
            if row.suspension:
                row.resume(by="運営 1")
            else:
                row.suspend(by="運営 1", reason="相談中")


ACTS: list[Callable[[History], None]] = [
    History.close, History.undo, History.time_passes, History.time_passes, History.tend, History.tend, History.tend,
    History.tend_and_be_killed, History.tend_and_be_killed, History.approve, History.approve, History.approve,
    History.approve, History.corrupt_the_dump, History.drop_without_asking, History.forge_a_drop,
    History.forget_that_it_was_live, History.rename, History.suspend_or_resume,
]  # fmt: skip


def _deadly(real: Any, *, after: bool) -> Any:
    def killed(*arguments: Any, **named: Any) -> Any:
        if after:
            real(*arguments, **named)
        raise Killed

    return killed


def _stored(closure: Closure | None) -> bytes | None:
    key = closure and endings.fresh(closure).dump_key
    if not key:
        return None
    with public():
        if not stored_files.exists(key):
            return None
        with stored_files.open(key) as stored:
            content: bytes = stored.read()
    return content


def _is_archive_of(association: Association, content: bytes) -> bool:
    try:
        return archive.verify(io.BytesIO(content)).association == association.uuid
    except archive.BadArchive:
        return False


def test_a_schema_goes_only_when_everything_is_proven(django_db_setup, django_db_blocker):
    """Whatever the order. And once all is proven and nobody kills the worker, it does go."""
    seed = int(os.environ.get("SEED", random.randrange(10**6)))
    ends: Counter[str] = Counter()
    with django_db_blocker.unblock():
        operators = endings.operators()
        association = endings.found_live()
        try:
            for number in _numbers(ends):
                history = History(random.Random(f"{seed}:{number}"), association, operators)
                history.tell()
                ends[_end_of(history, seed)] += 1
                if not endings.exists(association):
                    endings.sweep(association)
                    association = endings.found_live()
        finally:
            endings.sweep(association)
            connection.close()
    assert sum(ends.values()) >= HISTORIES, seed
    assert ends["dropped"] > FEW, (seed, ends)


def _numbers(ends: Counter[str]) -> Iterator[int]:
    """As many as are asked for; and some more, should chance have let too few of them end in a drop."""
    for number in range(3 * HISTORIES):
        if number >= HISTORIES and ends["dropped"] > FEW:
            return
        yield number


def _end_of(history: History, seed: int) -> str:
    if history.closed is None:
        return "open"
    if history.may_go() or not endings.exists(history.association):
        endings.fresh(history.closed).tend()
        assert not endings.exists(history.association), (seed, history.told)
        closure = endings.fresh(history.closed)
        assert closure.dropped_at and closure.settled_at, (seed, history.told)  # noqa: PT018
        with public():
            assert Application.objects.get(association=history.association).representative_email == ""
        return "dropped"
    with public():
        endings.fresh(history.closed).undo(by="運営 1")
        assert Association.objects.get(pk=history.association.pk).state in ("live", "suspended"), (seed, history.told)
    return "brought back"
