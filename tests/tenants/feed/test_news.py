"""Telling people of posts: urgent ones at once, others as each wishes; one message a post and member; quiet nights."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db.models import DateTimeField, Value
from django.utils import timezone

from controlplane.dispatch.models import Wakeup
from controlplane.outbox.models import Message
from controlplane.tenancy import bound, public, unbound
from tenants.feed import news, tasks
from tenants.feed.models import Post, Receiving
from tenants.members.models import Member

TOKYO = ZoneInfo("Asia/Tokyo")
NOON = datetime(2027, 7, 8, 12, 0, tzinfo=TOKYO)
NIGHT = datetime(2027, 7, 8, 23, 30, tzinfo=TOKYO)
EVENING = datetime(2027, 7, 8, 18, 5, tzinfo=TOKYO)


@pytest.fixture(autouse=True)
def at_home(tonan):
    with bound(tonan):
        Post.objects.update(publish_at=NOON - timedelta(days=9), tell_at=None)
        yield


@pytest.fixture
def clock(monkeypatch):
    """What time it is, for all of the association's own reckoning."""

    def set_to(moment):
        monkeypatch.setattr(timezone, "now", lambda: moment)
        monkeypatch.setattr("tenants.feed.models.feeds.Now", lambda: Value(moment, DateTimeField()))

    return set_to


def told(words):
    return sorted(Message.objects.filter(subject__contains=words).values_list("to", flat=True))


def everybody(tonan, *without):
    return sorted(f"{who}@{tonan.slug}.example.jp" for who in ("officer", "leader", "member") if who not in without)


def test_urgent_news_reaches_everybody_in_its_audience_at_night_too(clock, tonan, officer, member):
    clock(NIGHT)
    Receiving.of(member).choose("none")
    post = Post.write(by=officer, kind="urgent", title="橋が通れません", publish_at=NIGHT)
    assert not news.tell_of(post.pk)
    assert told("橋が通れません") == everybody(tonan, "officer")


def test_a_second_delivery_tells_nobody_twice(clock, tonan, officer):
    clock(NOON)
    post = Post.write(by=officer, kind="urgent", title="停電です", publish_at=NOON)
    for _delivery in range(3):
        news.tell_of(post.pk)
    assert told("停電です") == everybody(tonan, "officer")
    post.edit(by=officer, title="停電です。なおりました")
    news.tell_of(post.pk)
    assert told("停電です") == everybody(tonan, "officer")


def test_many_are_told_in_batches_each_once(clock, tonan, officer, monkeypatch):
    clock(NOON)
    monkeypatch.setattr(news, "A_BATCH", 1)
    post = Post.write(by=officer, kind="urgent", title="断水です", publish_at=NOON)
    rounds = 0
    while news.tell_of(post.pk):
        rounds += 1
    assert rounds == 2
    assert told("断水です") == everybody(tonan, "officer")


@pytest.mark.parametrize("audience", ["everyone", "group", "seats", "officers", "community"])
def test_nobody_is_told_of_what_they_do_not_see(clock, tonan, cast, audience):
    clock(NOON)
    fields = {"group": {"group_id": 2}, "community": {"community_id": 1}}.get(audience, {})
    post = Post.write(by=cast.officer, kind="urgent", title="話", audience=audience, publish_at=NOON, **fields)
    news.tell_of(post.pk)
    seeing = [who for who in ("leader", "member") if post in Post.objects.visible_to(getattr(cast, who))]
    assert told("話") == sorted(f"{who}@tonan.example.jp" for who in seeing)


def test_other_news_goes_at_once_only_to_who_wants_that(clock, tonan, officer, member):
    clock(NOON)
    Receiving.of(member).choose("now")
    post = Post.write(by=officer, title="お茶会です", publish_at=NOON)
    news.tell_of(post.pk)
    assert told("お茶会です") == everybody(tonan, "officer", "leader")


def test_at_night_other_news_waits_for_the_morning(clock, officer, member):
    clock(NIGHT)
    Receiving.of(member).choose("now")
    post = Post.write(by=officer, title="朝のお茶会です", publish_at=NIGHT)
    post.refresh_from_db()
    assert post.tell_at == datetime(2027, 7, 9, 7, 0, tzinfo=TOKYO)
    news.tell_of(post.pk)
    assert not told("朝のお茶会です")
    clock(post.tell_at + timedelta(minutes=1))
    news.tell_of(post.pk)
    assert told("朝のお茶会です") == ["member@tonan.example.jp"]


@pytest.mark.parametrize(
    ("hour", "minute", "due"), [(6, 59, (8, 7)), (7, 0, (8, 7)), (20, 59, (8, 20)), (21, 0, (9, 7)), (0, 0, (8, 7))]
)
def test_the_night_goes_from_nine_to_seven(hour, minute, due):
    moment = NOON.replace(hour=hour, minute=minute)
    local = timezone.localtime(news.after_quiet(moment))
    assert (local.day, local.hour) == due


def test_what_was_withdrawn_before_its_time_is_told_to_nobody(clock, officer, member):
    clock(NOON)
    post = Post.write(by=officer, kind="urgent", title="まちがいです", publish_at=NOON)
    post.remove(by=officer)
    news.tell_of(post.pk)
    assert not told("まちがいです")


