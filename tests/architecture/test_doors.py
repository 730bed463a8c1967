"""One definition of who sees what: whatever an object is like, every door shows it to the same people.

The truth is the model's own `visible_to`; the doors are pages, API, search, paper, files, mails, calendars and export.
"""

from datetime import timedelta

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from controlplane.accounts.models import ApiToken
from controlplane.outbox.models import Message
from controlplane.tenancy import bound
from tenants.calendar.models import Event
from tenants.communities.models import Community
from tenants.feed import news
from tenants.feed.models import Attachment, Post
from tenants.feed.models.indexing import index
from tenants.members.models import Group, Member
from tests.architecture.conftest import ROLES, VisitorFrom, host_of

MARK = "目じるしの話"
DAY = timedelta(days=1)
SITE = host_of("tonan")
MOMENTS = {
    "published": {"publish_at": -DAY},
    "scheduled": {"publish_at": DAY},
    "expired": {"publish_at": -2 * DAY, "expires_at": -DAY},
    "withdrawn": {"publish_at": -DAY, "withdrawn_at": -DAY / 2},
    "draft": {"publish_at": None},
}
EDITORS = ("file", "API")  # who may change a post sees it by these two before others do
WHERE = ("everyone", "1組", "2組", "防災の会", "役員のへや", "seats", "officers")
MANY = settings(
    max_examples=35,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],  # what fails is said as it is: each try is forty requests
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture
def doors(tonan, visitor_from: VisitorFrom):
    """(member, browser, program) for every role."""
    people = []
    for role in ROLES:
        visitor = visitor_from("tonan", role)
        browser = Client(HTTP_HOST=SITE)
        browser.cookies = visitor.cookies
        with bound(tonan):
            member = _member(visitor.token)
        people.append((member, browser, Client(HTTP_HOST=SITE, HTTP_AUTHORIZATION=f"Token {visitor.token}")))
    return people


def _member(token):
    return Member.objects.for_user(ApiToken.objects.alive(token).user)


@given(where=st.sampled_from(WHERE), moment=st.sampled_from(sorted(MOMENTS)), kind=st.sampled_from(Post.Kind.values))
@MANY
def test_every_door_shows_a_post_to_the_same_people(tonan, cast, doors, where, moment, kind):
    with transaction.atomic():
        with bound(tonan):
            post, photo = _post(cast.officer, where, moment, kind)
            posts = Post.objects.filter(pk=post.pk)
            truth = {m.pk: posts.visible_to(m).exists() for m, _b, _p in doors}
            editing = {m.pk: posts.looked_after_by(m).exists() for m, _b, _p in doors}
        wrong = []
        for member, browser, program in doors:
            for door, shown in _post_doors(browser, program, post, photo):
                if shown != (truth[member.pk] or (door in EDITORS and editing[member.pk])):
                    wrong.append(f"{where}, {moment}: {door} of {member.name}: {shown}")
        transaction.set_rollback(True)
    assert wrong == []


def _post(author, where, moment, kind):
    now = timezone.now()
    when = {name: delta and now + delta for name, delta in MOMENTS[moment].items()}
    post = Post.objects.create(title=MARK, body=MARK, author=author, kind=kind, **_audience(where), **when)
    photo = Attachment.objects.create(
        owner=author,
        post=post,
        kind="photo",
        name="a.webp",
        content_type="image/webp",
        size=1,
        width=1,
        height=1,
        key="k",
    )
    index(post)
    return post, photo


def _audience(where):
    if where in ("everyone", "seats", "officers"):
        return {"audience": where}
    if where.endswith("組"):
        return {"audience": "group", "group": Group.objects.get(name=where)}
    return {"audience": "community", "community": Community.objects.get(name=where)}


