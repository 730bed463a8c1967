"""Calling people in a comment, by seat or by name; only those who see the post hear of it."""

import pytest

from controlplane.outbox.models import Message
from controlplane.tenancy import bound
from tenants.feed.mentions import called
from tenants.feed.models import Post
from tenants.members.models import Member


@pytest.fixture(autouse=True)
def at_home(tonan):
    with bound(tonan):
        yield


@pytest.fixture
def named(officer, leader, member):
    for person, name in ((officer, "山本 太郎"), (leader, "山本田 花子"), (member, "佐藤")):
        Member.objects.filter(pk=person.pk).update(name=name)


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("@会長 お願いします", ["officer"]),
        ("＠1組 組長、@1組組長", ["leader"]),
        ("@山本さんへ", ["officer"]),
        ("@山本田さんへ", ["leader"]),
        ("@山本 太郎さん @佐藤さん", ["officer", "member"]),
        ("@佐藤です", []),
        ("佐藤さん", []),
        ("mail@example.jp", []),
        ("@", []),
        ("@" * 2000, []),
        ("@さん", []),
    ],
)
def test_seats_and_names_after_an_at_sign_are_people(named, cast, text, who):
    assert {person.pk for person in called(text)} == {getattr(cast, name).pk for name in who}


def test_who_is_called_gets_one_letter_with_the_way_there(leader, member):
    post = Post.objects.get(title="清掃のお知らせ")
    post.comment(by=member, body="@1組 組長 さん、@1組 組長 、ほうきはありますか")
    letters = Message.objects.filter(to=leader.user.email, subject__contains="呼びかけ")
    assert letters.count() == 1
    assert f"/posts/{post.pk}/#comment-" in letters.get().body


def test_nobody_is_called_to_what_they_do_not_see_and_not_by_themselves(officer, leader):
    inside = Post.objects.get(title="役員だけ")
    inside.comment(by=officer, body="@1組 組長 @会長")
    assert not Message.objects.filter(subject__contains="呼びかけ").exists()