def test_a_scheduled_post_is_told_when_its_time_comes(clock, tonan, officer):
    clock(NOON)
    later = NOON + timedelta(hours=2)
    post = Post.write(by=officer, kind="urgent", title="あとの話", publish_at=later)
    news.tell_of(post.pk)
    assert not told("あとの話")
    with public():
        assert Wakeup.objects.filter(association=tonan.pk, due_at=later).exists()
    clock(later + timedelta(seconds=1))
    news.tell_of(post.pk)
    assert told("あとの話") == everybody(tonan, "officer")


def test_old_posts_brought_in_are_told_to_nobody(clock, officer):
    clock(NOON)
    post = Post.write(by=officer, kind="urgent", title="むかしの話", publish_at=NOON - timedelta(days=2))
    news.tell_of(post.pk)
    assert not told("むかしの話")


def test_the_day_s_mail_holds_what_is_new_and_unread_once(clock, tonan, officer, member):
    clock(NOON)
    read = Post.write(by=officer, title="読んだ話", publish_at=NOON)
    Post.write(by=officer, title="新しい話", publish_at=NOON)
    Post.write(by=officer, kind="urgent", title="緊急の話", publish_at=NOON)
    Post.write(by=officer, title="役員の話", audience="officers", publish_at=NOON)
    read.read_by(member)
    clock(EVENING)
    for _delivery in range(2):
        assert news.digest_from(0) is None
    [letter] = Message.objects.filter(to=member.user.email, subject__contains="新しいお知らせ")
    assert "新しい話" in letter.body
    for other in ("読んだ話", "緊急の話", "役員の話"):
        assert other not in letter.body
    assert not Message.objects.filter(to=officer.user.email).exists()
    clock(EVENING + timedelta(days=1))
    news.digest_from(0)
    assert Message.objects.filter(to=member.user.email).count() == 1


def test_who_wants_none_or_all_at_once_gets_no_daily_mail(clock, officer, leader, member):
    clock(NOON)
    Receiving.of(member).choose("none")
    Receiving.of(leader).choose("now")
    Post.write(by=officer, title="新しい話", publish_at=NOON + timedelta(minutes=1))
    clock(EVENING)
    news.digest_from(0)
    assert not told("新しいお知らせ")


def test_looking_around_finds_what_a_broker_forgot_and_says_when_to_come_again(clock, officer, member):
    clock(NOON)
    assert news.look() is None
    due = Post.write(by=officer, kind="urgent", title="忘れられた話", publish_at=NOON)
    later = Post.write(by=officer, title="あしたの話", publish_at=NOON + timedelta(days=1))
    assert news.look() == NOON + news.LOOK_AGAIN
    news.tell_of(due.pk)
    assert news.look() == later.publish_at
    clock(EVENING)
    today = Post.write(by=officer, title="きょうの話", publish_at=NOON)
    news.tell_of(today.pk)
    assert news.look() == EVENING + news.LOOK_AGAIN
    news.digest_from(0)
    clock(EVENING + timedelta(minutes=9))
    assert news.look() == later.publish_at


def test_the_beat_visits_who_has_something_to_tell_and_notes_when_to_come_again(tonan, officer, run_tasks):
    post = Post.write(by=officer, kind="urgent", title="水が出ません")
    with unbound(), run_tasks():
        tasks.tell_everywhere.apply(throw=True)
    assert told("水が出ません") == everybody(tonan, "officer")
    with public():
        mine = Wakeup.objects.filter(association=tonan.pk, purpose=news.NEWS)
        assert mine.exists()
        assert not mine.filter(due_at__lte=timezone.now()).exists()
    post.refresh_from_db()
    assert post.tell_at is None


def test_everybody_is_visited_once_before_the_evening_s_mail(tonan, fujishiro):
    with public():
        Wakeup.objects.all().delete()
    for _twice in range(2):
        tasks.visit_everybody.apply(throw=True)
    with public():
        assert set(Wakeup.objects.values_list("association", flat=True)) == {tonan.pk, fujishiro.pk}
        assert Wakeup.objects.count() == 2


def test_the_letter_carries_the_way_to_stop_it(clock, officer, member):
    clock(NOON)
    Receiving.of(member).choose("now")
    post = Post.write(by=officer, title="お茶会です", body="- お茶\n- お菓子", publish_at=NOON)
    news.tell_of(post.pk)
    body = Message.objects.get(to=member.user.email).body
    assert "・お茶\n・お菓子" in body
    assert Receiving.of(member).token in body
    assert "/news/stop/" in body


def test_a_token_opens_only_the_own_row(member, leader, fujishiro):
    token = Receiving.of(member).token
    assert Receiving.opened_by(token).member_id == member.pk
    assert Receiving.opened_by("x") is None
    Receiving.of(member).choose("now")
    Receiving.objects.filter(member=member).update(revision=2)
    assert Receiving.opened_by(token) is None
    with bound(fujishiro):
        assert Receiving.opened_by(token) is None


def test_readers_are_all_among_those_thought_of(cast, officer):
    for post in Post.objects.published():
        thought_of = set(post.audience_members().values_list("pk", flat=True))
        for member in Member.objects.admitted().with_seats().filter(user__isnull=False):
            if post in Post.objects.visible_to(member):
                assert member.pk in thought_of
