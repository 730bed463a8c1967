"""What city and federation have said since an archive was made comes back after a restore, once, as it stands now."""

from collections.abc import Iterator

import pytest

from controlplane.associations.models import Association, Bulletin, BulletinCopy
from controlplane.cities.models import City
from controlplane.tenancy import bound, public
from provisioning import archive
from tenants.feed import bulletins
from tenants.feed.models import Post

WARD = "この試験の区"


@pytest.fixture
def told(living) -> Iterator[None]:
    """The association is the only one of its ward; what is told to it is taken down again."""
    with public():
        Association.objects.filter(pk=living.uuid).update(ward=WARD)
    yield
    with public():
        Bulletin.objects.all().delete()


def tell(title: str) -> Bulletin:
    with public():
        city = City.objects.get(slug="kyoto")
        return Bulletin.objects.publish(by="職員 1", city=city, audience="ward", ward=WARD, title=title, body="本文")


def hand_out() -> None:
    for uuid in bulletins.waiting():
        bulletins.receive(uuid)


def feed(living) -> dict[str, bool]:
    """The titles of what came from outside, and whether each stands."""
    with bound(living.association):
        rows = Post.objects.filter(source="city").values_list("title", "withdrawn_at")
        return {title: withdrawn is None for title, withdrawn in rows}


def test_a_restored_site_receives_what_was_said_since(living, told):
    first, second = tell("はじめの知らせ"), tell("なおす知らせ")
    hand_out()
    file = living.archive()
    with public():
        first.withdraw(by="職員 1")
        second.edit(by="職員 1", title="なおした知らせ", body="本文")
    tell("あとの知らせ")
    hand_out()
    now = {"はじめの知らせ": False, "なおした知らせ": True, "あとの知らせ": True}
    assert feed(living) == now
    archive.restore(living.association, file, by="tests")
    assert feed(living) == {"はじめの知らせ": True, "なおす知らせ": True}  # as it stood in the archive
    for _time in range(2):
        hand_out()
    assert feed(living) == now
    with public():
        assert not BulletinCopy.objects.filter(association=living.uuid, due_at__isnull=False).exists()


def test_a_site_that_never_had_an_archived_notice_is_not_told_of_it_by_message(living, told):
    file = living.archive()
    with public():
        Bulletin.objects.filter(pk=tell("古い知らせ").pk).update(published_at="2026-04-01T00:00Z")
    archive.restore(living.association, file, by="tests")
    hand_out()
    with bound(living.association):
        assert Post.objects.get(title="古い知らせ").tell_at is None
