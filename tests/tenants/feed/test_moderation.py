"""Reports and hiding: who told stays with the officers, the author is told kindly, everything can be taken back."""

import pytest
from django.core.exceptions import ValidationError

from controlplane.outbox.models import Message
from controlplane.tenancy import bound
from tenants.feed.models import Comment, FeedRules, Moderation, Post


@pytest.fixture(autouse=True)
def at_home(tonan):
    with bound(tonan):
        yield


@pytest.fixture
def post(leader) -> Post:
    return Post.write(by=leader, title="1組の話", audience="group", group_id=1)


def test_a_comment_is_hidden_counted_out_and_shown_again(officer, leader, member):
    post = Post.objects.get(title="清掃のお知らせ")
    comment = post.comment(by=member, body="電話は075-000-0000です")
    count = Post.objects.get(pk=post.pk).comment_count
    hiding = Moderation.hide(comment, by=officer, reason="電話番号がありました")
    assert Moderation.hide(comment, by=officer, reason="もう一度") == hiding
    assert comment not in post.comments.shown()
    assert Post.objects.get(pk=post.pk).comment_count == count - 1
    hiding.take_back(by=officer)
    hiding.take_back(by=officer)
    assert comment in post.comments.shown()
    assert Post.objects.get(pk=post.pk).comment_count == count


def test_the_author_hears_why_and_not_from_whom(officer, leader, member):
    comment = Post.objects.get(title="清掃のお知らせ").comment(by=member, body="ひどいことば")
    Moderation.report(comment, by=leader, reason="ひどいです")
    Moderation.hide(comment, by=officer, reason="気持ちよく話したいので")
    letter = Message.objects.filter(to=member.user.email).latest("pk")
    assert "気持ちよく話したいので" in letter.body
    assert leader.name not in letter.body
    assert "ひどいです" not in letter.body
    assert not Moderation.objects.to_look_at()


def test_officers_get_one_letter_however_many_tell(officer, leader, member, post):
    notice = Post.objects.get(title="清掃のお知らせ")
    for person in (leader, member, member):
        Moderation.report(notice, by=person, reason="気になります")
    assert Moderation.objects.to_look_at().count() == 2
    assert Message.objects.filter(to=officer.user.email, subject__contains="見てほしい").count() == 1


def test_a_report_needs_a_reason(member):
    notice = Post.objects.get(title="清掃のお知らせ")
    for reason in (" ", "あ" * 501):
        with pytest.raises(ValidationError):
            Moderation.report(notice, by=member, reason=reason)


def test_members_do_not_hide_and_leaders_neither(leader, member, post):
    for person in (leader, member):
        with pytest.raises(PermissionError):
            Moderation.hide(post, by=person, reason="x")


def test_an_officer_may_leave_a_report_as_it_is(officer, leader, post):
    told = Moderation.report(post, by=leader, reason="どうでしょう")
    with pytest.raises(PermissionError):
        told.take_back(by=leader)
    told.take_back(by=officer)
    assert not Moderation.objects.to_look_at()
    assert post in Post.objects.visible_to(leader)


def test_the_reason_of_a_report_goes_with_the_person(officer, member):
    notice = Post.objects.get(title="清掃のお知らせ")
    told = Moderation.report(notice, by=member, reason="わたしのわけ")
    member.erase(by=officer)
    assert "わたしのわけ" not in Moderation.objects.get(pk=told.pk).reason


def test_officers_close_comments_and_reactions_for_all(officer, leader, member):
    notice = Post.objects.get(title="清掃のお知らせ")
    with pytest.raises(PermissionError):
        FeedRules.lay_down(by=leader, comments=False, reactions=False)
    FeedRules.lay_down(by=officer, comments=False, reactions=False)
    FeedRules.lay_down(by=officer, comments=False, reactions=False)
    assert FeedRules.objects.count() == 1
    with pytest.raises(ValidationError):
        notice.comment(by=member, body="x")
    with pytest.raises(ValidationError):
        notice.react(member, "thanks")
    FeedRules.lay_down(by=officer, comments=True, reactions=True)
    notice.comment(by=member, body="また書けます")
    notice.react(member, "thanks")
    assert Comment.objects.filter(body="また書けます").exists()


def test_a_post_may_go_without_reactions(officer, member):
    post = Post.write(by=officer, title="静かな話", reactions_open=False)
    with pytest.raises(ValidationError):
        post.react(member, "thanks")
    post.react(member, None)
