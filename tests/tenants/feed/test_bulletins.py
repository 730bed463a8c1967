"""Bulletins: addressed, copied once by each association's own code, corrected, withdrawn, counted."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from controlplane.associations.models import Association, Bulletin, BulletinCopy, FederationMembership
from controlplane.audit.models import Entry
from controlplane.tenancy import bound, current_uuid, public
from tenants.feed import bulletins
from tenants.feed.models import Post
from tenants.members.models import Household, Member

WORDS = {"title": "土のうを受け取れる場所", "body": "強い雨が降りそうです。"}


@pytest.fixture
def federation(kyoto):
    """A federation of the city, without a site of its own; nobody has joined it."""
    with public():
        return Association.objects.create(
            slug="rengo", name="伏見自治連合会", kind="federation", city=kyoto, ward="伏見区", households=9
        )


@pytest.fixture
def accepted(federation, tonan):
    with public():
        row = FederationMembership.objects.ask(federation, tonan, by="連合会の役員")
        row.accept(by="役員")
    return row


@pytest.fixture
def tell(kyoto):
    def tell(**fields):
        with public():
            return Bulletin.objects.publish(by="職員 1", **{"city": kyoto, "audience": "all", **WORDS, **fields})

    return tell


def hand_out() -> None:
    for uuid in bulletins.waiting():
        bulletins.receive(uuid)


def posts(association) -> list[str]:
    with bound(association):
        return list(Post.objects.filter(source_id__isnull=False, withdrawn_at=None).values_list("title", flat=True))


def copies() -> dict[str, BulletinCopy]:
    with public():
        return {each.association.slug: each for each in BulletinCopy.objects.select_related("association")}


def test_a_bulletin_of_the_city_arrives_at_every_site_once(tell, tonan, fujishiro, member):
    tell()
    for _time in range(2):
        hand_out()
    assert posts(tonan) == posts(fujishiro) == [WORDS["title"]]
    with bound(tonan):
        post = Post.objects.visible_to(member).get(source="city")
    assert (post.signature, post.get_source_display(), post.comments_open) == ("京都市", "市からのお知らせ", False)
    assert all(copy.received_at and copy.due_at is None for copy in copies().values())


def test_a_ward_s_reaches_that_ward_only(tell, tonan, fujishiro):
    with public():
        Association.objects.filter(pk=fujishiro.pk).update(ward="左京区")
    tell(audience="ward", ward="伏見区")
    hand_out()
    assert (posts(tonan), posts(fujishiro)) == ([WORDS["title"]], [])


def test_a_federation_s_members_and_itself_are_reached_by_the_city(tell, tonan, fujishiro, federation, accepted):
    tell(audience="federation", to_federation=federation)
    hand_out()
    assert (posts(tonan), posts(fujishiro)) == ([WORDS["title"]], [])


def test_a_federation_reaches_those_who_consented(tell, tonan, fujishiro, federation, accepted):
    with public():
        FederationMembership.objects.ask(federation, fujishiro, by="連合会の役員")  # no answer yet
    tell(city=None, federation=federation, audience="members")
    hand_out()
    assert (posts(tonan), posts(fujishiro)) == ([WORDS["title"]], [])
    with bound(tonan):
        post = Post.objects.get(source="federation")
    assert (post.signature, post.get_source_display()) == ("伏見自治連合会", "連合会からのお知らせ")


def test_who_left_the_federation_is_not_told_any_more(tell, tonan, federation, accepted):
    with public():
        accepted.end(by="役員")
        with pytest.raises(ValidationError):
            Bulletin.objects.publish(by="x", federation=federation, audience="members", **WORDS)


def test_what_had_not_arrived_when_they_left_never_does(tell, tonan, federation, accepted):
    tell(city=None, federation=federation, audience="members")
    assert bulletins.waiting() == [tonan.pk]  # addressed, and not received yet
    with public():
        accepted.end(by="役員")
    bulletins.receive(tonan.pk)
    assert posts(tonan) == []
    with public():
        FederationMembership.objects.ask(federation, tonan, by="x").accept(by="役員")
    bulletins.receive(tonan.pk)
    assert posts(tonan) == [WORDS["title"]]  # they took it in again


def test_what_was_received_stays_is_corrected_and_counted_after_they_left(tell, tonan, officer, federation, accepted):
    bulletin = tell(city=None, federation=federation, audience="members")
    hand_out()
    with public():
        accepted.end(by="役員")
        bulletin.edit(by="連合会の役員", title="日が変わりました", body="11月です。")
    hand_out()
    assert posts(tonan) == ["日が変わりました"]
    with bound(tonan):
        Post.objects.get(source="federation").read_by(officer)
    with public():
        BulletinCopy.objects.update(counted_at=timezone.now() - timedelta(minutes=11))
    for uuid in bulletins.to_count():
        bulletins.count(uuid)
    assert copies()["tonan"].read_households == 1


def test_nothing_of_people_ever_goes_back(tell, tonan, officer, member, federation, accepted):
    """Whatever `public` holds after somebody has read it: counts and roles, no name, no contact, no household."""
    tell(city=None, federation=federation, audience="members")
    hand_out()
    with bound(tonan):
        for person in (officer, member):
            Post.objects.get(source="federation").read_by(person)
        words = {person.name for person in Member.objects.all()} | {home.name for home in Household.objects.all()}
        words |= {person.user.email for person in Member.objects.select_related("user") if person.user_id}
    with public():
        BulletinCopy.objects.update(counted_at=timezone.now() - timedelta(minutes=11))
    for uuid in bulletins.to_count():
        bulletins.count(uuid)
    with public():
        kept = [Bulletin, BulletinCopy, FederationMembership, Entry]
        told = " ".join(str(row) for model in kept for row in model.objects.values_list())
    assert "2" in str(copies()["tonan"].read_households)
    assert [word for word in words if word in told] == []


def test_each_is_told_of_once_and_again_when_nobody_came(tell, tonan, fujishiro):
    tell()
    first = bulletins.waiting()
    assert sorted(first) == sorted([tonan.pk, fujishiro.pk])
    assert bulletins.waiting() == []  # a worker has them
    bulletins.receive(tonan.pk)
    with public():  # the other one was killed, and its time is over
        BulletinCopy.objects.filter(due_at__isnull=False).update(due_at=timezone.now() - timedelta(seconds=1))
    assert bulletins.waiting() == [fujishiro.pk]
    bulletins.receive(fujishiro.pk)
    assert posts(tonan) == posts(fujishiro) == [WORDS["title"]]


def test_a_federation_chooses_among_its_members_and_nobody_else(tell, tonan, fujishiro, federation, accepted):
    with public():
        FederationMembership.objects.ask(federation, fujishiro, by="連合会の役員").accept(by="役員")
    tell(city=None, federation=federation, audience="members", chosen=[str(fujishiro.pk)])
    hand_out()
    assert (posts(tonan), posts(fujishiro)) == ([], [WORDS["title"]])


def test_a_federation_of_another_city_or_of_no_kind_asks_nobody(federation, tonan, fujishiro):
    with public():
        with pytest.raises(PermissionError):
            FederationMembership.objects.ask(tonan, fujishiro, by="x")
        with pytest.raises(ValidationError):
            FederationMembership.objects.ask(federation, federation, by="x")
        first = FederationMembership.objects.ask(federation, tonan, by="x")
        assert FederationMembership.objects.ask(federation, tonan, by="x") == first


def test_a_correction_and_a_withdrawal_follow_into_the_feed(tell, tonan, member):
    bulletin = tell()
    hand_out()
    with public():
        bulletin.edit(by="職員 1", title="場所が変わりました", body="2か所です。")
    hand_out()
    assert posts(tonan) == ["場所が変わりました"]
    with bound(tonan):
        assert Post.objects.get(source="city").edited_at
    with public():
        bulletin.withdraw(by="職員 1")
        with pytest.raises(ValidationError):
            bulletin.edit(by="職員 1", title="x", body="y")
    hand_out()
    assert posts(tonan) == []


def test_what_was_withdrawn_before_it_arrived_never_does(tell, tonan):
    bulletin = tell()
    with public():
        bulletin.withdraw(by="職員 1")
    hand_out()
    with bound(tonan):
        assert not Post.objects.filter(source="city").exists()


def test_a_suspended_site_gets_it_later(tell, tonan, fujishiro):
    with public():
        tonan.suspend(by="運営 1", reason="点検")
    tell()
    hand_out()
    bulletins.receive(tonan.pk)
    assert (posts(tonan), posts(fujishiro)) == ([], [WORDS["title"]])
    with public():
        tonan.resume(by="運営 1")
    hand_out()
    assert posts(tonan) == [WORDS["title"]]


def test_one_association_s_trouble_stops_nobody_and_is_tried_again(tell, tonan, fujishiro, monkeypatch):
    tell()
    real = bulletins.take_in

    def broken(*args, **said):
        if current_uuid() == tonan.pk:
            raise RuntimeError("disk full")
        return real(*args, **said)

    monkeypatch.setattr(bulletins, "take_in", broken)
    hand_out()
    assert (posts(tonan), posts(fujishiro)) == ([], [WORDS["title"]])
    waiting = copies()["tonan"]
    assert (waiting.tries, waiting.due_at > timezone.now(), waiting.received_at) == (1, True, None)
    monkeypatch.setattr(bulletins, "take_in", real)
    with public():
        BulletinCopy.objects.filter(pk=waiting.pk).update(due_at=timezone.now())
    hand_out()
    assert posts(tonan) == [WORDS["title"]]


def test_nobody_here_changes_removes_hides_or_answers_it(tell, tonan, officer, member):
    tell()
    hand_out()
    with bound(tonan):
        post = Post.objects.visible_to(officer).get(source="city")
        assert not Post.objects.changeable_by(officer).filter(pk=post.pk).exists()
        for act in (lambda: post.edit(by=officer, title="x"), lambda: post.remove(by=officer)):
            with pytest.raises(PermissionError):
                act()
        with pytest.raises(ValidationError):
            post.comment(by=member, body="x")


def test_households_come_back_as_counts(tell, tonan, officer, member):
    tell()
    hand_out()
    with bound(tonan):
        post = Post.objects.get(source="city")
        for person in (officer, member, Member.objects.get(pk=member.pk)):
            post.read_by(person)
    with public():
        BulletinCopy.objects.update(counted_at=timezone.now() - timedelta(minutes=11))
    for _time in range(2):
        for uuid in bulletins.to_count():
            bulletins.count(uuid)
    copy = copies()["tonan"]
    assert (copy.read_households, copy.households) == (2, 5)
    assert str(copy.reads) == "5未満"
    with public():
        assert bulletins.to_count() == []
        told = Bulletin.objects.with_counts().get()
    assert (told.sent, told.arrived, told.few, told.reads.value) == (2, 2, 1, None)


def test_officers_of_a_place_are_not_counted_out(tell, tonan, fujishiro):
    """Their households are few: neither each number nor the total says how many."""
    tell(officers_only=True)
    hand_out()
    assert [str(copy.homes) for copy in copies().values()] == ["5未満", "5未満"]
    with public():
        told = Bulletin.objects.with_counts().get()
    assert (told.households.value, told.few_homes) == (None, 2) or told.households.about


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"title": " "}, "title"),
        ({"title": "あ" * 121}, "title"),
        ({"body": ""}, "body"),
        ({"body": "あ" * 20_001}, "body"),
        ({"audience": "ward"}, "ward"),
        ({"audience": "federation"}, "to_federation"),
        ({"audience": "members"}, "audience"),
    ],
)
def test_what_makes_no_sense_is_said_beside_its_field(tell, wrong, field):
    with pytest.raises(ValidationError) as refused:
        tell(**wrong)
    assert list(refused.value.message_dict) == [field]
