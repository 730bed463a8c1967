"""Posts: who may write, who may see (one definition), seals, comments, reactions, the ledger."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from controlplane.audit.models import Entry
from controlplane.tenancy import bound
from tenants.communities.models import Community
from tenants.feed.models import Moderation, Post
from tenants.members.models import Act, Group, Household, Member, Seat


@pytest.fixture(autouse=True)
def at_home(tonan):
    with bound(tonan):
        yield


@pytest.fixture
def notice() -> Post:
    return Post.objects.get(title="清掃のお知らせ")


def titles(member) -> set[str]:
    return set(Post.objects.visible_to(member).values_list("title", flat=True))


def test_each_sees_what_is_meant_for_them(officer, leader, member, waiting):
    assert titles(officer) == {"清掃のお知らせ", "役員だけ", "へやの話"}
    assert titles(leader) == titles(member) == {"清掃のお知らせ"}
    assert titles(waiting) == set()


def test_a_group_s_post_stays_in_the_group(officer, leader, member):
    Post.write(by=leader, title="1組の話", audience="group", group=Group.objects.get(name="1組"))
    assert "1組の話" in titles(leader) & titles(officer)
    assert "1組の話" not in titles(member)


def test_a_seats_post_reaches_leaders_only(officer, leader, member):
    Post.write(by=officer, title="組長へ", audience="seats")
    assert "組長へ" in titles(leader)
    assert "組長へ" not in titles(member)


def test_a_community_s_post_stays_inside(member, leader):
    club = Community.objects.get(name="防災の会")
    Post.write(by=member, title="備蓄", audience="community", community=club)
    assert "備蓄" in titles(member)
    assert "備蓄" not in titles(leader)
    with pytest.raises(PermissionError):
        Post.write(by=leader, title="x", audience="community", community=club)


@pytest.mark.parametrize("audience", ["everyone", "officers", "seats"])
def test_plain_members_do_not_write_to_everyone(member, audience):
    with pytest.raises(PermissionError):
        Post.write(by=member, title="x", audience=audience)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"title": " "}, "title"),
        ({"audience": "group"}, "group"),
        ({"body": "あ" * 20_001}, "body"),
        ({"expires_at": timezone.now() - timedelta(days=1)}, "expires_at"),
    ],
)
def test_a_post_with_something_wrong_says_where(officer, fields, field):
    with pytest.raises(ValidationError) as refusal:
        Post.write(by=officer, **({"title": "題"} | fields))
    assert field in refusal.value.message_dict


def test_a_seat_one_does_not_hold_is_refused(officer):
    with pytest.raises(ValidationError):
        Post.write(by=officer, title="題", as_seat=Seat.objects.get(title="1組 組長"))


def test_scheduled_expired_and_withdrawn_posts_are_not_seen(officer, member):
    now = timezone.now()
    Post.write(by=officer, title="あした", publish_at=now + timedelta(days=1))
    Post.write(by=officer, title="きのうまで", publish_at=now - timedelta(days=2), expires_at=now - timedelta(days=1))
    Post.write(by=officer, title="取り下げ").remove(by=officer)
    assert not titles(member) & {"あした", "きのうまで", "取り下げ"}


def test_an_edit_keeps_what_was_said_before(officer, member, notice):
    notice.edit(by=officer, title="新しい題")
    assert Entry.objects.about(notice).get(verb="post.edit").data["before"]["title"] == "清掃のお知らせ"
    with pytest.raises(PermissionError):
        notice.edit(by=member, title="x")
    with pytest.raises(PermissionError):
        notice.remove(by=member)


def test_a_household_is_counted_once_however_many_read(notice, member, officer):
    from controlplane.accounts.models import User
    from tenants.members.models import Member

    family = Member.objects.register(
        User.objects.create(email="family@example.jp"), name="会員 1の家族", household=member.household
    )
    for reader in (member, member, family):
        notice.read_by(reader)
    notice.refresh_from_db()
    assert notice.read_households == 1
    assert notice.receipts.count() == 2
    assert Post.objects.for_reading(member).get(pk=notice.pk).read_at is not None
    assert Post.objects.for_reading(officer).get(pk=notice.pk).read_at is None


def test_comments_are_counted_and_can_be_closed(notice, member, officer, leader):
    comment = notice.comment(by=leader, body="手伝います")
    with pytest.raises(PermissionError):
        comment.remove(by=member)
    comment.remove(by=leader)
    comment.remove(by=leader)
    notice.refresh_from_db()
    assert notice.comment_count == 1
    notice.edit(by=officer, comments_open=False)
    with pytest.raises(ValidationError):
        notice.comment(by=member, body="x")


@pytest.mark.parametrize("body", ["", "  ", "あ" * 2001])
def test_an_empty_or_huge_comment_is_refused(notice, member, body):
    with pytest.raises(ValidationError):
        notice.comment(by=member, body=body)


def test_one_reaction_a_member_and_the_counts_follow(notice, member, leader):
    notice.react(member, "thanks")
    notice.react(leader, "thanks")
    notice.react(member, "help")
    assert notice.reaction_counts == {"thanks": 1, "help": 1}
    notice.react(member, None)
    assert notice.reaction_counts == {"thanks": 1}
    with pytest.raises(ValidationError):
        notice.react(member, "angry")


def test_search_wants_every_word(member):
    visible = Post.objects.visible_to(member)
    assert visible.search("清掃 桃南だけ").count() == 1
    assert visible.search("清掃 ない").count() == 0


def test_the_ledger_says_reached_paper_and_unknown(notice, member, officer, leader):
    notice.read_by(member)
    paper_home = Household.objects.get(name="紙の家")
    delivery = notice.delivery()
    delivery.hand_paper(paper_home, by=leader)
    with pytest.raises(PermissionError):
        delivery.hand_paper(paper_home, by=member)
    delivery = notice.delivery()
    assert list(delivery.reached()) == [member.household]
    assert list(delivery.paper()) == [paper_home]
    assert delivery.unknown().count() == delivery.figures["unknown"] == 3
    figures = {row["group_name"]: (row["reached"], row["paper"], row["unknown"]) for row in delivery.by_group()}
    assert figures == {"1組": (0, 1, 2), "2組": (1, 0, 1)}


def test_a_seats_post_is_counted_for_those_who_hold_a_seat_today(officer, leader, member):
    post = Post.write(by=officer, title="組長へ", audience="seats")
    later = timezone.localdate() + timedelta(days=30)
    Seat.objects.get(title="1組 組長").hand_over(member, by=officer, on=later)
    assert set(post.audience_households()) == {officer.household, leader.household}


def test_the_ledger_counts_only_the_audience(officer):
    post = Post.write(by=officer, title="1組へ", audience="group", group=Group.objects.get(name="1組"))
    assert {home.group.name for home in post.delivery().unknown()} == {"1組"}


def test_only_officers_pin(officer, member):
    club = Community.objects.get(name="防災の会")
    told = {"title": "備蓄", "audience": "community", "community": club}
    with pytest.raises(ValidationError) as refused:
        Post.write(by=member, pinned=True, **told)
    assert "pinned" in refused.value.message_dict
    post = Post.write(by=member, **told)
    with pytest.raises(ValidationError):
        post.edit(by=member, pinned=True)
    post = Post.write(by=officer, pinned=True, **told)
    post.edit(by=officer, body="水と米")
    assert Post.objects.get(pk=post.pk).pinned


def test_officers_put_no_words_into_a_member_s_mouth(officer, member):
    """What somebody says as themselves is theirs to change; officers hide it, with a reason."""
    club = Community.objects.get(name="防災の会")
    own = Post.write(by=member, title="備蓄", audience="community", community=club)
    for act in (lambda: own.edit(by=officer, title="x"), lambda: own.remove(by=officer)):
        with pytest.raises(PermissionError):
            act()
    own.edit(by=member, title="備蓄の話")
    assert Moderation.hide(own, by=officer, reason="まちがい")


def test_who_signed_a_post_stays_as_it_was_once_it_is_out(officer, member):
    """An officer who corrects a seat's notice may not make it the word of the person who wrote it."""
    chair, told = Seat.objects.get(kind="representative"), {"title": "清掃"}
    post = Post.write(by=officer, as_seat=chair, **told)
    for other in (None, Seat.objects.add(title="会計", kind="officer", by=officer)):
        with pytest.raises(ValidationError) as refused:
            post.edit(by=officer, as_seat=other)
        assert "as_seat" in refused.value.message_dict