def _post_doors(browser, program, post, photo):
    """(door, whether it shows the post)."""
    for door, path in {
        "page": f"/posts/{post.pk}/",
        "album": f"/posts/{post.pk}/photos/",
        "paper": f"/posts/{post.pk}/paper/",
        "paper as PDF": f"/posts/{post.pk}/paper.pdf",
    }.items():
        yield door, browser.get(path).status_code == 200
    file = browser.get(f"/attachments/{photo.pk}/")
    yield "file", file.status_code == 302 and "X-Amz-Signature" in file["Location"]
    feed = f"/communities/{post.community_id}/" if post.community_id else "/"
    yield "search", f'href="/posts/{post.pk}/' in browser.get(f"/search/?q={MARK[:2]}").content.decode()
    found = program.get(f"/api/v1/search/?q={MARK[:2]}")
    yield "API's search", found.status_code == 200 and bool(found.json()["results"])
    yield "list", MARK in browser.get(feed).content.decode()
    yield "API", program.get(f"/api/v1/posts/{post.pk}/").status_code == 200
    yield "API's comments", program.get(f"/api/v1/posts/{post.pk}/comments/").status_code == 200
    for door, query in {"first page": "", "list": "?page_size=100", "search": f"?q={MARK[:3]}"}.items():
        found = program.get(f"/api/v1/posts/{query}")
        yield f"API's {door}", found.status_code == 200 and post.pk in [each["id"] for each in found.json()["results"]]


@given(where=st.sampled_from(WHERE), kind=st.sampled_from(["urgent", "notice"]))
@settings(MANY, max_examples=14)
def test_mail_goes_to_nobody_who_does_not_see_the_post(tonan, cast, doors, run_tasks, where, kind):
    with transaction.atomic():
        with bound(tonan):
            post, _photo = _post(cast.officer, where, "published", kind)
            news.plan(post)
            Post.objects.filter(pk=post.pk).update(tell_at=timezone.now())
            while news.tell_of(post.pk):
                pass
            told = set(Message.objects.filter(body__contains=MARK).values_list("to", flat=True))
            blind = {
                member.user.email
                for member, _browser, _program in doors
                if not Post.objects.filter(pk=post.pk).visible_to(member).exists()
            }
            seeing = {m.user.email for m, _b, _p in doors} - blind - {cast.officer.user.email}
        transaction.set_rollback(True)
    assert told & blind == set()
    if kind == "urgent":
        assert told >= seeing


@given(where=st.sampled_from(["everyone", "防災の会", "役員のへや", "officers"]), cancelled=st.booleans())
@settings(MANY, max_examples=10)
def test_every_door_shows_an_event_to_the_same_people(tonan, cast, doors, where, cancelled):
    with transaction.atomic():
        with bound(tonan):
            event = _event(cast.officer, where, cancelled)
            truth = {m.pk: Event.objects.filter(pk=event.pk).visible_to(m).exists() for m, _b, _p in doors}
        wrong = [
            f"{door} of {member.name}: {shown}"
            for member, browser, program in doors
            for door, shown in _event_doors(browser, program, event)
            if shown != truth[member.pk]
        ]
        transaction.set_rollback(True)
    assert wrong == []


def _event(author, where, cancelled):
    start = timezone.now() + DAY
    return Event.objects.create(
        title=MARK,
        description=MARK,
        author=author,
        starts_at=start,
        ends_at=start + DAY / 24,
        cancelled_at=timezone.now() if cancelled else None,
        **_audience(where),
    )


def _event_doors(browser, program, event):
    yield "page", browser.get(f"/calendar/{event.pk}/").status_code == 200
    yield "file", browser.get(f"/calendar/{event.pk}/event.ics").status_code == 200
    yield "list", MARK in browser.get("/calendar/").content.decode()
    yield "API", program.get(f"/api/v1/events/{event.pk}/").status_code == 200
    listed = program.get("/api/v1/events/")
    yield "API's list", listed.status_code == 200 and MARK in listed.content.decode()


def test_the_export_of_everything_is_for_the_representative_alone(doors):
    for member, browser, _program in doors:
        assert (browser.get("/menu/archive/").status_code == 200) == member.is_representative
