"""Drafts, corrections with what was said before, two people correcting at once, withdrawing and bringing back."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from controlplane.tenancy import bound
from controlplane.versioned import EditedMeanwhile
from tenants.feed.models import Moderation, Post, PostVersion
from tenants.feed.models.posts import UNDO_FOR
from tenants.members.models import Member


@pytest.fixture(autouse=True)
def at_home(tonan):
    with bound(tonan):
        yield


@pytest.fixture
def notice(officer) -> Post:
    return Post.write(by=officer, title="夏まつり", body="8月1日です")


def seen(member):
    return list(Post.objects.visible_to(member).values_list("title", flat=True))


def test_a_draft_is_its_writer_s_alone(officer, leader, member):
    draft = Post.write(by=leader, title="", audience="group", group_id=1, publish_at=None)
    for person in (officer, leader, member):
        assert draft.title not in seen(person)
    assert list(Post.objects.drafts_of(leader)) == [draft]
    assert not Post.objects.drafts_of(officer)
    assert draft not in Post.objects.changeable_by(officer)
    with pytest.raises(PermissionError):
        draft.edit(by=officer, title="書きかえ")
    assert str(draft) == "（題名なし）"


def test_a_draft_goes_out_when_it_gets_its_time(officer, member):
    draft = Post.write(by=officer, title="書きかけ", publish_at=None)
    draft.edit(by=officer, title="できました", publish_at=timezone.now())
    assert "できました" in seen(member)
    assert draft.edited_at is None
    assert not draft.versions.exists()


def test_a_draft_without_a_title_does_not_go_out(officer):
    draft = Post.write(by=officer, title="", publish_at=None)
    with pytest.raises(ValidationError) as refusal:
        draft.edit(by=officer, publish_at=timezone.now())
    assert "title" in refusal.value.message_dict
    draft.refresh_from_db()
    assert draft.is_draft


def test_a_draft_for_somebody_one_may_not_write_to_is_refused(member):
    with pytest.raises(PermissionError):
        Post.write(by=member, title="x", publish_at=None)


def test_each_correction_keeps_what_was_said_before(officer, leader, notice):
    notice.edit(by=officer, body="8月2日です", version=1)
    notice.edit(by=officer, title="秋まつり", version=2)
    assert list(notice.versions.order_by("number").values_list("number", "title", "body")) == [
        (1, "夏まつり", "8月1日です"),
        (2, "夏まつり", "8月2日です"),
    ]
    first = PostVersion.objects.get(post=notice, number=1)
    assert (first.by, first.told["to"], first.told["kind"]) == (officer, "全世帯", "お知らせ")
    assert notice.version == 3
    assert notice.edited_at


def test_the_second_of_two_is_told_and_changes_nothing(officer, notice):
    other = Post.objects.get(pk=notice.pk)
    other.edit(by=officer, body="先に", version=1)
    with pytest.raises(EditedMeanwhile) as refusal:
        notice.edit(by=officer, body="あとから", version=1)
    assert refusal.value.now.body == "先に"
    assert Post.objects.get(pk=notice.pk).body == "先に"
    Post.objects.get(pk=notice.pk).edit(by=officer, body="あとから", version=2)
    assert Post.objects.get(pk=notice.pk).body == "あとから"


def test_an_edit_of_one_field_leaves_what_others_wrote_in_another(officer, notice):
    stale = Post.objects.get(pk=notice.pk)
    notice.edit(by=officer, body="新しい本文")
    stale.edit(by=officer, pinned=True)
    now = Post.objects.get(pk=notice.pk)
    assert (now.body, now.pinned, now.version) == ("新しい本文", True, 3)


def test_what_was_withdrawn_comes_back_with_everything(officer, member, notice):
    notice.comment(by=member, body="行きます")
    notice.remove(by=officer, reason="日にちのまちがい")
    assert "夏まつり" not in seen(member)
    assert list(Post.objects.withdrawn_for(officer)) == [notice]
    assert not Post.objects.withdrawn_for(member)
    assert Post.objects.get(pk=notice.pk).withdrawn_reason == "日にちのまちがい"
    notice.restore(by=officer)
    assert "夏まつり" in seen(member)
    assert notice.comments.count() == 1


def test_after_thirty_days_it_stays_away(officer, notice):
    notice.remove(by=officer)
    Post.objects.filter(pk=notice.pk).update(withdrawn_at=timezone.now() - UNDO_FOR - timedelta(minutes=1))
    notice.restore(by=officer)
    assert Post.objects.get(pk=notice.pk).withdrawn_at
    assert not Post.objects.withdrawn_for(officer)


def test_withdrawing_twice_keeps_the_first_reason(officer, notice):
    notice.remove(by=officer, reason="はじめのわけ")
    Post.objects.get(pk=notice.pk).remove(by=officer, reason="あとのわけ")
    assert Post.objects.get(pk=notice.pk).withdrawn_reason == "はじめのわけ"
    with pytest.raises(ValidationError):
        notice.remove(by=officer, reason="あ" * 201)


def test_only_who_may_change_it_withdraws_or_restores(officer, member, notice):
    with pytest.raises(PermissionError):
        notice.remove(by=member)
    notice.remove(by=officer)
    with pytest.raises(PermissionError):
        notice.restore(by=member)


def test_the_author_does_not_bring_back_what_officers_hid(officer, leader):
    post = Post.write(by=leader, title="組の話", audience="group", group_id=1)
    Moderation.hide(post, by=officer, reason="電話番号がありました")
    with pytest.raises(ValidationError):
        post.restore(by=leader)
    Moderation.objects.hiding(post).get().take_back(by=officer)
    assert "組の話" in seen(leader)


def test_erasing_takes_what_was_said_before_along(officer, leader):
    post = Post.write(by=leader, title="わたしの話", audience="group", group_id=1)
    post.edit(by=leader, title="なおした話")
    leader.erase(by=officer)
    assert not PostVersion.objects.filter(post=post).exists()


def test_who_only_looks_on_sees_nothing_withdrawn(officer, notice):
    notice.remove(by=officer)
    assert notice in Post.objects.withdrawn_for(officer)
    assert not Post.objects.withdrawn_for(Member.visitor("運営"))