def test_a_draft_does_not_go_out_under_a_seat_that_was_lost_meanwhile(officer, leader, member):
    seat = Seat.objects.get(title="1組 組長")
    group = seat.group
    draft = Post.write(by=leader, title="集金", as_seat=seat, audience="group", group=group, publish_at=None)
    seat.hand_over(member, by=officer)
    retired = Member.objects.with_seats().get(pk=leader.pk)
    with pytest.raises(PermissionError):
        draft.edit(by=retired, publish_at=timezone.now())
    Seat.objects.add(title="1組 副組長", kind="leader", group=group, by=officer).hand_over(leader, by=officer)
    with pytest.raises(ValidationError) as refused:
        draft.edit(by=Member.objects.with_seats().get(pk=leader.pk), publish_at=timezone.now())
    assert "as_seat" in refused.value.message_dict


def test_what_a_seat_said_is_out_of_the_hands_of_who_has_left_it(officer, leader, member):
    seat = Seat.objects.add(title="会計", kind="officer", by=officer)
    seat.hand_over(member, by=officer)
    treasurer = Member.objects.with_seats().get(pk=member.pk)
    post = Post.write(by=treasurer, title="会費", as_seat=seat)
    assert treasurer.may(Act.EDIT_POST, post)
    seat.hand_over(leader, by=officer)
    retired = Member.objects.with_seats().get(pk=member.pk)
    assert post not in Post.objects.changeable_by(retired)
    assert not retired.may(Act.EDIT_POST, post)
    with pytest.raises(PermissionError):
        post.remove(by=retired)
