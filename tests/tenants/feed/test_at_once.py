"""At the same moment: pieces of one file, and files for the last of the room. Real threads, committed rows."""

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from controlplane.associations.models import Association
from controlplane.tenancy import bound, public
from tenants.feed.models import Attachment, Room, Upload
from tenants.feed.models.uploads import OffsetMoved
from tenants.feed.uploads import Clean
from tenants.members.models import Member

TOGETHER = 6


@pytest.fixture
def house(django_db_setup: None, django_db_blocker: Any) -> Iterator[Association]:
    """桃南会 as other threads see it; what is kept there meanwhile is taken away again."""
    with django_db_blocker.unblock():
        with public():
            association = Association.objects.get(slug="tonan")
        yield association
        with bound(association):
            Upload.objects.all().delete()
            Attachment.objects.all().forget()


def outcomes(house: Association, act: Callable[[Member], object]) -> Counter[str]:
    start = Barrier(TOGETHER)

    def one(_n: int) -> str:
        try:
            with bound(house):
                member = Member.objects.get(user__email="member@tonan.example.jp")
                start.wait(timeout=30)
                act(member)
            return "done"
        except (OffsetMoved, ValidationError) as refusal:
            return getattr(refusal, "code", None) or type(refusal).__name__
        finally:
            connection.close()

    with ThreadPoolExecutor(TOGETHER) as pool:
        return Counter(pool.map(one, range(TOGETHER)))


def test_of_pieces_that_come_at_once_one_counts(house):
    with bound(house):
        member = Member.objects.get(user__email="member@tonan.example.jp")
        upload = Upload.objects.begin(by=member, name="x", length=100)
    assert outcomes(house, lambda _member: upload.append(b"x" * 60, at=0)) == {"done": 1, "OffsetMoved": TOGETHER - 1}
    with bound(house):
        assert Upload.objects.get(pk=upload.pk).received == 60


def test_the_last_of_the_room_is_given_once(house, monkeypatch):
    with bound(house):
        used = Room.now().used
    monkeypatch.setattr(Association, "storage_bytes", used + 150)
    copy = Clean("photo", "x.webp", "image/webp", b"x" * 60, b"y" * 40, None, "", 1, 1)
    kept = outcomes(house, lambda member: Attachment.objects.keep(copy, by=member))
    assert kept == {"done": 1, "room": TOGETHER - 1}
    with bound(house):
        assert Room.now().used == used + 100
